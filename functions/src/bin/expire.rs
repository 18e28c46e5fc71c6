//! The function that a request's one-shot schedule runs at its window's end: closes the request and erases its code.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::text;
use functions::event::schedule::WindowEnd;
use functions::{log, runtime};
use lambda_runtime::Error;
use serde_json::Value;
use service::expire::Expire;
use service::port::Unavailable;
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
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
    let end = expire.end(&tag, &request).await.inspect_err(|trouble| log::trouble("expire", trouble, started))?;
    log::decision("expire", "ended", Some(end.word()), started);
    Ok(())
}
