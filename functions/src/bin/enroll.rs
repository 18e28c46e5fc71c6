//! The function that the owner invokes with AWS credentials: adds, shows, renews and revokes enrolments.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::{address_key, relay_address, text};
use functions::log;
use functions::runtime::{self, Handled};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::Decision;
use service::enroll::{self, Action, Enroll};

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

/// What the owner can put right is an answer; a service that does not answer fails the invocation.
async fn handle(enroll: &Enroll<Table, Bucket>, event: &Value) -> Handled<Value> {
    let result = match Action::parse(event, &enroll.relay_address) {
        Ok(action) => enroll.act(&action, Timestamp::now()).await,
        Err(error) => Err(error),
    };
    let decision = Decision::from(&result);
    match result {
        Ok(answer) => Handled::new(answer.to_json(), decision),
        Err(enroll::Error::Unavailable(unavailable)) => Handled::unavailable("enroll", unavailable),
        Err(error) => Handled::new(error.to_json(), decision),
    }
}
