use super::*;
use crate::configuration::Configuration;
use crate::evidence::Resolver;
use crate::log::Log;
use crate::shutdown;
use relay::relay_address::RelayAddress;
use serde_json::json;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A folder, and the configuration of a relay in it that logs into memory.
fn relay() -> (TempDir, Configuration, Arc<Mutex<Vec<String>>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = Arc::default();
    let configuration = Configuration {
        relay_address: RelayAddress::parse("arlo@mfa.example.com").expect("a relay address"),
        data: folder.path().to_owned(),
        http: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        smtp: SocketAddr::from((Ipv4Addr::LOCALHOST, 2525)),
        imap: None,
        base_url: None,
        window_seconds: 300,
        resolver: Resolver::None,
        certificate: None,
        log: Log::Memory(Arc::clone(&lines)),
    };
    (folder, configuration, lines)
}

/// Sends the events to a socket that serves this configuration, one after another.
async fn answers<const N: usize>(configuration: &Configuration, events: [Value; N]) -> [Value; N] {
    let socket = configuration.data.join("control.sock");
    let listener = bind(&socket).expect("a socket");
    let enroller = Enroller::open(configuration).expect("a store");
    let (trigger, shutdown) = shutdown::channel();
    let server = tokio::spawn(serve(listener, enroller, shutdown));
    let mut answers = [const { Value::Null }; N];
    for (answer, event) in answers.iter_mut().zip(&events) {
        *answer = ask(&socket, event).await.expect("an answer").expect("a running relay");
    }
    trigger.shut_down();
    server.await.expect("no panic");
    assert!(!socket.exists());
    answers
}

/// Overwrites the root page of a table, so that everything except this table can be read.
fn corrupt(store: &Path, table: &str) {
    let database = rusqlite::Connection::open(store).expect("a database");
    let number = |sql: &str| {
        let number: i64 = database.query_row(sql, [], |row| row.get(0)).expect("a number");
        u64::try_from(number).expect("not negative")
    };
    let root_page = number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let page_size = number("PRAGMA page_size");
    let garbage = vec![0xFF; usize::try_from(page_size).expect("it fits")];
    let file = File::options().write(true).open(store).expect("the store");
    file.write_all_at(&garbage, (root_page - 1) * page_size).expect("written");
}

#[tokio::test]
async fn each_decision_is_answered_and_logged() {
    let (_folder, configuration, log) = relay();
    let add = json!({"action": "add", "mailbox": "me@gmail.com"});
    let [added, again, unknown] = answers(&configuration, [add.clone(), add, json!("no event")]).await;
    assert!(added["token"].is_string(), "{added}");
    assert_eq!((&again["error"], &unknown["error"]), (&json!("already_enrolled"), &json!("invalid_request")));
    let log = log.lock().expect("no panic");
    for (line, expected) in
        log.iter().zip(["enroll done (", "enroll denied already_enrolled (", "enroll denied invalid_request ("])
    {
        assert!(line.starts_with(expected), "{line}");
    }
    assert_eq!(log.len(), 3);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_reported_to_the_caller_and_logged_with_its_cause() {
    let (folder, configuration, log) = relay();
    drop(Enroller::open(&configuration).expect("a new store"));
    corrupt(&folder.path().join("relay.db"), "enrolment");
    let [answer] = answers(&configuration, [json!({"action": "list"})]).await;
    assert_eq!(answer["error"], "unavailable");
    let message = answer["message"].as_str().expect("a message");
    assert!(message.starts_with("The store did not answer: store:enrolments failed: DatabaseCorrupt."), "{message}");
    let log = log.lock().expect("no panic");
    assert!(
        matches!(&log[..], [line] if line.starts_with("enroll unavailable store:enrolments DatabaseCorrupt (")),
        "{log:?}"
    );
}

#[tokio::test]
async fn without_a_running_relay_nobody_answers() {
    let (folder, _, _) = relay();
    let socket = folder.path().join("control.sock");
    assert!(matches!(ask(&socket, &Value::Null).await, Ok(None)), "there is no socket");
    drop(bind(&socket).expect("a socket"));
    assert!(socket.exists());
    assert!(matches!(ask(&socket, &Value::Null).await, Ok(None)), "the socket of a killed relay");
}
