//! Requests: every step is one conditional write.

use super::conditional::kept;
use super::{Table, from_item, number, text, to_item, unavailable};
use aws_sdk_dynamodb::types::ReturnValue;
use relay::request::Request;
use relay::secret::Tag;
use service::port::{Answer, Kept, OpenRequest, StepRequest};

/// How long DynamoDB keeps a request beyond its window, in seconds. The table's TTL is a broom: every read looks at
/// `expires_at` itself.
const KEPT: i64 = 86_400;

fn request_key(tag: &Tag) -> String {
    format!("request#{}", tag.reveal())
}

fn ttl(request: &Request) -> i64 {
    request.expires_at.as_second().saturating_add(KEPT)
}

impl OpenRequest for Table {
    /// Sets every attribute but `delivery`, which outlives the request before so that no mail serves two. An opening
    /// that comes late does not replace a newer one.
    async fn open(&self, tag: &Tag, request: &Request) -> Answer<Option<Request>> {
        let mut item = to_item(request)?;
        item.remove("delivery");
        item.insert("ttl".to_owned(), number(ttl(request)));
        let replaced = self
            .update(request_key(tag), item)
            .condition_expression("attribute_not_exists(pk) OR #opened_at <= :opened_at")
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(unavailable("dynamodb:UpdateItem"))?
            .attributes;
        replaced.map(from_item).transpose()
    }
}

impl StepRequest for Table {
    async fn request(&self, tag: &Tag) -> Answer<Option<Request>> {
        self.get(request_key(tag)).await
    }

    async fn keep(&self, tag: &Tag, next: &Request, read: &Request) -> Answer<Kept> {
        let mut item = to_item(next)?;
        item.insert("pk".to_owned(), text(request_key(tag)));
        item.insert("ttl".to_owned(), number(ttl(next)));
        let put = self
            .conditional_put(&item)
            .condition_expression("id = :id AND revision = :revision")
            .expression_attribute_values(":id", text(read.id.as_str()))
            .expression_attribute_values(":revision", number(i64::from(read.revision)));
        kept(put.send().await, &item)
    }
}
