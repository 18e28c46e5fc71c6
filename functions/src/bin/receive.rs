//! The function behind the SES rule: judges a stored mail, delivers its code, removes it.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::{address_key, relay_address, text};
use functions::event::ses::announcements;
use functions::metric::Metric;
use functions::{log, runtime};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::port::Unavailable;
use service::receive::{Outcome, Receive};
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let receive = Receive {
        table: Table::new(&connection, &text("TABLE")?),
        bucket: Bucket::new(&connection, &bucket),
        relay_address: relay_address()?,
        key: address_key()?,
        now: Timestamp::now,
    };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host));

    runtime::run(async |event| handle(&receive, &event).await).await
}

/// Fails where something did not answer, so that Lambda hands in the same event again.
async fn handle(receive: &Receive<Table, Bucket>, event: &Value) -> Result<(), Unavailable> {
    for mail in announcements(event, Timestamp::now()) {
        let started = Instant::now();
        let taken = receive.take(&mail).await.inspect_err(|trouble| log::trouble("receive", trouble, started))?;
        for outcome in taken {
            let (word, reason) = outcome.words();
            log::measured("receive", word, reason, started, &metrics(outcome));
        }
    }
    Ok(())
}

fn metrics(outcome: Outcome) -> Vec<Metric> {
    match outcome {
        Outcome::Delivered { after } => vec![Metric::CodesDelivered, Metric::DeliverySeconds(after)],
        Outcome::Refused(refusal) => vec![Metric::Refused(refusal)],
        Outcome::DeliveredBefore | Outcome::Confirmation | Outcome::NobodyEnrolled | Outcome::Gone => Vec::new(),
    }
}
