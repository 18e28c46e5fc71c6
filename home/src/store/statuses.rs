//! Status documents, and when the URL of each expires.

use super::{Store, unavailable};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::status::{End, Status};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};
use service::ports::{StatusStore, Unavailable};

/// The expiry of a document that has no URL yet.
const NO_URL: i64 = 0;

/// Deletes the documents without a URL. Called at the start: a crash came between the document and its URL, so its client
/// never got one.
pub(super) fn delete_without_url(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM status WHERE gone_at = ?1", [NO_URL])?;
    Ok(())
}

impl StatusStore for Store {
    async fn publish(&self, request: &RequestId, status: &Status) -> Result<(), Unavailable> {
        publish(&self.connection(), request, status).map_err(unavailable("store:publish"))
    }
}

/// Puts a status document, in the transaction of `connection`, if it has one.
pub(super) fn publish(connection: &Connection, request: &RequestId, status: &Status) -> rusqlite::Result<()> {
    // A row without a document holds an expiry only.
    let document = match status {
        Status::Pending { .. } => "coalesce(document, excluded.document)",
        Status::Complete { .. } | Status::Ended(_) => "excluded.document",
    };
    let sql = format!(
        "INSERT INTO status (request, document, gone_at) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET document = {document}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.execute(params![request.as_str(), status.to_json(), NO_URL]).map(drop)
}

impl Store {
    /// Sets when the URL of a request's document expires.
    pub(crate) fn set_url_expiry(&self, request: &RequestId, expires_at: Timestamp) -> Result<(), Unavailable> {
        let sql = "INSERT INTO status (request, gone_at) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET gone_at = excluded.gone_at";
        self.write("store:set_url_expiry", sql, params![request.as_str(), expires_at.as_second()])?;
        Ok(())
    }

    /// Returns a request's document, or `None` if its URL has expired or never existed. A code whose window has ended is
    /// never returned, even if nothing could erase it: the disk may be full, or the clock has jumped.
    pub(crate) fn status(&self, request: &RequestId, now: Timestamp) -> Result<Option<String>, Unavailable> {
        const OPERATION: &str = "store:status";
        let connection = self.connection();
        let read = connection
            .prepare_cached("SELECT document FROM status WHERE request = ?1 AND gone_at > ?2")
            .and_then(|mut statement| {
                let values = params![request.as_str(), now.as_second()];
                statement.query_row(values, |row| Ok(shown(row.get_ref(0)?, now))).optional()
            });
        Ok(read.map_err(unavailable(OPERATION))?.flatten())
    }

    /// Deletes the documents whose URLs have expired.
    pub(crate) fn delete_expired_statuses(&self, now: Timestamp) -> Result<(), Unavailable> {
        let sql = "DELETE FROM status WHERE gone_at > ?1 AND gone_at <= ?2";
        self.write("store:delete_expired_statuses", sql, params![NO_URL, now.as_second()])?;
        Ok(())
    }
}

/// What a reader gets of a stored document; `None` if nothing is stored yet. One that cannot be read counts as a code that has
/// been erased.
fn shown(document: ValueRef<'_>, now: Timestamp) -> Option<String> {
    if document == ValueRef::Null {
        return None;
    }
    let readable = document.as_str().ok().filter(|document| !is_past(document, now));
    Some(readable.map_or_else(|| Status::ended(End::Expired).to_json(), str::to_owned))
}

/// Whether a document shows a code although its window has ended. One that shows a code and no readable end, or that is
/// not JSON, counts as past.
fn is_past(document: &str, now: Timestamp) -> bool {
    let Ok(document) = serde_json::from_str::<serde_json::Value>(document) else { return true };
    let text = |name| document.get(name).and_then(serde_json::Value::as_str);
    let end: Option<Timestamp> = text("expires_at").and_then(|end| end.parse().ok());
    text("code").is_some() && end.is_none_or(|end| end <= now)
}
