//! Enrolments, tags, and the mail that arrived under them.

use super::{Store, from_record, record, unavailable};
use jiff::Timestamp;
use relay::enrolment::{Arrivals, Enrolment, KeptConfirmation, TagHolder};
use relay::mailbox::MailboxKey;
use relay::refusal::Refusal;
use relay::secret::{Tag, TokenDigest};
use rusqlite::params;
use service::port::{Answer, Kept, NoteArrivals, ReadArrivals, ReadEnrolments, WriteEnrolments};

impl ReadEnrolments for Store {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Answer<Option<Enrolment>> {
        self.read("store:enrolment", "SELECT record FROM enrolment WHERE mailbox = ?1", [mailbox.as_str()])
    }

    async fn holder(&self, tag: &Tag) -> Answer<Option<TagHolder>> {
        self.read("store:holder", "SELECT record FROM holder WHERE tag = ?1", [tag.reveal()])
    }
}

impl WriteEnrolments for Store {
    async fn enrolments(&self) -> Answer<Vec<Enrolment>> {
        const OPERATION: &str = "store:enrolments";
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT record FROM enrolment").map_err(unavailable(OPERATION))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(unavailable(OPERATION))?;
        let read = |row: rusqlite::Result<String>| from_record(OPERATION, &row.map_err(unavailable(OPERATION))?);
        rows.map(read).collect()
    }

    async fn put_holder(&self, tag: &Tag, holder: &TagHolder) -> Answer<()> {
        const OPERATION: &str = "store:put_holder";
        let sql = "INSERT INTO holder (tag, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";
        self.write(OPERATION, sql, params![tag.reveal(), record(OPERATION, holder)?])?;
        Ok(())
    }

    async fn remove_holder(&self, tag: &Tag) -> Answer<()> {
        const OPERATION: &str = "store:remove_holder";
        self.write(OPERATION, "DELETE FROM holder WHERE tag = ?1", [tag.reveal()])?;
        self.write(OPERATION, "DELETE FROM arrival WHERE tag = ?1", [tag.reveal()])?;
        Ok(())
    }

    async fn keep_enrolment(&self, mailbox: &MailboxKey, next: &Enrolment, read: Option<&TokenDigest>) -> Answer<Kept> {
        const OPERATION: &str = "store:keep_enrolment";
        let (digest, record) = (next.token_digest.as_str(), record(OPERATION, next)?);
        let written = match read {
            None => {
                let sql = "INSERT INTO enrolment (mailbox, digest, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
                self.write(OPERATION, sql, params![mailbox.as_str(), digest, record])?
            }
            Some(read) => {
                let sql = "UPDATE enrolment SET digest = ?2, record = ?3 WHERE mailbox = ?1 AND digest = ?4";
                self.write(OPERATION, sql, params![mailbox.as_str(), digest, record, read.as_str()])?
            }
        };
        Ok(if written == 1 { Kept::Yes } else { Kept::Changed })
    }

    async fn remove_enrolment(&self, mailbox: &MailboxKey) -> Answer<()> {
        self.write("store:remove_enrolment", "DELETE FROM enrolment WHERE mailbox = ?1", [mailbox.as_str()])?;
        Ok(())
    }
}

impl ReadArrivals for Store {
    async fn arrivals(&self, tag: &Tag) -> Answer<Arrivals> {
        let found = self.read("store:arrivals", "SELECT record FROM arrival WHERE tag = ?1", [tag.reveal()])?;
        Ok(found.unwrap_or_default())
    }
}

impl NoteArrivals for Store {
    async fn note(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Answer<()> {
        let before = self.arrivals(tag).await?;
        self.put_arrivals(tag, &Arrivals { arrived_at: Some(at), refusal, ..before })
    }

    async fn keep_confirmation(&self, tag: &Tag, at: Timestamp, confirmation: &KeptConfirmation) -> Answer<()> {
        let confirmation = Some(confirmation.clone());
        self.put_arrivals(tag, &Arrivals { arrived_at: Some(at), refusal: None, confirmation })
    }
}

impl Store {
    fn put_arrivals(&self, tag: &Tag, arrivals: &Arrivals) -> Answer<()> {
        const OPERATION: &str = "store:put_arrivals";
        let sql =
            "INSERT INTO arrival (tag, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";
        self.write(OPERATION, sql, params![tag.reveal(), record(OPERATION, arrivals)?])?;
        Ok(())
    }
}
