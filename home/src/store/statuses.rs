//! Status documents, and until when each is shown.

use super::Store;
use jiff::Timestamp;
use relay::id::RequestId;
use relay::status::Status;
use rusqlite::{Connection, params};
use service::port::{Answer, PublishStatus};

/// The moment until which a document is shown that nobody has a URL to.
const NOT_SHOWN: i64 = 0;

/// Removes the documents whose URL a crash has kept from its client.
pub(super) fn forget_unshown(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM status WHERE gone_at = ?1", [NOT_SHOWN])?;
    Ok(())
}

impl PublishStatus for Store {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        let sql = "INSERT INTO status (request, document, gone_at) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET document = excluded.document";
        self.write("store:publish", sql, params![request.as_str(), status.to_json(), NOT_SHOWN])?;
        Ok(())
    }
}

impl Store {
    /// Shows a request's document until that moment.
    pub fn show_status(&self, request: &RequestId, until: Timestamp) -> Answer<()> {
        let sql = "INSERT INTO status (request, gone_at) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET gone_at = excluded.gone_at";
        self.write("store:show_status", sql, params![request.as_str(), until.as_second()])?;
        Ok(())
    }

    /// The document that a status URL shows, while it does.
    pub fn status(&self, request: &RequestId, now: Timestamp) -> Answer<Option<String>> {
        let sql = "SELECT document FROM status WHERE request = ?1 AND gone_at > ?2";
        Ok(self.one::<Option<String>>("store:status", sql, params![request.as_str(), now.as_second()])?.flatten())
    }

    /// Removes the documents that are shown no more.
    pub fn sweep_statuses(&self, now: Timestamp) -> Answer<()> {
        let sql = "DELETE FROM status WHERE gone_at > ?1 AND gone_at <= ?2";
        self.write("store:sweep_statuses", sql, params![NOT_SHOWN, now.as_second()])?;
        Ok(())
    }
}
