use super::*;
use jiff::Timestamp;
use relay::id::RequestId;
use relay::provider::Provider;
use relay::request::Request;
use relay::secret::Tag;
use relay::status::{End, Status};
use service::port::{Kept, OpenRequest, PublishStatus, StepRequest};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("relay.db");
    (folder, path)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn request(id: u8, opened_at: i64) -> Request {
    let arlo = Provider::named("arlo").expect("a provider");
    Request::open(RequestId::from_random([id; 16]), arlo, at(opened_at), 300)
}

#[tokio::test]
async fn what_was_written_is_there_after_the_process_is_gone() {
    let (_folder, path) = place();
    let (tag, request) = (Tag::from_random([1; 10]), request(1, 1000));
    let store = Store::open(&path).expect("a new store");
    store.open(&tag, &request).await.expect("written");
    drop(store);
    let store = Store::open(&path).expect("the same store");
    assert_eq!(store.request(&tag).await, Ok(Some(request)));
}

#[test]
fn two_processes_never_share_a_store() {
    let (_folder, path) = place();
    let _held = Store::open(&path).expect("a new store");
    assert!(matches!(Store::open(&path), Err(StoreError::Held(_))));
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let (_folder, path) = place();
    std::fs::write(&path, "dear diary ".repeat(100)).expect("a file");
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
    std::fs::remove_file(&path).expect("removed");
    let other = Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE diary (day TEXT)").expect("a table");
    drop(other);
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("a new store");
    store.connection().pragma_update(None, "user_version", VERSION + 1).expect("written");
    drop(store);
    assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 2, .. })));
}

#[tokio::test]
async fn a_step_is_kept_only_from_the_state_that_was_read() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("a new store");
    let (tag, first) = (Tag::from_random([1; 10]), request(1, 1000));
    store.open(&tag, &first).await.expect("written");
    let closed = first.close();
    assert_eq!(store.keep(&tag, &closed, &first).await, Ok(Kept::Yes));
    assert_eq!(store.keep(&tag, &closed, &first).await, Ok(Kept::Changed));
    let second = request(2, 2000);
    assert_eq!(store.open(&tag, &second).await, Ok(Some(closed.clone())));
    assert_eq!(store.keep(&tag, &closed, &closed).await, Ok(Kept::Changed));
    assert!(store.open(&tag, &first).await.is_err(), "an opening that comes late replaces nothing");
}

#[tokio::test]
async fn a_status_is_shown_for_as_long_as_its_url_lives() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("a new store");
    let (id, status) = (RequestId::from_random([1; 16]), Status::ended(End::Revoked));
    store.publish(&id, &status).await.expect("written");
    assert_eq!(store.status(&id, at(10)), Ok(None), "nobody has a URL yet");
    store.show_status(&id, at(20)).expect("written");
    store.sweep_statuses(at(19)).expect("swept");
    assert_eq!(store.status(&id, at(19)), Ok(Some(status.to_json())));
    assert_eq!(store.status(&id, at(20)), Ok(None));
    store.sweep_statuses(at(20)).expect("swept");
    assert_eq!(store.status(&id, at(19)), Ok(None));
}

#[tokio::test]
async fn no_request_is_without_its_end() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("a new store");
    let (tag, request) = (Tag::from_random([1; 10]), request(1, 1000));
    store.open(&tag, &request).await.expect("written");
    let ending = Ending { request: request.id, tag, at: at(1300) };
    assert_eq!(store.next_ending(), Ok(Some(ending.clone())));
    store.remember_ending(&ending).expect("once more changes nothing");
    store.forget_ending(&ending.request).expect("forgotten");
    assert_eq!(store.next_ending(), Ok(None));
}

#[test]
fn the_request_that_ends_first_comes_first() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("a new store");
    let ending = |id, second| Ending {
        request: RequestId::from_random([id; 16]),
        tag: Tag::from_random([id; 10]),
        at: at(second),
    };
    assert_eq!(store.next_ending(), Ok(None));
    for ending in [ending(1, 200), ending(2, 100)] {
        store.remember_ending(&ending).expect("written");
    }
    assert_eq!(store.next_ending(), Ok(Some(ending(2, 100))));
    store.forget_ending(&ending(2, 100).request).expect("forgotten");
    assert_eq!(store.next_ending(), Ok(Some(ending(1, 200))));
}
