//! The ends of windows. They are in the store, so that a relay that was down ends what is overdue as soon as it is up.

use super::log::Log;
use super::store::{Ending, Store};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Tag;
use service::expire::Expire;
use service::port::{Answer, ScheduleEnd};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The longest that the clock sleeps: a machine may sleep as well, and its clock may be set.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// How long it waits when the store did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What ends requests.
#[derive(Clone)]
pub struct Clock {
    store: Store,
    log: Log,
    scheduled: Arc<Notify>,
}

impl ScheduleEnd for Clock {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Answer<()> {
        self.store.remember_ending(&Ending { request: request.clone(), tag: tag.clone(), at })?;
        self.scheduled.notify_one();
        Ok(())
    }
}

impl Clock {
    /// The clock of a store.
    pub fn new(store: Store, log: Log) -> Self {
        Self { store, log, scheduled: Arc::new(Notify::new()) }
    }

    /// Ends every request at its time, for ever.
    pub(super) async fn run(&self, expire: Expire<Store, Store>) {
        loop {
            let started = Instant::now();
            let sleep = match self.end_due(&expire).await {
                Ok(sleep) => sleep,
                Err(unanswered) => {
                    self.log.trouble("expire", &unanswered, started);
                    PAUSE
                }
            };
            // Whatever wakes it, it looks at the store anew; running out of time is the usual case.
            let _ = tokio::time::timeout(sleep, self.scheduled.notified()).await;
        }
    }

    /// Ends what is due and says how long the next end is away.
    async fn end_due(&self, expire: &Expire<Store, Store>) -> Answer<Duration> {
        self.store.sweep_statuses(Timestamp::now())?;
        let mut has_ended = false;
        let sleep = loop {
            let Some(next) = self.store.next_ending()? else { break LONGEST_SLEEP };
            let wait = Timestamp::now().duration_until(next.at);
            if wait.is_positive() {
                break wait.unsigned_abs().min(LONGEST_SLEEP);
            }
            let started = Instant::now();
            let ended = expire.end(&next.tag, &next.request, Timestamp::now()).await?;
            self.store.forget_ending(&next.request)?;
            self.log.decision("expire", "ended", Some(ended.end.word()), started);
            has_ended = true;
        };
        if has_ended {
            self.store.fold_log()?;
        }
        Ok(sleep)
    }
}
