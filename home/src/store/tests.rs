mod erasure;
mod opening;
mod quarantine;

use super::*;
use jiff::Timestamp;
use relay::arrivals::PendingConfirmation;
use relay::enrolment::Enrolment;
use relay::id::{ProgramId, RequestId};
use relay::mailbox::{AddressKey, Mailbox};
use relay::provider::Provider;
use relay::request::{Request, Requests};
use relay::secret::{Code, Tag};
use relay::status::{End, Status};
use service::ports::{ArrivalStore, EnrolmentStore, RequestStore, StatusStore, WriteOutcome};
use tempfile::TempDir;

fn store_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("relay.db");
    (folder, path)
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, true, &Log::Discard)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn request(id: u8, opened_at: i64) -> Request {
    let arlo = Provider::named("arlo").expect("a provider");
    Request::open(RequestId::from_random([id; 16]), ProgramId::from_random([id; 4]), arlo, at(opened_at), 300)
}

/// What is in quarantine: each row's table and record.
fn quarantined(store: &Store) -> Vec<String> {
    let connection = store.connection();
    let mut statement = connection.prepare("SELECT source || ' ' || record FROM quarantine").expect("a table");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[tokio::test]
async fn a_request_survives_closing_the_store() {
    let (_folder, path) = store_path();
    let (tag, request) = (Tag::from_random([1; 10]), request(1, 1000));
    let store = open(&path).expect("a new store");
    let opened = store.open_request(&tag, &request).await.expect("written");
    drop(store);
    let store = open(&path).expect("the same store");
    assert_eq!(store.requests(&tag).await, Ok(opened));
}

#[tokio::test]
async fn requests_that_were_opened_in_the_future_end_and_leave_the_record() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let (tag, other) = (Tag::from_random([1; 10]), Tag::from_random([2; 10]));
    let (past, future) = (request(1, 1000), Request { program: request(1, 0).program, ..request(2, 8000) });
    store.open_request(&tag, &past).await.expect("written");
    store.open_request(&tag, &future).await.expect("written");
    let untouched = store.open_request(&other, &request(3, 1000)).await.expect("written");
    store.publish(&future.id, &future.pending()).await.expect("written");
    store.set_url_expiry(&future.id, at(9000)).expect("written");

    assert_eq!(store.end_requests_opened_after(at(1000)), Ok(true));
    assert_eq!(store.end_requests_opened_after(at(1000)), Ok(false));
    let status = store.status(&future.id, at(1000)).expect("read").expect("a document");
    assert!(status.contains("timed_out"), "{status}");
    let requests = store.requests(&tag).await.expect("read");
    assert_eq!(requests.iter().collect::<Vec<_>>(), [&past]);
    let newer = Request { program: past.program.clone(), ..request(4, 1001) };
    let settled = store.open_request(&tag, &newer).await.expect("written").settled(at(1001));
    let is_open = |request: &Request| settled.get(&request.id).is_some_and(|request| request.end.is_none());
    assert!(is_open(&newer) && !is_open(&past), "the newest opening wins");
    assert_eq!(store.requests(&other).await, Ok(untouched));
    let mut scheduled = Vec::new();
    while let Some(next) = store.next_scheduled_end().expect("read") {
        store.delete_scheduled_end(&next.request).expect("deleted");
        scheduled.push(next.request);
    }
    assert!(!scheduled.contains(&future.id) && scheduled.len() == 3);
}

#[tokio::test]
async fn sqlite_keeps_the_contract_of_the_ports() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
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
    let store = open(&path).expect("a new store");
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
    let store = open(&path).expect("a new store");
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
    let store = open(&path).expect("a new store");
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
    let store = open(&path).expect("a new store");
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
    let store = open(&path).expect("a new store");
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
