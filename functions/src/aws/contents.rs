//! Emptying the stack's bucket, for CloudFormation deletes no bucket that holds anything: mail that was never handled,
//! status documents of the last day, and what SES wrote to try its right (`inbox/AMAZON_SES_SETUP_NOTIFICATION`).

use super::connection::{Connection, unavailable};
use super::patience::patiently;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata as _};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, Error as Undeleted, ObjectIdentifier};
use service::ports::Unavailable;
use std::time::Duration;

const DELETE: &str = "s3:DeleteObjects";

/// S3 may take some seconds to delete a thousand objects, which is the most that one call names.
const ATTEMPT: Duration = Duration::from_secs(20);
const OPERATION: Duration = Duration::from_mins(1);

/// Everything in the stack's bucket.
pub struct Contents {
    client: Client,
    bucket: String,
}

impl Contents {
    /// The contents of the bucket of this name.
    pub fn new(connection: &Connection, bucket: &str) -> Self {
        let limits = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
        let config = connection.s3(bucket).timeout_config(limits).build();
        Self { client: Client::from_conf(config), bucket: bucket.to_owned() }
    }

    /// Deletes every object in every version, and every delete marker.
    pub async fn remove_all(&self) -> Result<(), Unavailable> {
        // What has been deleted is not listed again, so the first page is always the next one.
        while patiently(async || self.remove_page().await).await? {}
        Ok(())
    }

    /// Deletes the first page. Whether there was one.
    async fn remove_page(&self) -> Result<bool, Unavailable> {
        let page = match self.client.list_object_versions().bucket(&self.bucket).send().await {
            Ok(page) => page,
            // An earlier try has come so far that CloudFormation could delete the bucket.
            Err(error) if error.code() == Some("NoSuchBucket") => return Ok(false),
            Err(error) => return Err(unavailable("s3:ListObjectVersions")(error)),
        };
        let found = identifiers(&page).map_err(incomplete)?;
        if found.is_empty() {
            return Ok(false);
        }
        let these = Delete::builder().set_objects(Some(found)).quiet(true).build().map_err(incomplete)?;
        let request = self.client.delete_objects().bucket(&self.bucket).delete(these);
        let answer = request.send().await.map_err(unavailable(DELETE))?;
        undeleted(answer.errors()).map_or(Ok(true), Err)
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

/// Says how many objects are left and why the first of them is, and no key: keys lead to codes.
fn undeleted(errors: &[Undeleted]) -> Option<Unavailable> {
    let code = errors.first()?.code().unwrap_or("an error without a code");
    Some(Unavailable { operation: DELETE, cause: format!("{code} for {} of a page's objects", errors.len()) })
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn incomplete(error: BuildError) -> Unavailable {
    Unavailable { operation: DELETE, cause: error.to_string() }
}
