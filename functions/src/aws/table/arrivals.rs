//! What the owner can ask about a mailbox.

use super::{Item, Table, from_item, number, take, text, to_item, unavailable};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::id::ProgramId;
use relay::refusal::Refusal;
use relay::secret::Tag;
use serde::Deserialize;
use service::ports::{ArrivalStore, Unavailable};

/// TTL of an arrival note, in seconds (90 days). It also removes notes that outlive a revoked tag.
const TTL: i64 = 90 * 86_400;

/// The attributes that hold when a program was last used begin with this; the program's id follows. One attribute each, so
/// that a note is one write without a condition.
const USED: &str = "used_";

fn arrival_key(tag: &Tag) -> String {
    format!("arrival#{}", tag.reveal())
}

fn confirmation_key(tag: &Tag) -> String {
    format!("arrival#{}#confirmation", tag.reveal())
}

/// The attributes of an arrival note except the programs'.
#[derive(Default, Deserialize)]
struct Note {
    #[serde(default)]
    arrived_at: Option<Timestamp>,
    #[serde(default)]
    refusal: Option<Refusal>,
}

impl ArrivalStore for Table {
    async fn arrivals(&self, tag: &Tag) -> Result<Arrivals, Unavailable> {
        let (item, confirmation) = tokio::join!(self.get(arrival_key(tag)), self.get(confirmation_key(tag)));
        let confirmation = confirmation?.map(from_item::<PendingConfirmation>).transpose()?;
        let mut item = item?.unwrap_or_default();
        let mut last_used = std::collections::BTreeMap::new();
        for (program, at) in take(&mut item, USED) {
            if let (Some(program), Some(at)) =
                (ProgramId::parse(&program), at.as_s().ok().and_then(|text| text.parse().ok()))
            {
                last_used.insert(program, at);
            }
        }
        let Note { arrived_at, refusal } = from_item(item)?;
        Ok(Arrivals { arrived_at, refusal, confirmation, last_used })
    }

    async fn note_arrival(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Result<(), Unavailable> {
        let refusal = refusal.map_or(AttributeValue::Null(true), |refusal| text(refusal.word()));
        let note = Item::from([("arrived_at".to_owned(), text(at.to_string())), ("refusal".to_owned(), refusal)]);
        self.note(tag, at, note).await
    }

    async fn note_use(&self, tag: &Tag, program: &ProgramId, at: Timestamp) -> Result<(), Unavailable> {
        let note = Item::from([(format!("{USED}{}", program.as_str()), text(at.to_string()))]);
        self.note(tag, at, note).await
    }

    async fn note_confirmation(
        &self,
        tag: &Tag,
        at: Timestamp,
        confirmation: &PendingConfirmation,
    ) -> Result<(), Unavailable> {
        let mut item = to_item(confirmation)?;
        item.insert("ttl".to_owned(), number(confirmation.until.as_second()));
        let (stored, noted) = tokio::join!(self.set(confirmation_key(tag), item), self.note_arrival(tag, at, None));
        stored.and(noted)
    }

    async fn delete_arrivals(&self, tag: &Tag) -> Result<(), Unavailable> {
        let (arrival, confirmation) = tokio::join!(self.delete(arrival_key(tag)), self.delete(confirmation_key(tag)));
        arrival.and(confirmation)
    }
}

impl Table {
    async fn note(&self, tag: &Tag, at: Timestamp, mut note: Item) -> Result<(), Unavailable> {
        note.insert("ttl".to_owned(), number(at.as_second().saturating_add(TTL)));
        self.set(arrival_key(tag), note).await
    }

    /// Sets attributes of an item and leaves its other attributes. This is all that `receive` and `prestage` may do to what
    /// the owner can see.
    async fn set(&self, key: String, attributes: Item) -> Result<(), Unavailable> {
        let update = self.update(key, attributes);
        update.send().await.map_err(unavailable("dynamodb:UpdateItem"))?;
        Ok(())
    }
}
