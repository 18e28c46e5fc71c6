//! The function that a request's one-shot schedule runs at its window's end: closes the request and erases its code.

use functions::aws::{bucket::Bucket, connection::Connection, table::Table};
use functions::environment::text;
use functions::event::schedule::WindowEnd;
use functions::log;
use functions::runtime::{self, Handled};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::Decision;
use service::expire::Expire;

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

/// Fails if a service did not answer, so that Lambda hands in the same event again.
async fn handle(expire: &Expire<Table, Bucket>, event: &Value) -> Handled<()> {
    let Some(WindowEnd { tag, request }) = WindowEnd::read(event) else {
        // Only the schedule calls this, and a retry would read the same.
        return Handled::new((), Decision::new("expire", "ignored").because("unreadable"));
    };
    match expire.end(&tag, &request, Timestamp::now()).await {
        Ok(ended) => Handled::new((), Decision::from(&ended)),
        Err(unavailable) => Handled::unavailable("expire", unavailable),
    }
}
