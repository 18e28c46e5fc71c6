//! The function that a request's one-shot schedule runs at its window's end: closes the request and erases its code.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::text;
use functions::event::schedule::WindowEnd;
use functions::metric::Metric;
use functions::{log, runtime};
use jiff::Timestamp;
use lambda_runtime::Error;
use relay::status::End;
use serde_json::Value;
use service::expire::{By, Ended, Expire};
use service::port::Unavailable;
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let expire =
        Expire { table: Table::new(&connection, &text("TABLE")?), statuses: Bucket::new(&connection, &bucket) };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host));

    runtime::run(async |event| handle(&expire, &event).await).await
}

/// Fails where something did not answer, so that Lambda hands in the same event again.
async fn handle(expire: &Expire<Table, Bucket>, event: &Value) -> Result<(), Unavailable> {
    let started = Instant::now();
    let Some(WindowEnd { tag, request }) = WindowEnd::read(event) else {
        // Nobody but the schedule calls this, and a second try would read the same.
        log::decision("expire", "ignored", Some("unreadable"), started);
        return Ok(());
    };
    let ended = expire.end(&tag, &request, Timestamp::now()).await;
    let ended = ended.inspect_err(|trouble| log::trouble("expire", trouble, started))?;
    log::measured("expire", "ended", Some(ended.end.word()), started, &metrics(ended));
    Ok(())
}

/// Only the run that ends a request counts: the same event may come again.
fn metrics(ended: Ended) -> Vec<Metric> {
    let By::ThisRun { overdue } = ended.by else { return Vec::new() };
    let timed_out = (ended.end == End::TimedOut).then_some(Metric::TimedOut);
    timed_out.into_iter().chain(overdue.then_some(Metric::PendingPastEnd)).collect()
}
