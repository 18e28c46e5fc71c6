//! When the windows of requests end, for the clock that closes them.

use super::records::read_rows;
use super::{Store, unavailable};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Tag;
use rusqlite::types::Value;
use rusqlite::{Row, params};
use service::ports::Unavailable;

/// Parameters: the request's id, its tag, and the end of its window in seconds since 1970.
pub(super) const SCHEDULE_END: &str = "INSERT OR REPLACE INTO ending (request, tag, at) VALUES (?1, ?2, ?3)";

/// The end of a request's window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScheduledEnd {
    /// The request.
    pub(crate) request: RequestId,
    /// The tag of its mailbox.
    pub(crate) tag: Tag,
    /// When its window ends.
    pub(crate) at: Timestamp,
}

impl Store {
    /// Stores the end of a request's window. Idempotent.
    pub(crate) fn schedule_end(&self, end: &ScheduledEnd) -> Result<(), Unavailable> {
        let values = params![end.request.as_str(), end.tag.reveal(), end.at.as_second()];
        self.write("store:schedule_end", SCHEDULE_END, values)?;
        Ok(())
    }

    /// Returns the end that is due first, or `None` if no request is open.
    pub(crate) fn next_scheduled_end(&self) -> Result<Option<ScheduledEnd>, Unavailable> {
        const OPERATION: &str = "store:next_scheduled_end";
        const NEXT: &str = "SELECT request, tag, at FROM ending ORDER BY at LIMIT 1";
        const READABLE: &str = "SELECT request, tag, at FROM ending ORDER BY at";
        let connection = self.connection();
        let (ends, unreadable) = read_rows(&connection, NEXT, [], read).map_err(unavailable(OPERATION))?;
        if unreadable.is_empty() {
            return Ok(ends.into_iter().next());
        }
        // Even if the unreadable ones cannot be moved away, the others are found.
        let (ends, unreadable) = read_rows(&connection, READABLE, [], read).map_err(unavailable(OPERATION))?;
        for request in unreadable {
            self.quarantine(&connection, "ending", "request", "tag || ' ' || at", &request);
        }
        Ok(ends.into_iter().next())
    }

    /// Deletes the end of a request that has been closed. Idempotent.
    pub(crate) fn delete_scheduled_end(&self, request: &RequestId) -> Result<(), Unavailable> {
        self.write("store:delete_scheduled_end", "DELETE FROM ending WHERE request = ?1", [request.as_str()])?;
        Ok(())
    }
}

/// Reads a row. Returns its key as an error if it is unreadable.
fn read(row: &Row<'_>) -> rusqlite::Result<Result<ScheduledEnd, Value>> {
    let request = row.get_ref(0)?.as_str().ok().and_then(RequestId::parse);
    let tag = row.get_ref(1)?.as_str().ok().and_then(Tag::parse);
    let at = row.get_ref(2)?.as_i64().ok().and_then(|at| Timestamp::from_second(at).ok());
    let (Some(request), Some(tag), Some(at)) = (request, tag, at) else { return row.get(0).map(Err) };
    Ok(Ok(ScheduledEnd { request, tag, at }))
}
