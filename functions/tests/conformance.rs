//! The stores on DynamoDB and S3 keep the contract of their ports.
//!
//! They need an endpoint with the template's table and bucket, named by the variables that Lambda sets:
//! `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `TABLE` and `BUCKET`.
//! `tests/stack/test_conformance.py` starts one and runs this with the feature `conformance`.
#![cfg(test)]

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use relay::id::RequestId;
use relay::status::Status;
use service::conformance::{ReadStatus, check, check_statuses};
use service::ports::{StatusStore, StatusUrls, Unavailable};

#[tokio::test]
async fn the_table_is_a_store_like_any_other() {
    let connection = Connection::from_environment().expect("the variables that Lambda sets");
    let name = std::env::var("TABLE").expect("the name of the table");
    check(&Table::new(&connection, &name)).await;
}

/// The bucket, and its documents as clients read them.
struct ReadableBucket(Bucket);

impl StatusStore for ReadableBucket {
    async fn publish(&self, request: &RequestId, status: &Status) -> Result<(), Unavailable> {
        self.0.publish(request, status).await
    }
}

impl ReadStatus for ReadableBucket {
    async fn read_status(&self, request: &RequestId) -> Option<String> {
        let url = self.0.status_url(request, 60).await.expect("a URL");
        match ureq::get(&url).call() {
            Ok(mut response) => Some(response.body_mut().read_to_string().expect("the document")),
            Err(ureq::Error::StatusCode(404)) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn the_bucket_keeps_status_documents_like_any_other_store() {
    let connection = Connection::from_environment().expect("the variables that Lambda sets");
    let name = std::env::var("BUCKET").expect("the name of the bucket");
    check_statuses(&ReadableBucket(Bucket::new(&connection, &name))).await;
}
