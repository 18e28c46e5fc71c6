//! Expire: a request's window has ended. Its code is erased, and its status says so.

use crate::decision::{Decision, Metric};
use crate::ports::{RequestStore, StatusStore, Unavailable};
use crate::transition::{Transition, transition};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::request::Request;
use relay::secret::Tag;
use relay::status::{End, Status};

/// The job and the ports it uses.
pub struct Expire<T, S> {
    /// Requests.
    pub table: T,
    /// Status documents.
    pub statuses: S,
}

/// The end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Why it ended.
    pub end: End,
    /// Which run ended it.
    pub by: By,
}

/// Which run ended a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// This one, and whether the request was [overdue](Request::is_overdue) by then.
    ThisRun {
        /// Whether it was.
        overdue: bool,
    },
    /// An earlier run, a newer request or a revocation.
    Another,
}

impl<T: RequestStore, S: StatusStore> Expire<T, S> {
    /// Ends a request and publishes its last status. Idempotent.
    ///
    /// The caller is the clock: the request ends whether or not `now` is after its window.
    ///
    /// # Errors
    /// The store did not answer; run it again.
    pub async fn end(&self, tag: &Tag, id: &RequestId, now: Timestamp) -> Result<Ended, Unavailable> {
        let read = self.table.requests(tag).await?;
        let Transition { now: requests, before } =
            transition(&self.table, tag, read, |read| Some(read.closed(id)?.settled(now))).await?;
        let by = match before.as_ref().and_then(|before| before.get(id)) {
            Some(open) => By::ThisRun { overdue: open.is_overdue(now) },
            None => By::Another,
        };
        // A request that is not in the record any more ended long ago, or gave way to many newer ones.
        let gone = if requests.iter().next().is_some() { End::Superseded } else { End::TimedOut };
        let request = requests.get(id);
        let end = request.and_then(|request| request.end).unwrap_or(gone);
        let status = request.and_then(Request::ended).unwrap_or_else(|| Status::ended(end));
        self.statuses.publish(id, &status).await?;
        Ok(Ended { end, by })
    }
}

/// Only the run that ends a request counts it: the same event may come again.
impl From<&Ended> for Decision {
    fn from(ended: &Ended) -> Self {
        let decision = Self::new("expire", "ended").because(ended.end.word());
        let By::ThisRun { overdue } = ended.by else { return decision };
        let timed_out = (ended.end == End::TimedOut).then_some(Metric::TimedOut);
        decision.counting(timed_out.into_iter().chain(overdue.then_some(Metric::PendingPastEnd)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Relay;

    #[test]
    fn only_the_run_that_ends_a_request_says_so() {
        let mut relay = Relay::new();
        let first = relay.open(0).expect("a request");
        relay.wait(301);
        let ended = |end, by| Ok(vec![Ended { end, by }]);
        assert_eq!(relay.end_windows(), ended(End::TimedOut, By::ThisRun { overdue: false }));
        assert_eq!(relay.end_windows(), ended(End::TimedOut, By::Another), "the same event again");

        relay.memory.stored().scheduled.clear();
        relay.open(0).expect("a request");
        assert_eq!(relay.status(&first), "timed_out");
        relay.wait(421);
        assert_eq!(relay.end_windows(), ended(End::TimedOut, By::ThisRun { overdue: true }));
    }

    #[test]
    fn a_superseded_request_was_ended_by_another() {
        let mut relay = Relay::new();
        relay.open(0).expect("a request");
        relay.wait(5);
        relay.open(0).expect("a request");
        relay.wait(295);
        assert_eq!(relay.end_windows(), Ok(vec![Ended { end: End::Superseded, by: By::Another }]));
    }

    #[test]
    fn a_window_that_ends_counts_once() {
        let ended = |end, by| Decision::from(&Ended { end, by }).metrics;
        assert_eq!(ended(End::TimedOut, By::ThisRun { overdue: false }), [Metric::TimedOut]);
        assert_eq!(ended(End::Expired, By::ThisRun { overdue: true }), [Metric::PendingPastEnd]);
        assert_eq!(ended(End::TimedOut, By::Another), []);
    }
}
