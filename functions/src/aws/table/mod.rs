//! The table: one item for each enrolment and tag, for the requests of each mailbox, and for what its owner can ask.
//!
//! | key | item |
//! |---|---|
//! | `enrolment#<mailbox key>` | [`Enrolment`](relay::enrolment::Enrolment) |
//! | `tag#<tag>` | [`TaggedMailbox`](relay::enrolment::TaggedMailbox) |
//! | `request#<tag>` | [`Requests`](relay::request::Requests), each request in an attribute of its own, with `ttl` |
//! | `arrival#<tag>` | the last message, why it was refused, each program's last use, with `ttl` |
//! | `arrival#<tag>#confirmation` | [`PendingConfirmation`](relay::arrivals::PendingConfirmation), with `ttl` |
//!
//! The kind comes first, so that a function's policy can name the kinds that it may touch (`dynamodb:LeadingKeys`).

mod arrivals;
mod conditional;
mod enrolments;
mod requests;

use super::connection::{Connection, unavailable};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::ports::Unavailable;
use std::collections::HashMap;

/// The stack's table.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
}

/// An item as DynamoDB has it.
type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table of this name.
    pub fn new(connection: &Connection, name: &str) -> Self {
        Self { client: Client::from_conf(connection.dynamodb().build()), name: name.to_owned() }
    }

    /// Reads an item, strongly consistent.
    async fn get(&self, key: String) -> Result<Option<Item>, Unavailable> {
        let answer =
            self.client.get_item().table_name(&self.name).key("pk", text(key)).consistent_read(true).send().await;
        Ok(answer.map_err(unavailable("dynamodb:GetItem"))?.item)
    }

    /// An update that sets attributes of an item and leaves its other attributes. Names are passed by reference, because
    /// some are reserved words.
    fn update(&self, key: String, attributes: Item) -> UpdateItemFluentBuilder {
        let mut update = self.client.update_item().table_name(&self.name).key("pk", text(key));
        let mut sets = Vec::new();
        for (name, value) in attributes {
            sets.push(format!("#{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        update.update_expression(format!("SET {}", sets.join(", ")))
    }

    async fn delete(&self, key: String) -> Result<(), Unavailable> {
        let answer = self.client.delete_item().table_name(&self.name).key("pk", text(key)).send().await;
        answer.map_err(unavailable("dynamodb:DeleteItem"))?;
        Ok(())
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Removes the attributes whose names begin with `prefix`, and returns them without it.
fn take(item: &mut Item, prefix: &str) -> Vec<(String, AttributeValue)> {
    let taken = item.extract_if(|name, _| name.starts_with(prefix));
    taken.filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value))).collect()
}

fn to_item(value: &impl Serialize) -> Result<Item, Unavailable> {
    serde_dynamo::to_item(value).map_err(|_| unwritable())
}

fn to_value(value: &impl Serialize) -> Result<AttributeValue, Unavailable> {
    serde_dynamo::to_attribute_value(value).map_err(|_| unwritable())
}

fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, Unavailable> {
    serde_dynamo::from_item(item).map_err(|_| unreadable())
}

fn from_value<T: DeserializeOwned>(value: AttributeValue) -> Result<T, Unavailable> {
    serde_dynamo::from_attribute_value(value).map_err(|_| unreadable())
}

fn unwritable() -> Unavailable {
    Unavailable { operation: "write item", cause: "it cannot be serialized".to_owned() }
}

/// A newer release, or somebody by hand, wrote the item.
fn unreadable() -> Unavailable {
    Unavailable { operation: "read item", cause: "this release does not know its format".to_owned() }
}
