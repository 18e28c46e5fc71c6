//! HTTP API events, payload format 2.0
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).

use data_encoding::BASE64;
use serde_json::{Value, json};
use service::prestage::{Call, Reply};

/// An HTTP request.
pub struct HttpRequest<'a> {
    event: &'a Value,
    body: Vec<u8>,
}

impl<'a> HttpRequest<'a> {
    /// Reads the event and decodes a base64 body. An invalid one counts as empty.
    pub fn read(event: &'a Value) -> Self {
        let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
        let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false);
        let body = if encoded { BASE64.decode(text.as_bytes()).unwrap_or_default() } else { text.as_bytes().to_vec() };
        Self { event, body }
    }

    /// The fields that prestage reads.
    pub fn call(&self) -> Call<'_> {
        Call {
            authorization: self.header("authorization"),
            query_token: self.event.pointer("/queryStringParameters/token").and_then(Value::as_str),
            accept: self.header("accept"),
            body: &self.body,
        }
    }

    /// The path, and the query as it was sent. API Gateway may have decoded and encoded it again.
    pub fn path_and_query(&self) -> (&str, &str) {
        let text = |name| self.event.get(name).and_then(Value::as_str).unwrap_or_default();
        (text("rawPath"), text("rawQueryString"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.event.get("headers")?.as_object()?;
        headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    }
}

/// The response in API Gateway's format.
pub fn answer(reply: &Reply) -> Value {
    let mut headers = json!({"content-type": reply.content_type, "cache-control": "no-store"});
    let optional =
        [("retry-after", reply.retry_after.map(|seconds| seconds.to_string())), ("location", reply.location.clone())];
    for (name, value) in optional {
        if let (Some(value), Some(headers)) = (value, headers.as_object_mut()) {
            headers.insert(name.to_owned(), value.into());
        }
    }
    // All five fields: some emulators require those that API Gateway has defaults for.
    json!({
        "statusCode": reply.status,
        "headers": headers,
        "cookies": [],
        "body": reply.body,
        "isBase64Encoded": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::any_json;
    use proptest::prelude::*;

    #[test]
    fn header_names_match_in_any_case_and_bodies_are_decoded() {
        let event = json!({
            "headers": {"Authorization": "Bearer x", "accept": "application/json"},
            "queryStringParameters": {"token": "y"},
            "body": "eyJlbWFpbCI6Im1lQGdtYWlsLmNvbSJ9",
            "isBase64Encoded": true,
            "unknown": [1, 2, 3],
        });
        let request = HttpRequest::read(&event);
        let call = request.call();
        assert_eq!(call.authorization, Some("Bearer x"));
        assert_eq!(call.query_token, Some("y"));
        assert_eq!(call.accept, Some("application/json"));
        assert_eq!(call.body, br#"{"email":"me@gmail.com"}"#);
    }

    proptest! {
        #[test]
        fn any_event_is_read_without_a_panic(event in any_json(&["headers", "body", "isBase64Encoded", "queryStringParameters", "token"])) {
            HttpRequest::read(&event).call();
        }
    }
}
