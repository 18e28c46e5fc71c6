//! The requests of a mailbox: one item, with an attribute for each request, so that one is added without reading the item.

use super::{Item, Table, from_item, from_value, number, take, text, to_item, to_value, unavailable};
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use relay::request::{CodeMail, Request, Requests};
use relay::secret::Tag;
use serde::{Deserialize, Serialize};
use service::ports::{RequestStore, Unavailable, WriteOutcome};

/// TTL of the item, in seconds after its last window (one day). It is garbage collection only: every read checks
/// `expires_at` itself.
const TTL: i64 = 86_400;

/// The attributes that hold requests begin with this; the request's id follows.
const REQUEST: &str = "request_";

fn request_key(tag: &Tag) -> String {
    format!("request#{}", tag.reveal())
}

/// The attributes of the item except the requests.
#[derive(Serialize, Deserialize)]
struct Rest {
    revision: u32,
    #[serde(default)]
    code_mails: Vec<CodeMail>,
}

impl RequestStore for Table {
    async fn requests(&self, tag: &Tag) -> Result<Requests, Unavailable> {
        self.get(request_key(tag)).await?.map_or_else(|| Ok(Requests::default()), read)
    }

    async fn open_request(&self, tag: &Tag, request: &Request) -> Result<Requests, Unavailable> {
        let ttl = request.expires_at.as_second().saturating_add(TTL);
        let item = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("pk", text(request_key(tag)))
            .update_expression("SET #request = if_not_exists(#request, :request), #ttl = :ttl ADD revision :one")
            .expression_attribute_names("#request", attribute(request))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":request", to_value(request)?)
            .expression_attribute_values(":ttl", number(ttl))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(unavailable("dynamodb:UpdateItem"))?
            .attributes;
        read(item.unwrap_or_default())
    }

    async fn write_requests(&self, tag: &Tag, next: &Requests, read: u32) -> Result<WriteOutcome, Unavailable> {
        let mut item = to_item(&Rest { revision: next.revision, code_mails: next.code_mails.clone() })?;
        for request in next.iter() {
            item.insert(attribute(request), to_value(request)?);
        }
        item.insert("pk".to_owned(), text(request_key(tag)));
        item.insert("ttl".to_owned(), number(last_end(next).saturating_add(TTL)));
        self.put_if_unchanged(item, (read > 0).then_some(read)).await
    }
}

fn attribute(request: &Request) -> String {
    format!("{REQUEST}{}", request.id.as_str())
}

fn read(mut item: Item) -> Result<Requests, Unavailable> {
    let requests: Vec<Request> =
        take(&mut item, REQUEST).into_iter().map(|(_, value)| from_value(value)).collect::<Result<_, _>>()?;
    let Rest { revision, code_mails } = from_item(item)?;
    Ok(Requests::new(revision, requests, code_mails))
}

/// The second at which the last window ends, or the last code mail came.
fn last_end(requests: &Requests) -> i64 {
    let ends = requests.iter().map(|request| request.expires_at);
    let came = requests.code_mails.iter().map(|mail| mail.accepted_at);
    ends.chain(came).max().map_or(0, Timestamp::as_second)
}
