use super::*;
use crate::evidence::Resolver;
use crate::log::Log;
use relay::mailbox::Mailbox;
use relay::relay_address::RelayAddress;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;

fn configuration(data: &Path) -> Configuration {
    Configuration {
        relay_address: RelayAddress::parse("arlo@mfa.example.com").expect("a relay address"),
        data: data.to_owned(),
        http: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        smtp: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        imap: None,
        base_url: None,
        window_seconds: 300,
        resolver: Resolver::None,
        certificate: None,
        log: Log::Discard,
    }
}

fn open(data: &Path) -> Result<Jobs, StartError> {
    let configuration = configuration(data);
    open_jobs(&configuration, configuration.http).map(|(_, jobs)| jobs)
}

async fn enroll(data: &Path, action: &str) -> Value {
    let enroller = Enroller::new(open(data).expect("a store"));
    enroller.answer(&json!({"action": action, "mailbox": "me@gmail.com"})).await
}

#[tokio::test]
async fn a_start_that_is_cut_off_anywhere_is_completed_by_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (store, key) = (data.join("relay.db"), data.join("address.key"));
    fs::write(&store, "").expect("the file is created, and has no tables yet");
    drop(open(data).expect("a store"));
    fs::remove_file(&key).expect("the store is created, and its key is not yet");
    drop(open(data).expect("a store"));
    assert!(key.exists());
    assert!(enroll(data, "add").await.get("token").is_some());
    assert!(enroll(data, "show").await.get("relay_address").is_some());
}

#[tokio::test]
async fn a_store_that_is_lost_is_not_replaced_by_an_empty_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let store = data.join("relay.db");
    enroll(data, "add").await;
    let backup = fs::read(&store).expect("the store");
    fs::write(&store, "").expect("emptied");
    assert!(matches!(open(data), Err(StartError::Store(StoreError::Lost(_)))));
    fs::remove_file(&store).expect("removed");
    for _ in 0..2 {
        assert!(matches!(open(data), Err(StartError::Store(StoreError::Lost(_)))));
        assert!(!store.exists());
    }
    fs::write(&store, backup).expect("restored");
    assert!(enroll(data, "show").await.get("relay_address").is_some());
}

#[tokio::test]
async fn a_store_whose_key_is_lost_does_not_get_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, key) = (folder.path(), folder.path().join("address.key"));
    enroll(data, "add").await;
    let backup = fs::read(&key).expect("the key");
    fs::remove_file(&key).expect("removed");
    for _ in 0..2 {
        assert!(matches!(open(data), Err(StartError::DataFolder(DataFolderError::KeyMissing(_)))));
    }
    fs::write(&key, backup).expect("restored");
    assert!(enroll(data, "show").await.get("relay_address").is_some());
}

#[test]
fn processes_that_race_to_start_wait_for_each_other_and_use_the_same_key() {
    let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
    for _ in 0..5 {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let keys: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(data).expect("a store").key)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let hashes: BTreeSet<_> = keys.iter().map(|key| key.mailbox(&mailbox)).collect();
        assert_eq!(hashes.len(), 1);
    }
}

#[tokio::test]
async fn a_relay_whose_store_is_deleted_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let configuration = configuration(folder.path());
    let relay = LocalRelay::open(&configuration).await.expect("a relay");
    fs::remove_file(folder.path().join("relay.db")).expect("removed");
    let (_trigger, shutdown) = crate::shutdown::channel();
    let stopped = relay.run(shutdown).await.expect_err("the file is lost");
    assert!(stopped.to_string().contains("relay.db was deleted"), "{stopped}");
}
