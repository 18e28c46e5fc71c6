//! The DynamoDB store keeps the contract of its ports.
//!
//! It needs a DynamoDB endpoint with the template's table, by the variables that Lambda sets: `AWS_ENDPOINT_URL`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `TABLE`. tests/stack/test_conformance.py starts one.
#![cfg(test)]

use functions::aws::{connection::Connection, table::Table};

#[tokio::test]
async fn the_table_is_a_store_like_any_other() {
    let Ok(name) = std::env::var("TABLE") else {
        // `cargo test` alone has no endpoint; the stack's tests fail if this test did not run against theirs.
        eprintln!("TABLE is not set: the suite runs with tests/stack");
        return;
    };
    let connection = Connection::from_environment().expect("the variables that Lambda sets");
    service::conformance::check(&Table::new(&connection, &name)).await;
    eprintln!("conformance: passed");
}
