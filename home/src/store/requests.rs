//! Requests: every transition is one conditional write.

use super::scheduled_ends::SCHEDULE_END;
use super::{Store, from_record, record, unavailable};
use relay::request::Request;
use relay::secret::Tag;
use rusqlite::{OptionalExtension, params};
use service::port::{Answer, Kept, OpenRequest, StepRequest, Unavailable};

impl OpenRequest for Store {
    /// Stores the end of the window in the same transaction, so that a crash leaves no request that never ends. Copies the
    /// older request's `delivery`, so that no mail serves two requests. A late opening loses: it does not replace a newer
    /// request.
    async fn open(&self, tag: &Tag, request: &Request) -> Answer<Option<Request>> {
        const OPERATION: &str = "store:open";
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(unavailable(OPERATION))?;
        let replaced: Option<String> = transaction
            .query_row("SELECT record FROM request WHERE tag = ?1", [tag.reveal()], |row| row.get(0))
            .optional()
            .map_err(unavailable(OPERATION))?;
        let replaced: Option<Request> = replaced.map(|text| from_record(OPERATION, &text)).transpose()?;
        if replaced.as_ref().is_some_and(|replaced| replaced.opened_at > request.opened_at) {
            return Err(Unavailable { operation: OPERATION, cause: "a newer request is open".to_owned() });
        }
        let delivery = replaced.as_ref().and_then(|replaced| replaced.delivery.clone());
        let opened = Request { delivery, ..request.clone() };
        let values = params![tag.reveal(), opened.id.as_str(), opened.revision, record(OPERATION, &opened)?];
        let sql = "INSERT OR REPLACE INTO request (tag, id, revision, record) VALUES (?1, ?2, ?3, ?4)";
        transaction.execute(sql, values).map_err(unavailable(OPERATION))?;
        let values = params![opened.id.as_str(), tag.reveal(), opened.expires_at.as_second()];
        transaction.execute(SCHEDULE_END, values).map_err(unavailable(OPERATION))?;
        transaction.commit().map_err(unavailable(OPERATION))?;
        Ok(replaced)
    }
}

impl StepRequest for Store {
    async fn request(&self, tag: &Tag) -> Answer<Option<Request>> {
        self.read("store:request", "SELECT record FROM request WHERE tag = ?1", [tag.reveal()])
    }

    async fn keep(&self, tag: &Tag, next: &Request, read: &Request) -> Answer<Kept> {
        const OPERATION: &str = "store:keep";
        let sql = "UPDATE request SET id = ?2, revision = ?3, record = ?4 WHERE tag = ?1 AND id = ?5 AND revision = ?6";
        let record = record(OPERATION, next)?;
        let values = params![tag.reveal(), next.id.as_str(), next.revision, record, read.id.as_str(), read.revision];
        Ok(if self.write(OPERATION, sql, values)? == 1 { Kept::Yes } else { Kept::Changed })
    }
}
