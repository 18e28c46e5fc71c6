//! Expire: a request's window has ended. Its code is erased, and its status says so.

use crate::advance::{Advanced, advance};
use crate::port::{Answer, PublishStatus, StepRequest};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::request::State;
use relay::secret::Tag;
use relay::status::{End, Status};

/// The job and what it needs.
pub struct Expire<T, B> {
    /// Requests.
    pub table: T,
    /// Status documents.
    pub statuses: B,
}

/// How a request ended, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its end.
    pub end: End,
    /// Who brought it about.
    pub by: By,
}

/// Who ended a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// This run, and whether the request was [overdue](relay::request::Request::is_overdue) by then.
    ThisRun {
        /// It was.
        overdue: bool,
    },
    /// An earlier run, a newer request or a revocation.
    Another,
}

impl<T: StepRequest, B: PublishStatus> Expire<T, B> {
    /// Ends a request and puts its last status. Being run again changes nothing.
    ///
    /// Who calls it is the clock: it ends the request whether or not its window is over.
    ///
    /// # Errors
    /// The store or the status did not answer; run it again.
    pub async fn end(&self, tag: &Tag, id: &RequestId, now: Timestamp) -> Answer<Ended> {
        let current = advance(&self.table, tag, |request| {
            let is_open = request.id == *id && !matches!(request.state(), State::Ended(_));
            is_open.then(|| request.close())
        })
        .await?;
        let by = match current.as_ref().and_then(|current| current.before.as_ref()) {
            Some(open) => By::ThisRun { overdue: open.is_overdue(now) },
            None => By::Another,
        };
        let (end, status) = match current {
            // Long gone: only a retry hours later finds nothing.
            None => (End::TimedOut, Status::ended(End::TimedOut)),
            Some(Advanced { now: request, .. }) if request.id == *id => {
                (request.end.unwrap_or(End::TimedOut), request.ended().unwrap_or(Status::ended(End::TimedOut)))
            }
            Some(Advanced { now: newer, .. }) => (newer.end_of_replaced(id), Status::ended(newer.end_of_replaced(id))),
        };
        self.statuses.publish(id, &status).await?;
        Ok(Ended { end, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::Household;

    #[test]
    fn only_the_run_that_ends_a_request_says_so() {
        let mut household = Household::new();
        let first = household.open(0).expect("a request");
        household.wait(301);
        let ended = |end, by| Ok(vec![Ended { end, by }]);
        assert_eq!(household.end_windows(), ended(End::TimedOut, By::ThisRun { overdue: false }));
        assert_eq!(household.end_windows(), ended(End::TimedOut, By::Another), "the same event again");

        household.memory.stored().scheduled.clear();
        household.open(0).expect("a request");
        assert_eq!(household.status(&first), "timed_out");
        household.wait(421);
        assert_eq!(household.end_windows(), ended(End::TimedOut, By::ThisRun { overdue: true }));
    }

    #[test]
    fn a_request_that_gave_way_was_ended_by_another() {
        let mut household = Household::new();
        household.open(0).expect("a request");
        household.wait(5);
        household.open(0).expect("a request");
        household.wait(295);
        assert_eq!(household.end_windows(), Ok(vec![Ended { end: End::Superseded, by: By::Another }]));
    }
}
