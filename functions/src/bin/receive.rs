//! The function behind the SES rule: judges a stored mail, delivers its code, deletes the mail.

use functions::aws::bucket::{Bucket, FetchError};
use functions::aws::{connection::Connection, table::Table};
use functions::environment::{address_key, relay_address, text};
use functions::log;
use functions::runtime::{self, Handled};
use jiff::Timestamp;
use lambda_runtime::Error;
use relay::verdict::mail::Envelope;
use serde_json::Value;
use service::receive::Receive;
use service::{Decision, Unavailable};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let bucket = text("BUCKET")?;
    let inbox = Bucket::new(&connection, &bucket);
    let receive = Receive {
        table: Table::new(&connection, &text("TABLE")?),
        statuses: inbox.clone(),
        relay_address: relay_address()?,
        key: address_key()?,
        now: Timestamp::now,
    };
    let bucket_host = format!("{bucket}.s3");
    tokio::join!(connection.warm_up("dynamodb"), connection.warm_up(&bucket_host));

    runtime::run(async |event| handle(&receive, &inbox, &event).await).await
}

/// Fails if a service did not answer, so that Lambda hands in the same event again.
async fn handle(receive: &Receive<Table, Bucket>, inbox: &Bucket, event: &Value) -> Handled<()> {
    let mut decisions = Vec::new();
    for mail in ses::event::mails(event, Timestamp::now()) {
        if let Err(unavailable) = process(receive, inbox, &mail, &mut decisions).await {
            decisions.push(Decision::unavailable("receive", &unavailable));
            return Handled { response: Err(unavailable), decisions };
        }
    }
    Handled { response: Ok(()), decisions }
}

/// Judges and delivers a mail, then deletes it: until then, a retry finds it again. What was decided is logged also if the
/// deletion fails, because the retry decides something else.
async fn process(
    receive: &Receive<Table, Bucket>,
    inbox: &Bucket,
    mail: &Envelope,
    decisions: &mut Vec<Decision>,
) -> Result<(), Unavailable> {
    match receive.mail(mail, inbox.mail(&mail.id)).await {
        Ok(outcomes) => decisions.extend(outcomes.iter().map(Decision::from)),
        Err(FetchError::Gone) => {
            decisions.push(Decision::new("receive", "ignored").because("gone"));
            return Ok(());
        }
        Err(FetchError::Unavailable(unavailable)) => return Err(unavailable),
    }
    inbox.delete_mail(&mail.id).await
}
