//! Closes each request when its window ends.
//!
//! The due times are in the store, so that a relay that was down closes overdue requests as soon as it starts.

use crate::log::Log;
use crate::now::{self, now};
use crate::store::{ScheduledEnd, Store};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Tag;
use service::Decision;
use service::expire::Expire;
use service::ports::{Schedule, Unavailable};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Upper limit of one sleep: the machine may be suspended meanwhile, or its clock set.
const MAX_SLEEP: Duration = Duration::from_secs(5);

/// Delay before a retry if the store did not answer.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Schedules and closes the requests of one store.
#[derive(Clone)]
pub(crate) struct Clock {
    store: Store,
    log: Log,
    scheduled: Arc<Notify>,
}

impl Schedule for Clock {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Result<(), Unavailable> {
        self.store.schedule_end(&ScheduledEnd { request: request.clone(), tag: tag.clone(), at })?;
        self.scheduled.notify_one();
        Ok(())
    }
}

impl Clock {
    /// A clock for the requests in `store`.
    pub(crate) fn new(store: Store, log: Log) -> Self {
        Self { store, log, scheduled: Arc::new(Notify::new()) }
    }

    /// Closes every request at its due time. Never returns.
    pub(crate) async fn run(&self, expire: Expire<Store, Store>) {
        loop {
            let started = Instant::now();
            let done = match self.correct_time() {
                Ok(()) => self.close_due(&expire).await,
                Err(unavailable) => Err(unavailable),
            };
            let sleep = match done {
                Ok(sleep) => sleep,
                Err(unavailable) => {
                    self.log.write(&Decision::unavailable("expire", &unavailable), started);
                    RETRY_DELAY
                }
            };
            // Both outcomes mean the same: look at the store again.
            let _ = tokio::time::timeout(sleep, self.scheduled.notified()).await;
        }
    }

    /// Ends what was opened while the machine's clock was ahead.
    ///
    /// # Errors
    /// The store did not answer.
    pub(crate) fn end_future(&self, now: Timestamp) -> Result<(), Unavailable> {
        let started = Instant::now();
        if self.store.end_requests_opened_after(now)? {
            self.log.write(&Decision::new("expire", "ended").because("opened_in_the_future"), started);
        }
        Ok(())
    }

    /// Sets the relay's time back if it was ahead.
    fn correct_time(&self) -> Result<(), Unavailable> {
        if let Some(earlier) = now::wrong_since() {
            self.end_future(earlier)?;
            now::go_back(earlier);
        }
        Ok(())
    }

    /// Closes the requests that are due. Returns the time until the next one, at most [`MAX_SLEEP`].
    async fn close_due(&self, expire: &Expire<Store, Store>) -> Result<Duration, Unavailable> {
        self.store.delete_expired_statuses(now())?;
        self.store.delete_expired_confirmations(now())?;
        let mut has_closed = false;
        let sleep = loop {
            let Some(next) = self.store.next_scheduled_end()? else { break MAX_SLEEP };
            let wait = now().duration_until(next.at);
            if wait.is_positive() {
                break wait.unsigned_abs().min(MAX_SLEEP);
            }
            let started = Instant::now();
            let ended = expire.end(&next.tag, &next.request, now()).await?;
            self.log.write(&Decision::from(&ended), started);
            self.store.delete_scheduled_end(&next.request)?;
            has_closed = true;
        };
        if has_closed {
            self.store.delete_orphans()?;
            self.store.checkpoint()?;
        }
        Ok(sleep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use relay::id::ProgramId;
    use relay::provider::Provider;
    use relay::request::Request;
    use service::ports::RequestStore;

    /// Changes the time of this process, as its only test that does.
    #[tokio::test]
    async fn a_clock_that_was_ahead_locks_nobody_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("relay.db"), true, &Log::Discard).expect("a store");
        let clock = Clock::new(store.clone(), Log::Discard);
        let tag = Tag::from_random([1; 10]);
        let arlo = Provider::named("arlo").expect("a provider");
        let open = async |id: u8| {
            let request =
                Request::open(RequestId::from_random([id; 16]), ProgramId::from_random([1; 4]), arlo, now(), 300);
            store.open_request(&tag, &request).await.expect("written").settled(now())
        };
        now::go_back(Timestamp::now() + SignedDuration::from_hours(2));
        open(1).await;
        assert!(now().duration_until(Timestamp::now()) < SignedDuration::from_hours(-1));

        clock.correct_time().expect("corrected");
        assert!(now().duration_until(Timestamp::now()).abs() < SignedDuration::from_secs(5));
        let requests = open(2).await;
        let open: Vec<_> = requests.iter().filter(|request| request.end.is_none()).map(|request| &request.id).collect();
        assert_eq!(open, [&RequestId::from_random([2; 16])]);
    }
}
