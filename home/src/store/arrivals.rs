//! What the owner can ask about a mailbox: one record for each tag.

use super::{Store, from_record, record, unavailable};
use jiff::Timestamp;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::id::ProgramId;
use relay::refusal::Refusal;
use relay::secret::Tag;
use rusqlite::{OptionalExtension, params};
use service::ports::{ArrivalStore, Unavailable};

const SELECT: &str = "SELECT record FROM arrival WHERE tag = ?1";
const UPSERT: &str =
    "INSERT INTO arrival (tag, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record";

impl ArrivalStore for Store {
    async fn arrivals(&self, tag: &Tag) -> Result<Arrivals, Unavailable> {
        Ok(self.read("store:arrivals", SELECT, [tag.reveal()])?.unwrap_or_default())
    }

    async fn note_arrival(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Result<(), Unavailable> {
        self.change_arrivals("store:note_arrival", tag, |arrivals| {
            (arrivals.arrived_at, arrivals.refusal) = (Some(at), refusal);
        })
    }

    async fn note_use(&self, tag: &Tag, program: &ProgramId, at: Timestamp) -> Result<(), Unavailable> {
        self.change_arrivals("store:note_use", tag, |arrivals| {
            arrivals.last_used.insert(program.clone(), at);
        })
    }

    async fn note_confirmation(
        &self,
        tag: &Tag,
        at: Timestamp,
        confirmation: &PendingConfirmation,
    ) -> Result<(), Unavailable> {
        self.change_arrivals("store:note_confirmation", tag, |arrivals| {
            (arrivals.arrived_at, arrivals.refusal) = (Some(at), None);
            arrivals.confirmation = Some(confirmation.clone());
        })
    }

    async fn delete_arrivals(&self, tag: &Tag) -> Result<(), Unavailable> {
        self.write("store:delete_arrivals", "DELETE FROM arrival WHERE tag = ?1", [tag.reveal()])?;
        Ok(())
    }
}

impl Store {
    /// Reads, changes and writes in one transaction.
    fn change_arrivals(
        &self,
        operation: &'static str,
        tag: &Tag,
        change: impl FnOnce(&mut Arrivals),
    ) -> Result<(), Unavailable> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(unavailable(operation))?;
        let stored: Option<String> = transaction
            .query_row(SELECT, [tag.reveal()], |row| row.get(0))
            .optional()
            .map_err(unavailable(operation))?;
        let mut arrivals = stored.map_or_else(|| Ok(Arrivals::default()), |text| from_record(operation, &text))?;
        change(&mut arrivals);
        transaction
            .execute(UPSERT, params![tag.reveal(), record(operation, &arrivals)?])
            .map_err(unavailable(operation))?;
        transaction.commit().map_err(unavailable(operation))
    }
}
