//! Handing CloudFormation the answer that it waits for, by HTTP PUT to the presigned URL that came with the request.

use super::connection::Connection;
use super::patience::patiently;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use service::ports::Unavailable;
use std::time::Duration;
use tokio::time::timeout;

/// How long one try may take. Two or three of them fit into what is left when the work has used up its time.
const TRY: Duration = Duration::from_secs(3);

/// The way back to CloudFormation.
pub struct Answers {
    connector: SharedHttpConnector,
}

impl Answers {
    /// Answers over the same connections as everything else: the URL is one of S3.
    pub fn new(connection: &Connection) -> Self {
        Self { connector: connection.connector.clone() }
    }

    /// Hands over the answer, and tries again where that fails: CloudFormation would wait for an hour.
    pub async fn put(&self, url: &str, answer: &Value) -> Result<(), Unavailable> {
        let body = answer.to_string();
        patiently(async || timeout(TRY, self.try_once(url, &body)).await.unwrap_or_else(|_| Err(failed("timed out"))))
            .await
    }

    async fn try_once(&self, url: &str, body: &str) -> Result<(), Unavailable> {
        let request = request(url, body).ok_or_else(|| failed("the request could not be built"))?;
        let response = self.connector.call(request).await.map_err(|_| failed("no connection"))?;
        let status = response.status();
        // A connection goes back to the pool once its answer has been read.
        let _ = ByteStream::new(response.into_body()).collect().await;
        if status.is_success() { Ok(()) } else { Err(failed(&format!("status {}", status.as_u16()))) }
    }
}

/// Without a Content-Type, for the URL is signed for none.
fn request(url: &str, body: &str) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("PUT").ok()?;
    request.set_uri(url).ok()?;
    request.headers_mut().insert("content-length", body.len().to_string());
    Some(request)
}

/// Says nothing of the URL, which is a secret as long as it is good.
fn failed(cause: &str) -> Unavailable {
    Unavailable { operation: "the answer to CloudFormation", cause: cause.to_owned() }
}
