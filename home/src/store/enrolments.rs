//! Enrolments and tags.

use super::{Store, from_record, record, unavailable};
use relay::enrolment::{Enrolment, TaggedMailbox};
use relay::mailbox::MailboxKey;
use relay::secret::Tag;
use rusqlite::params;
use service::ports::{EnrolmentStore, Unavailable, WriteOutcome};

const SELECT: &str = "SELECT record FROM enrolment WHERE mailbox = ?1";
const UPSERT: &str =
    "INSERT INTO enrolment (mailbox, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";

impl EnrolmentStore for Store {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Result<Option<Enrolment>, Unavailable> {
        self.read("store:enrolment", SELECT, [mailbox.as_str()])
    }

    async fn enrolments(&self) -> Result<Vec<Enrolment>, Unavailable> {
        const OPERATION: &str = "store:enrolments";
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT record FROM enrolment").map_err(unavailable(OPERATION))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(unavailable(OPERATION))?;
        let read = |row: rusqlite::Result<String>| from_record(OPERATION, &row.map_err(unavailable(OPERATION))?);
        rows.map(read).collect()
    }

    async fn write_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<u32>,
    ) -> Result<WriteOutcome, Unavailable> {
        self.write_if_unchanged("store:write_enrolment", (SELECT, UPSERT), mailbox.as_str(), next, read, |e| e.revision)
    }

    async fn delete_enrolment(&self, mailbox: &MailboxKey) -> Result<(), Unavailable> {
        self.write("store:delete_enrolment", "DELETE FROM enrolment WHERE mailbox = ?1", [mailbox.as_str()])?;
        Ok(())
    }

    async fn tagged_mailbox(&self, tag: &Tag) -> Result<Option<TaggedMailbox>, Unavailable> {
        self.read("store:tagged_mailbox", "SELECT record FROM tag WHERE tag = ?1", [tag.reveal()])
    }

    async fn put_tagged_mailbox(&self, tag: &Tag, mailbox: &TaggedMailbox) -> Result<(), Unavailable> {
        const OPERATION: &str = "store:put_tagged_mailbox";
        let sql = "INSERT INTO tag (tag, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";
        self.write(OPERATION, sql, params![tag.reveal(), record(OPERATION, mailbox)?])?;
        Ok(())
    }

    async fn delete_tagged_mailbox(&self, tag: &Tag) -> Result<(), Unavailable> {
        self.write("store:delete_tagged_mailbox", "DELETE FROM tag WHERE tag = ?1", [tag.reveal()])?;
        Ok(())
    }
}
