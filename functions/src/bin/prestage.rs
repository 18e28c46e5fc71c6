//! The function behind `POST /prestage`, which opens a request and answers with its status URL, and behind `/pyaarlo/…`.

use functions::aws::{bucket::Bucket, connection::Connection, scheduler::Scheduler, table::Table};
use functions::environment::{address_key, relay_address, text, window_seconds};
use functions::event::http::{HttpRequest, answer};
use functions::log;
use functions::runtime::{self, Handled};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;
use service::dialects::pyaarlo::{self, Pyaarlo};
use service::prestage::Prestage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let pyaarlo = Pyaarlo {
        prestage: Prestage {
            table: Table::new(&connection, &text("TABLE")?),
            statuses: Bucket::new(&connection, &bucket),
            schedule: Scheduler::new(
                &connection,
                text("SCHEDULE_GROUP")?,
                text("EXPIRE_FUNCTION_ARN")?,
                text("SCHEDULE_ROLE_ARN")?,
            ),
            relay_address: relay_address()?,
            key: address_key()?,
            window_seconds: window_seconds()?,
        },
    };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host), connection.warm_up("scheduler"));

    runtime::run(async |event| handle(&pyaarlo, &event).await).await
}

async fn handle(pyaarlo: &Pyaarlo<Table, Bucket, Scheduler>, event: &Value) -> Handled<Value> {
    let request = HttpRequest::read(event);
    let (path, query) = request.path_and_query();
    let call = request.call();
    let (reply, decision) = if pyaarlo::owns(path) {
        let call = pyaarlo::Call { path, query, authorization: call.authorization };
        pyaarlo.answer(&call, Timestamp::now()).await
    } else {
        let (reply, decision) = pyaarlo.prestage.answer(&call, Timestamp::now()).await;
        (reply, Some(decision))
    };
    Handled { response: Ok(answer(&reply)), decisions: decision.into_iter().collect() }
}
