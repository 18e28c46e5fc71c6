//! Requests: one record for each tag.

use super::scheduled_ends::SCHEDULE_END;
use super::{Store, from_record, record, unavailable};
use relay::request::{Request, Requests};
use relay::secret::Tag;
use rusqlite::{OptionalExtension, params};
use service::ports::{RequestStore, Unavailable, WriteOutcome};

const SELECT: &str = "SELECT record FROM request WHERE tag = ?1";
const UPSERT: &str =
    "INSERT INTO request (tag, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";

impl RequestStore for Store {
    async fn requests(&self, tag: &Tag) -> Result<Requests, Unavailable> {
        Ok(self.read("store:requests", SELECT, [tag.reveal()])?.unwrap_or_default())
    }

    /// Schedules the request's end in the same transaction, so that no crash leaves a request without one.
    async fn open_request(&self, tag: &Tag, request: &Request) -> Result<Requests, Unavailable> {
        const OPERATION: &str = "store:open_request";
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(unavailable(OPERATION))?;
        let stored: Option<String> = transaction
            .query_row(SELECT, [tag.reveal()], |row| row.get(0))
            .optional()
            .map_err(unavailable(OPERATION))?;
        let stored: Requests = stored.map_or_else(|| Ok(Requests::default()), |text| from_record(OPERATION, &text))?;
        let opened = stored.opened(request.clone());
        let values = params![tag.reveal(), record(OPERATION, &opened)?];
        transaction.execute(UPSERT, values).map_err(unavailable(OPERATION))?;
        let values = params![request.id.as_str(), tag.reveal(), request.expires_at.as_second()];
        transaction.execute(SCHEDULE_END, values).map_err(unavailable(OPERATION))?;
        transaction.commit().map_err(unavailable(OPERATION))?;
        Ok(opened)
    }

    async fn write_requests(&self, tag: &Tag, next: &Requests, read: u32) -> Result<WriteOutcome, Unavailable> {
        let read = (read > 0).then_some(read);
        self.write_if_unchanged("store:write_requests", (SELECT, UPSERT), tag.reveal(), next, read, |r| r.revision)
    }
}
