//! What must be in no file any more: codes after a shutdown, tags after their revocation.
//!
//! SQLite overwrites deleted rows (`secure_delete`), and a checkpoint empties the write-ahead log.

use super::{Store, unavailable};
use relay::request::Requests;
use relay::secret::Tag;
use relay::status::{End, Status};
use rusqlite::{Connection, OptionalExtension, params};
use service::ports::Unavailable;

impl Store {
    /// Replaces every document that shows a code, or that cannot be read, by the one that says that it has been erased.
    /// Then runs a checkpoint.
    pub(crate) fn erase_codes(&self) -> Result<(), Unavailable> {
        let sql = "UPDATE status SET document = ?1 WHERE document IS NOT NULL
            AND CASE WHEN json_valid(document) THEN json_extract(document, '$.code') IS NOT NULL ELSE 1 END";
        self.write("store:erase_codes", sql, [Status::ended(End::Expired).to_json()])?;
        self.checkpoint()
    }

    /// Deletes what is stored under the tag of a revoked enrolment, then runs a checkpoint. If a request is still open
    /// (a program opened it during the revocation), it keeps what it needs; [`delete_orphans`](Self::delete_orphans)
    /// does the rest when it has ended.
    pub(crate) fn forget_tag(&self, tag: &Tag) -> Result<(), Unavailable> {
        const OPERATION: &str = "store:forget_tag";
        self.transaction(OPERATION, |transaction| {
            let mut deletions = vec!["DELETE FROM quarantine WHERE instr(key, ?1) OR instr(record, ?1)"];
            if !has_open_request(transaction, tag).map_err(unavailable(OPERATION))? {
                deletions.extend([
                    "DELETE FROM arrival WHERE tag = ?1",
                    "DELETE FROM ending WHERE tag = ?1",
                    "DELETE FROM request WHERE tag = ?1",
                ]);
            }
            for sql in deletions {
                transaction.execute(sql, [tag.reveal()]).map_err(unavailable(OPERATION))?;
            }
            Ok(())
        })?;
        self.checkpoint()
    }

    /// Deletes what is stored under tags that belong to no mailbox, if none of their requests waits for its end.
    pub(crate) fn delete_orphans(&self) -> Result<(), Unavailable> {
        for table in ["arrival", "request"] {
            let sql = format!(
                "DELETE FROM {table} WHERE tag NOT IN (SELECT tag FROM tag) AND tag NOT IN (SELECT tag FROM ending)"
            );
            self.write("store:delete_orphans", &sql, params![])?;
        }
        Ok(())
    }
}

/// An unreadable record has none: its requests end by the clock alone.
fn has_open_request(connection: &Connection, tag: &Tag) -> rusqlite::Result<bool> {
    let sql = "SELECT record FROM request WHERE tag = ?1";
    let record: Option<Vec<u8>> =
        connection.query_row(sql, [tag.reveal()], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).optional()?;
    let requests = record.and_then(|record| serde_json::from_slice::<Requests>(&record).ok());
    Ok(requests.is_some_and(|requests| requests.iter().any(|request| request.end.is_none())))
}
