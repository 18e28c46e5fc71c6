//! When the windows of requests end, for the clock that closes them.

use super::{Store, unavailable};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Tag;
use rusqlite::params;
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
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT request, tag, at FROM ending ORDER BY at LIMIT 1")
            .map_err(unavailable(OPERATION))?;
        let mut rows = statement.query([]).map_err(unavailable(OPERATION))?;
        let Some(row) = rows.next().map_err(unavailable(OPERATION))? else { return Ok(None) };
        let text = |column| row.get::<_, String>(column).map_err(unavailable(OPERATION));
        let at: i64 = row.get(2).map_err(unavailable(OPERATION))?;
        let (request, tag) = (RequestId::parse(&text(0)?), Tag::parse(&text(1)?));
        let unreadable = || Unavailable { operation: OPERATION, cause: "unreadable row".to_owned() };
        let (request, tag) = request.zip(tag).ok_or_else(unreadable)?;
        let at = Timestamp::from_second(at).map_err(|_| unreadable())?;
        Ok(Some(ScheduledEnd { request, tag, at }))
    }

    /// Deletes the end of a request that has been closed. Idempotent.
    pub(crate) fn delete_scheduled_end(&self, request: &RequestId) -> Result<(), Unavailable> {
        self.write("store:delete_scheduled_end", "DELETE FROM ending WHERE request = ?1", [request.as_str()])?;
        Ok(())
    }
}
