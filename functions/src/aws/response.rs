//! The response that CloudFormation waits for: an HTTP PUT to the presigned URL that came with the request
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>).

use super::connection::Connection;
use super::retry::retry;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use service::ports::Unavailable;
use std::time::Duration;
use tokio::time::timeout;

/// Timeout of one attempt. Two or three attempts fit into
/// [the time reserved before the deadline](crate::runtime::TIME_TO_REPORT).
const ATTEMPT: Duration = Duration::from_secs(3);

/// Sends responses to CloudFormation.
pub struct Responder {
    connector: SharedHttpConnector,
}

impl Responder {
    /// Uses the connections of the SDK's clients: the URL is one of S3.
    pub fn new(connection: &Connection) -> Self {
        Self { connector: connection.connector.clone() }
    }

    /// Sends `response`, and retries: without one, CloudFormation waits for an hour and then fails.
    pub async fn send(&self, url: &str, response: &Value) -> Result<(), Unavailable> {
        let body = response.to_string();
        retry(async || timeout(ATTEMPT, self.attempt(url, &body)).await.unwrap_or_else(|_| Err(failed("timed out"))))
            .await
    }

    async fn attempt(&self, url: &str, body: &str) -> Result<(), Unavailable> {
        let request = request(url, body).ok_or_else(|| failed("the request could not be built"))?;
        let response = self.connector.call(request).await.map_err(|_| failed("no connection"))?;
        let status = response.status();
        // A connection returns to the pool once its response has been read.
        let _ = ByteStream::new(response.into_body()).collect().await;
        if status.is_success() { Ok(()) } else { Err(failed(&format!("status {}", status.as_u16()))) }
    }
}

/// Has no Content-Type: the URL is signed for a request without one.
fn request(url: &str, body: &str) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("PUT").ok()?;
    request.set_uri(url).ok()?;
    request.headers_mut().insert("content-length", body.len().to_string());
    Some(request)
}

/// Leaves out the URL, which is a secret until it expires.
fn failed(cause: &str) -> Unavailable {
    Unavailable { operation: "the response to CloudFormation", cause: cause.to_owned() }
}
