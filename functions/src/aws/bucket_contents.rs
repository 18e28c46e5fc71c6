//! Emptying the stack's bucket, because CloudFormation deletes only an empty one. It holds mail that was never processed,
//! the last day's status documents, and SES's test object (`inbox/AMAZON_SES_SETUP_NOTIFICATION`).

use super::connection::{Connection, unavailable};
use super::retry::retry;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata as _};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, Error as ObjectError, ObjectIdentifier};
use service::ports::Unavailable;
use std::time::Duration;

const DELETE: &str = "s3:DeleteObjects";

/// S3 may take some seconds to delete a thousand objects, the maximum of one call.
const ATTEMPT: Duration = Duration::from_secs(20);
const OPERATION: Duration = Duration::from_mins(1);

/// How long no object may arrive before the bucket counts as empty. The bucket's policy, by which SES stores mail that it
/// accepted before, is deleted first; that takes a moment to reach all of S3 (eventual consistency).
const QUIET: Duration = Duration::from_secs(5);

/// All objects of the stack's bucket.
pub struct BucketContents {
    client: Client,
    bucket: String,
}

impl BucketContents {
    /// The contents of the bucket of this name.
    pub fn new(connection: &Connection, bucket: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
        let config = connection.s3(bucket).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), bucket: bucket.to_owned() }
    }

    /// Deletes every version of every object, and every delete marker, until a while passes in which no object arrives.
    /// Succeeds if the bucket is gone.
    pub async fn delete_all(&self) -> Result<(), Unavailable> {
        self.delete_pages().await?;
        loop {
            tokio::time::sleep(QUIET).await;
            if self.delete_pages().await? == 0 {
                return Ok(());
            }
        }
    }

    /// Returns the number of pages that were deleted.
    async fn delete_pages(&self) -> Result<usize, Unavailable> {
        let mut pages = 0;
        // Deleted objects are not listed again, so the first page is always the next one.
        while retry(async || self.delete_page().await).await? {
            pages += 1;
        }
        Ok(pages)
    }

    /// Deletes the first page. Returns `false` if there was none.
    async fn delete_page(&self) -> Result<bool, Unavailable> {
        let page = match self.client.list_object_versions().bucket(&self.bucket).send().await {
            Ok(page) => page,
            // An earlier attempt emptied it, and CloudFormation has deleted it.
            Err(error) if error.code() == Some("NoSuchBucket") => return Ok(false),
            Err(error) => return Err(unavailable("s3:ListObjectVersions")(error)),
        };
        let objects = identifiers(&page).map_err(incomplete)?;
        if objects.is_empty() {
            return Ok(false);
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(incomplete)?;
        let request = self.client.delete_objects().bucket(&self.bucket).delete(delete);
        let response = request.send().await.map_err(unavailable(DELETE))?;
        not_deleted(response.errors()).map_or(Ok(true), Err)
    }
}

fn identifiers(page: &ListObjectVersionsOutput) -> Result<Vec<ObjectIdentifier>, BuildError> {
    let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    let named = versions.chain(markers).filter_map(|(key, version)| Some((key?, version)));
    named
        .map(|(key, version)| ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned)).build())
        .collect()
}

/// Returns the number of objects that were not deleted and the first one's error code, or `None` if there are none.
/// Leaves out the keys: a status document's key leads to a code.
fn not_deleted(errors: &[ObjectError]) -> Option<Unavailable> {
    let code = errors.first()?.code().unwrap_or("an error without a code");
    Some(Unavailable { operation: DELETE, cause: format!("{code} for {} of a page's objects", errors.len()) })
}

#[allow(clippy::needless_pass_by_value, reason = "the signature that map_err takes")]
fn incomplete(error: BuildError) -> Unavailable {
    Unavailable { operation: DELETE, cause: error.to_string() }
}
