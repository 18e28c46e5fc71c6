//! Requests: one record for each tag.

use super::records::{Records, read_rows};
use super::scheduled_ends::SCHEDULE_END;
use super::{Store, statuses, unavailable};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::request::{Request, Requests};
use relay::secret::Tag;
use rusqlite::{Connection, Row, params};
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

impl Store {
    /// Ends the requests that were opened after `now`, which the clock has shown by mistake, and publishes their last
    /// statuses. They leave the record: if they stayed, every request that follows would count as older. Returns whether
    /// there were any.
    pub(crate) fn end_requests_opened_after(&self, now: Timestamp) -> Result<bool, Unavailable> {
        const OPERATION: &str = "store:end_requests_opened_after";
        self.transaction(OPERATION, |transaction| {
            let mut found = false;
            let sql = "SELECT tag, record FROM request";
            // An unreadable record is moved to quarantine when somebody asks for it.
            let read = |row: &Row<'_>| {
                let record = row.get_ref(1)?.as_bytes().ok().and_then(|record| serde_json::from_slice(record).ok());
                Ok(Ok(row.get_ref(0)?.as_str().ok().and_then(Tag::parse).zip(record)))
            };
            let (records, _) = read_rows(transaction, sql, [], read).map_err(unavailable(OPERATION))?;
            for (tag, requests) in records.into_iter().flatten() {
                let requests: Requests = requests;
                let (future, past): (Vec<_>, Vec<_>) =
                    requests.iter().cloned().partition(|request| request.opened_at > now);
                for Request { id, .. } in &future {
                    end(transaction, &requests, id).map_err(unavailable(OPERATION))?;
                }
                if !future.is_empty() {
                    let next = Requests::new(requests.revision.saturating_add(1), past, requests.code_mails);
                    REQUESTS.change(self, transaction, OPERATION, tag.reveal(), |_| next)?;
                    found = true;
                }
            }
            Ok(found)
        })
    }
}

/// Publishes the last status of a request, if it is open, and deletes its scheduled end.
fn end(connection: &Connection, requests: &Requests, id: &RequestId) -> rusqlite::Result<()> {
    let ended = requests.closed(id).and_then(|requests| requests.get(id)?.ended());
    if let Some(status) = ended {
        statuses::publish(connection, id, &status)?;
    }
    connection.execute("DELETE FROM ending WHERE request = ?1", [id.as_str()]).map(drop)
}
