//! The DynamoDB store keeps the contract of its ports.
//!
//! It needs a DynamoDB endpoint with the template's table, named by the variables that Lambda sets: `AWS_ENDPOINT_URL`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `TABLE`. `tests/stack/test_conformance.py` starts one
//! and runs this with the feature `conformance`.
#![cfg(test)]

use functions::aws::{connection::Connection, table::Table};

#[tokio::test]
async fn the_table_is_a_store_like_any_other() {
    let connection = Connection::from_environment().expect("the variables that Lambda sets");
    let name = std::env::var("TABLE").expect("the name of the table");
    service::conformance::check(&Table::new(&connection, &name)).await;
}
