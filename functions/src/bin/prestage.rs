//! The function behind `POST /prestage`: checks the token, opens a request, answers with its status URL.

use functions::aws::{bucket::Bucket, connection::Connection, scheduler::Scheduler, table::Table};
use functions::environment::{address_key, relay_address, text, window_seconds};
use functions::event::http::{HttpRequest, answer};
use functions::metric::Metric;
use functions::{log, runtime};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::prestage::{Denial, Outcome, Prestage};
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let prestage = Prestage {
        table: Table::new(&connection, &text("TABLE")?),
        statuses: Bucket::new(&connection, &bucket),
        scheduler: Scheduler::new(
            &connection,
            text("SCHEDULE_GROUP")?,
            text("EXPIRE_FUNCTION_ARN")?,
            text("SCHEDULE_ROLE_ARN")?,
        ),
        relay_address: relay_address()?,
        key: address_key()?,
        window_seconds: window_seconds()?,
    };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host), connection.warm_up("scheduler"));

    runtime::run(async |event| Ok(handle(&prestage, &event).await)).await
}

async fn handle(prestage: &Prestage<Table, Bucket, Scheduler>, event: &Value) -> Value {
    let started = Instant::now();
    let request = HttpRequest::read(event);
    let (reply, outcome) = prestage.answer(&request.call(), Timestamp::now()).await;
    match &outcome {
        Outcome::Opened { for_overdue } => {
            let mut metrics = vec![Metric::RequestsOpened];
            metrics.extend(for_overdue.then_some(Metric::PendingPastEnd));
            log::measured("prestage", "opened", None, started, &metrics);
        }
        Outcome::Denied(Denial::TryAgain(trouble)) => log::trouble("prestage", trouble, started),
        Outcome::Denied(denial) => log::decision("prestage", "denied", Some(denial.word()), started),
    }
    answer(&reply)
}
