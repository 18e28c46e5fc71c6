//! The bucket: raw mail under `inbox/`, status documents under `status/`.

use super::connection::{Connection, unavailable};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use relay::id::{MessageId, RequestId};
use relay::mail::LARGEST_MAIL;
use relay::status::Status;
use service::port::{Answer, FetchMail, Fetched, PublishStatus, SignUrl, Unavailable};
use std::time::Duration;

/// The stack's bucket.
#[derive(Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name.
    pub fn new(connection: &Connection, name: &str) -> Self {
        let config = connection
            .s3(name)
            // A checksum would be one more header that a presigned URL demands of the client.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), name: name.to_owned() }
    }
}

fn status_key(request: &RequestId) -> String {
    format!("status/{}", request.as_str())
}

fn inbox_key(mail: &MessageId) -> String {
    format!("inbox/{}", mail.as_str())
}

impl PublishStatus for Bucket {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        self.client
            .put_object()
            .bucket(&self.name)
            .key(status_key(request))
            .content_type("application/json")
            .cache_control("no-store")
            .body(ByteStream::from(status.to_json().into_bytes()))
            .send()
            .await
            .map_err(unavailable("s3:PutObject"))?;
        Ok(())
    }
}

impl SignUrl for Bucket {
    async fn sign(&self, request: &RequestId, seconds: u32) -> Answer<String> {
        const OPERATION: &str = "presign";
        let lifetime = PresigningConfig::expires_in(Duration::from_secs(u64::from(seconds)))
            .map_err(|_| Unavailable { operation: OPERATION, cause: "the window is too long".to_owned() })?;
        let request = self.client.get_object().bucket(&self.name).key(status_key(request)).presigned(lifetime);
        Ok(request.await.map_err(unavailable(OPERATION))?.uri().to_owned())
    }
}

impl FetchMail for Bucket {
    async fn fetch(&self, mail: &MessageId) -> Answer<Fetched> {
        match self.client.get_object().bucket(&self.name).key(inbox_key(mail)).send().await {
            Ok(object) => read(object).await,
            // Without the right to list a bucket, S3 answers that a missing object is forbidden.
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "AccessDenied")) => Ok(Fetched::Gone),
            Err(error) => Err(unavailable("s3:GetObject")(error)),
        }
    }

    async fn remove(&self, mail: &MessageId) -> Answer<()> {
        self.client
            .delete_object()
            .bucket(&self.name)
            .key(inbox_key(mail))
            .send()
            .await
            .map_err(unavailable("s3:DeleteObject"))?;
        Ok(())
    }
}

/// Reads a mail whose length is within the limit; of any other, only the length has come.
async fn read(object: GetObjectOutput) -> Answer<Fetched> {
    let length = object.content_length().and_then(|length| usize::try_from(length).ok());
    if length.is_none_or(|length| length > LARGEST_MAIL) {
        return Ok(Fetched::TooLarge);
    }
    let body = object.body.collect().await;
    let body = body.map_err(|_| Unavailable { operation: "s3:GetObject", cause: "the mail broke off".to_owned() })?;
    Ok(Fetched::Mail(body.to_vec()))
}
