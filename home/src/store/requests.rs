//! Requests: one record for each tag.

use super::records::Records;
use super::scheduled_ends::SCHEDULE_END;
use super::{Store, unavailable};
use relay::request::{Request, Requests};
use relay::secret::Tag;
use rusqlite::params;
use service::ports::{RequestStore, Unavailable, WriteOutcome};

const REQUESTS: Records = Records { table: "request", key: "tag" };

impl RequestStore for Store {
    async fn requests(&self, tag: &Tag) -> Result<Requests, Unavailable> {
        Ok(REQUESTS.read(self, "store:requests", tag.reveal())?.unwrap_or_default())
    }

    /// Schedules the request's end in the same transaction, so that no crash leaves a request without one.
    async fn open_request(&self, tag: &Tag, request: &Request) -> Result<Requests, Unavailable> {
        const OPERATION: &str = "store:open_request";
        self.transaction(OPERATION, |transaction| {
            let open = |stored: Requests| stored.opened(request.clone());
            let opened = REQUESTS.change(self, transaction, OPERATION, tag.reveal(), open)?;
            let values = params![request.id.as_str(), tag.reveal(), request.expires_at.as_second()];
            transaction.execute(SCHEDULE_END, values).map_err(unavailable(OPERATION))?;
            Ok(opened)
        })
    }

    async fn write_requests(&self, tag: &Tag, next: &Requests, read: u32) -> Result<WriteOutcome, Unavailable> {
        let read = (read > 0).then_some(read);
        REQUESTS.write_if_unchanged(self, "store:write_requests", tag.reveal(), next, read, |r| r.revision)
    }
}
