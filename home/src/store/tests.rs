use super::*;
use jiff::Timestamp;
use relay::id::{ProgramId, RequestId};
use relay::provider::Provider;
use relay::request::Request;
use relay::secret::{Code, Tag};
use relay::status::{End, Status};
use service::ports::{RequestStore, StatusStore};
use tempfile::TempDir;

fn store_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("relay.db");
    (folder, path)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn request(id: u8, opened_at: i64) -> Request {
    let arlo = Provider::named("arlo").expect("a provider");
    Request::open(RequestId::from_random([id; 16]), ProgramId::from_random([id; 4]), arlo, at(opened_at), 300)
}

#[tokio::test]
async fn a_request_survives_closing_the_store() {
    let (_folder, path) = store_path();
    let (tag, request) = (Tag::from_random([1; 10]), request(1, 1000));
    let store = Store::open(&path).expect("a new store");
    let opened = store.open_request(&tag, &request).await.expect("written");
    drop(store);
    let store = Store::open(&path).expect("the same store");
    assert_eq!(store.requests(&tag).await, Ok(opened));
}

#[test]
fn a_store_cannot_be_opened_twice() {
    let (_folder, path) = store_path();
    let _held = Store::open(&path).expect("a new store");
    assert!(matches!(Store::open(&path), Err(StoreError::Held(_))));
}

#[test]
fn a_file_that_is_not_a_store_is_rejected() {
    let (_folder, path) = store_path();
    std::fs::write(&path, "not a database ".repeat(100)).expect("a file");
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
    std::fs::remove_file(&path).expect("removed");
    let other = Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE other (name TEXT)").expect("a table");
    drop(other);
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
}

#[test]
fn a_store_with_another_schema_is_rejected() {
    for version in [VERSION - 1, VERSION + 1] {
        let (_folder, path) = store_path();
        let store = Store::open(&path).expect("a new store");
        store.connection().pragma_update(None, "user_version", version).expect("written");
        drop(store);
        assert!(matches!(Store::open(&path), Err(StoreError::OtherVersion { found, .. }) if found == version));
    }
}

#[tokio::test]
async fn sqlite_keeps_the_contract_of_the_ports() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    service::conformance::check(&store).await;
    service::conformance::check_statuses(&store).await;
}

impl service::conformance::ReadStatus for Store {
    async fn read_status(&self, request: &RequestId) -> Option<String> {
        self.set_url_expiry(request, at(20)).expect("written");
        self.status(request, at(10)).expect("read")
    }
}

#[tokio::test]
async fn a_status_is_readable_until_its_url_expires() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    let (id, status) = (RequestId::from_random([1; 16]), Status::ended(End::Revoked));
    store.publish(&id, &status).await.expect("written");
    assert_eq!(store.status(&id, at(10)), Ok(None), "there is no URL yet");
    store.set_url_expiry(&id, at(20)).expect("written");
    store.delete_expired_statuses(at(19)).expect("deleted");
    assert_eq!(store.status(&id, at(19)), Ok(Some(status.to_json())));
    assert_eq!(store.status(&id, at(20)), Ok(None));
    store.delete_expired_statuses(at(20)).expect("deleted");
    assert_eq!(store.status(&id, at(19)), Ok(None));
}

#[tokio::test]
async fn a_pending_status_never_replaces_another() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    let (id, pending) = (RequestId::from_random([1; 16]), request(1, 1000).pending());
    store.set_url_expiry(&id, at(2000)).expect("written");
    store.publish(&id, &pending).await.expect("written");
    assert_eq!(store.status(&id, at(1000)), Ok(Some(pending.to_json())));
    let ended = Status::ended(End::Revoked);
    store.publish(&id, &ended).await.expect("written");
    store.publish(&id, &pending).await.expect("a late put is no error");
    assert_eq!(store.status(&id, at(1000)), Ok(Some(ended.to_json())));
}

#[tokio::test]
async fn a_code_is_readable_until_its_window_ends_even_if_nothing_erases_it() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    let id = RequestId::from_random([1; 16]);
    let complete = Status::Complete {
        code: Code::parse("467266").expect("a code"),
        provider: "arlo".to_owned(),
        received_at: at(1010),
        expires_at: at(1300),
    };
    store.publish(&id, &complete).await.expect("written");
    store.set_url_expiry(&id, at(1600)).expect("written");
    assert_eq!(store.status(&id, at(1299)), Ok(Some(complete.to_json())));
    assert_eq!(store.status(&id, at(1300)), Ok(Some(Status::ended(End::Expired).to_json())));
}

#[tokio::test]
async fn opening_a_request_schedules_its_end() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    let (tag, request) = (Tag::from_random([1; 10]), request(1, 1000));
    store.open_request(&tag, &request).await.expect("written");
    let end = ScheduledEnd { request: request.id, tag, at: at(1300) };
    assert_eq!(store.next_scheduled_end(), Ok(Some(end.clone())));
    store.schedule_end(&end).expect("idempotent");
    store.delete_scheduled_end(&end.request).expect("deleted");
    assert_eq!(store.next_scheduled_end(), Ok(None));
}

#[test]
fn the_end_that_is_due_first_comes_first() {
    let (_folder, path) = store_path();
    let store = Store::open(&path).expect("a new store");
    let end = |id, second| ScheduledEnd {
        request: RequestId::from_random([id; 16]),
        tag: Tag::from_random([id; 10]),
        at: at(second),
    };
    assert_eq!(store.next_scheduled_end(), Ok(None));
    for end in [end(1, 200), end(2, 100)] {
        store.schedule_end(&end).expect("written");
    }
    assert_eq!(store.next_scheduled_end(), Ok(Some(end(2, 100))));
    store.delete_scheduled_end(&end(2, 100).request).expect("deleted");
    assert_eq!(store.next_scheduled_end(), Ok(Some(end(1, 200))));
}
