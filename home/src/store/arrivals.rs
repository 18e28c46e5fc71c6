//! What the owner can ask about a mailbox: one record for each tag.

use super::Store;
use super::records::Records;
use jiff::Timestamp;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::id::ProgramId;
use relay::refusal::Refusal;
use relay::secret::Tag;
use service::ports::{ArrivalStore, Unavailable};

const ARRIVALS: Records = Records { table: "arrival", key: "tag" };

impl ArrivalStore for Store {
    async fn arrivals(&self, tag: &Tag) -> Result<Arrivals, Unavailable> {
        Ok(ARRIVALS.read(self, "store:arrivals", tag.reveal())?.unwrap_or_default())
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
        ARRIVALS.delete(self, "store:delete_arrivals", tag.reveal())
    }
}

impl Store {
    /// Deletes the forwarding confirmations that are shown no more: the links in them still confirm.
    pub(crate) fn delete_expired_confirmations(&self, now: Timestamp) -> Result<(), Unavailable> {
        // A row that cannot be read is left for the one who reads it.
        let sql = "UPDATE arrival SET record = json_remove(record, '$.confirmation')
            WHERE CASE WHEN json_valid(record) THEN json_extract(record, '$.confirmation.until') <= ?1 END";
        self.write("store:delete_expired_confirmations", sql, [now.to_string()])?;
        Ok(())
    }

    /// Reads, changes and writes in one transaction.
    fn change_arrivals(
        &self,
        operation: &'static str,
        tag: &Tag,
        change: impl FnOnce(&mut Arrivals),
    ) -> Result<(), Unavailable> {
        self.transaction(operation, |transaction| {
            ARRIVALS.change(self, transaction, operation, tag.reveal(), |mut arrivals| {
                change(&mut arrivals);
                arrivals
            })
        })?;
        Ok(())
    }
}
