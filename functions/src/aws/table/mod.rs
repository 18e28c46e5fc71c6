//! The table: one item for each enrolment, tag and request, and for what has arrived.
//!
//! | key | item |
//! |---|---|
//! | `enrolment#<mailbox key>` | [`Enrolment`](relay::enrolment::Enrolment) |
//! | `tag#<tag>` | [`TagHolder`](relay::enrolment::TagHolder) |
//! | `request#<tag>` | [`Request`](relay::request::Request), with `ttl` |
//! | `arrival#<tag>` | when the last mail came, and why it was refused, with `ttl` |
//! | `arrival#<tag>#confirmation` | [`KeptConfirmation`](relay::enrolment::KeptConfirmation), with `ttl` |
//!
//! The kind stands in front, so that a function's policy can name the kinds that it may touch
//! (`dynamodb:LeadingKeys`).

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
use service::port::{Answer, Unavailable};
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

    /// Reads an item as it is now, not as it was a moment ago.
    async fn get<T: DeserializeOwned>(&self, key: String) -> Answer<Option<T>> {
        let answer =
            self.client.get_item().table_name(&self.name).key("pk", text(key)).consistent_read(true).send().await;
        answer.map_err(unavailable("dynamodb:GetItem"))?.item.map(from_item).transpose()
    }

    /// An update that sets attributes of an item and leaves what else it has. Names go in by reference, for some are
    /// reserved words.
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

    async fn delete(&self, key: String) -> Answer<()> {
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

fn to_item(value: &impl Serialize) -> Answer<Item> {
    serde_dynamo::to_item(value)
        .map_err(|_| Unavailable { operation: "write item", cause: "it has no form".to_owned() })
}

/// An item that cannot be read was written by a newer release, or by hand.
fn from_item<T: DeserializeOwned>(item: Item) -> Answer<T> {
    serde_dynamo::from_item(item).map_err(|_| Unavailable {
        operation: "read item",
        cause: "it has another form than this release writes".to_owned(),
    })
}
