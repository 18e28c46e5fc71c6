//! Closes each request when its window ends.
//!
//! The due times are in the store, so that a relay that was down closes overdue requests as soon as it starts.

use crate::log::Log;
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
const MAX_SLEEP: Duration = Duration::from_secs(30);

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
            let sleep = match self.close_due(&expire).await {
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

    /// Closes the requests that are due. Returns the time until the next one, at most [`MAX_SLEEP`].
    async fn close_due(&self, expire: &Expire<Store, Store>) -> Result<Duration, Unavailable> {
        self.store.delete_expired_statuses(Timestamp::now())?;
        let mut has_closed = false;
        let sleep = loop {
            let Some(next) = self.store.next_scheduled_end()? else { break MAX_SLEEP };
            let wait = Timestamp::now().duration_until(next.at);
            if wait.is_positive() {
                break wait.unsigned_abs().min(MAX_SLEEP);
            }
            let started = Instant::now();
            let ended = expire.end(&next.tag, &next.request, Timestamp::now()).await?;
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
