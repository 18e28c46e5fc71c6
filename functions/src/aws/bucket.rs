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
use service::ports::{StatusReader, StatusStore, StatusUrls, Unavailable};
use service::receive::{MailContent, NoChecks};
use ses::AMAZON_SES;
use std::time::Duration;

/// S3's error codes for a conditional put
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
const PRECONDITION_FAILED: &str = "PreconditionFailed";
const CONFLICT: &str = "ConditionalRequestConflict";

/// S3's error code for a missing object, given only to those who may list the bucket
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, Permissions).
const NO_SUCH_KEY: &str = "NoSuchKey";

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

impl StatusStore for Bucket {
    async fn publish(&self, request: &RequestId, status: &Status) -> Result<(), Unavailable> {
        let is_pending = matches!(status, Status::Pending { .. });
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(status_key(request))
            .content_type("application/json")
            .cache_control("no-store")
            .set_if_none_match(is_pending.then(|| "*".to_owned()))
            .body(ByteStream::from(status.to_json().into_bytes()));
        match put.send().await {
            Ok(_) => Ok(()),
            // Another document is there, or is being put right now.
            Err(error) if is_pending && matches!(error.code(), Some(PRECONDITION_FAILED | CONFLICT)) => Ok(()),
            Err(error) => Err(unavailable("s3:PutObject")(error)),
        }
    }
}

impl StatusReader for Bucket {
    async fn read_status(&self, request: &RequestId) -> Result<Option<Status>, Unavailable> {
        let object = match self.client.get_object().bucket(&self.name).key(status_key(request)).send().await {
            Ok(object) => object,
            Err(error) if is_missing(error.code()) => return Ok(None),
            Err(error) => return Err(unavailable("s3:GetObject")(error)),
        };
        let document = object.body.collect().await.map_err(|_| interrupted())?.to_vec();
        Ok(Status::from_json(&String::from_utf8_lossy(&document)))
    }
}

impl StatusUrls for Bucket {
    async fn status_url(&self, request: &RequestId, seconds: u32) -> Result<String, Unavailable> {
        const OPERATION: &str = "presign";
        let lifetime = PresigningConfig::expires_in(Duration::from_secs(u64::from(seconds)))
            .map_err(|_| Unavailable { operation: OPERATION, cause: "the window is too long".to_owned() })?;
        let request = self.client.get_object().bucket(&self.name).key(status_key(request)).presigned(lifetime);
        Ok(request.await.map_err(unavailable(OPERATION))?.uri().to_owned())
    }
}

/// Why a stored mail cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub enum FetchError {
    /// It is not there: an earlier announcement of it has been processed.
    Gone,
    /// S3 did not answer, or refused: a retry finds the mail.
    Unavailable(Unavailable),
}

impl From<Unavailable> for FetchError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl Bucket {
    /// Reads a stored mail, which has SES's report on top.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn mail(&self, id: &MessageId) -> Result<MailContent<NoChecks>, FetchError> {
        match self.client.get_object().bucket(&self.name).key(inbox_key(id)).send().await {
            Ok(object) => Ok(content(object).await?),
            // `AccessDenied` is a right that was lost: the role may list the bucket, so S3 says it of no missing mail.
            Err(error) if error.code() == Some(NO_SUCH_KEY) => Err(FetchError::Gone),
            Err(error) => Err(unavailable("s3:GetObject")(error).into()),
        }
    }

    /// Deletes a mail that has been processed.
    ///
    /// # Errors
    /// S3 did not answer.
    pub async fn delete_mail(&self, id: &MessageId) -> Result<(), Unavailable> {
        let delete = self.client.delete_object().bucket(&self.name).key(inbox_key(id));
        delete.send().await.map_err(unavailable("s3:DeleteObject"))?;
        Ok(())
    }
}

/// Whether a status document is missing. prestage may not list the bucket, so S3 answers that a missing one is forbidden.
fn is_missing(code: Option<&str>) -> bool {
    matches!(code, Some(NO_SUCH_KEY | "AccessDenied"))
}

fn interrupted() -> Unavailable {
    Unavailable { operation: "s3:GetObject", cause: "the download was interrupted".to_owned() }
}

/// Downloads a mail whose length is within the limit; of a longer one, only the length has come.
async fn content(object: GetObjectOutput) -> Result<MailContent<NoChecks>, Unavailable> {
    let length = object.content_length().and_then(|length| usize::try_from(length).ok());
    if length.is_none_or(|length| length > LARGEST_MAIL) {
        return Ok(MailContent::TooLarge);
    }
    let body = object.body.collect().await.map_err(|_| interrupted())?;
    Ok(MailContent::Reported(body.to_vec(), &AMAZON_SES))
}
