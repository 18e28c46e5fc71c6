//! What has come in for a mailbox, for its owner to look at.

use super::{Item, Table, number, text, to_item, unavailable};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use relay::enrolment::{Arrivals, KeptConfirmation};
use relay::refusal::Refusal;
use relay::secret::Tag;
use service::port::{Answer, NoteArrivals, ReadArrivals};

/// How long it is told that a mail came, in seconds: 90 days, so that what a revoked tag leaves behind goes by itself.
const KEPT: i64 = 90 * 86_400;

fn arrival_key(tag: &Tag) -> String {
    format!("arrival#{}", tag.reveal())
}

fn confirmation_key(tag: &Tag) -> String {
    format!("arrival#{}#confirmation", tag.reveal())
}

impl ReadArrivals for Table {
    async fn arrivals(&self, tag: &Tag) -> Answer<Arrivals> {
        let (arrivals, confirmation) =
            tokio::join!(self.get::<Arrivals>(arrival_key(tag)), self.get::<KeptConfirmation>(confirmation_key(tag)));
        Ok(Arrivals { confirmation: confirmation?, ..arrivals?.unwrap_or_default() })
    }
}

impl NoteArrivals for Table {
    async fn note(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Answer<()> {
        let refusal = refusal.map_or(AttributeValue::Null(true), |refusal| text(refusal.word()));
        let noted = Item::from([
            ("arrived_at".to_owned(), text(at.to_string())),
            ("refusal".to_owned(), refusal),
            ("ttl".to_owned(), number(at.as_second().saturating_add(KEPT))),
        ]);
        self.set(arrival_key(tag), noted).await
    }

    async fn keep_confirmation(&self, tag: &Tag, at: Timestamp, confirmation: &KeptConfirmation) -> Answer<()> {
        let mut item = to_item(confirmation)?;
        item.insert("ttl".to_owned(), number(confirmation.until.as_second()));
        let (kept, noted) = tokio::join!(self.set(confirmation_key(tag), item), self.note(tag, at, None));
        kept.and(noted)
    }
}

impl Table {
    pub(super) async fn remove_arrivals(&self, tag: &Tag) -> Answer<()> {
        let (arrival, confirmation) = tokio::join!(self.delete(arrival_key(tag)), self.delete(confirmation_key(tag)));
        arrival.and(confirmation)
    }

    /// Sets attributes of an item, whatever else it has. `receive` may do this and no more to what is shown to owners.
    async fn set(&self, key: String, attributes: Item) -> Answer<()> {
        let update = self.update(key, attributes);
        update.send().await.map_err(unavailable("dynamodb:UpdateItem"))?;
        Ok(())
    }
}
