//! The function that the owner invokes with AWS credentials: adds, shows, renews and revokes enrolments.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::{address_key, relay_address, text};
use functions::{log, runtime};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::enroll::{Action, Enroll};
use service::port::Unavailable;
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let enroll = Enroll {
        table: Table::new(&connection, &text("TABLE")?),
        statuses: Bucket::new(&connection, &bucket),
        relay_address: relay_address()?,
        key: address_key()?,
        prestage_url: text("PRESTAGE_URL")?,
    };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host));

    runtime::run(async |event| handle(&enroll, &event).await).await
}

async fn handle(enroll: &Enroll<Table, Bucket>, event: &Value) -> Result<Value, Unavailable> {
    let started = Instant::now();
    let answer = match Action::read(event, &enroll.relay_address) {
        Ok(action) => enroll.act(&action, Timestamp::now()).await,
        Err(failure) => Ok(Err(failure)),
    };
    match answer.inspect_err(|trouble| log::trouble("enroll", trouble, started))? {
        Ok(answered) => {
            log::decision("enroll", "done", None, started);
            Ok(answered.to_json())
        }
        Err(failure) => {
            log::decision("enroll", "denied", Some(failure.word()), started);
            Ok(failure.to_json())
        }
    }
}
