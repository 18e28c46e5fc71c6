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

#[test]
fn a_store_cannot_be_opened_twice() {
    let (_folder, path) = store_path();
    let _held = open(&path).expect("a new store");
    assert!(matches!(open(&path), Err(StoreError::Held(_))));
}

#[test]
fn a_file_that_is_not_a_store_is_rejected() {
    let (_folder, path) = store_path();
    std::fs::write(&path, "not a database ".repeat(100)).expect("a file");
    assert!(matches!(open(&path), Err(StoreError::Foreign(_))));
    std::fs::remove_file(&path).expect("removed");
    let other = Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE other (name TEXT)").expect("a table");
    drop(other);
    assert!(matches!(open(&path), Err(StoreError::Foreign(_))));
}

#[test]
fn a_store_with_another_schema_is_rejected() {
    for version in [1, VERSION + 1] {
        let (_folder, path) = store_path();
        let store = open(&path).expect("a new store");
        store.connection().pragma_update(None, "user_version", version).expect("written");
        drop(store);
        assert!(matches!(open(&path), Err(StoreError::OtherVersion { found, .. }) if found == version));
    }
}

#[tokio::test]
async fn a_store_without_quarantine_gets_one_and_keeps_its_records() {
    let (_folder, path) = store_path();
    let tag = Tag::from_random([1; 10]);
    let opened = open(&path).expect("a new store").open_request(&tag, &request(1, 1000)).await.expect("written");
    // As the version before created it.
    let earlier = Connection::open(&path).expect("a database");
    earlier.execute_batch("DROP TABLE quarantine; PRAGMA user_version = 2").expect("changed");
    drop(earlier);
    for _ in 0..2 {
        let store = open(&path).expect("a store");
        assert_eq!(store.requests(&tag).await, Ok(opened.clone()));
        assert_eq!(quarantined(&store), [""; 0]);
    }
}

/// What is in quarantine: each row's table and record.
fn quarantined(store: &Store) -> Vec<String> {
    let connection = store.connection();
    let mut statement = connection.prepare("SELECT source || ' ' || record FROM quarantine").expect("a table");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

fn log_in_memory() -> (Log, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::default();
    (Log::Memory(Arc::clone(&lines)), lines)
}

#[tokio::test]
async fn an_unreadable_record_counts_as_missing_and_is_moved_and_reported_once() {
    let (_folder, path) = store_path();
    let (log, lines) = log_in_memory();
    let store = Store::open(&path, true, &log).expect("a new store");
    let (tag, other) = (Tag::from_random([1; 10]), Tag::from_random([2; 10]));
    store.open_request(&tag, &request(1, 1000)).await.expect("written");
    let kept = store.open_request(&other, &request(2, 1000)).await.expect("written");
    let damage = |text: &str| {
        let sql = "UPDATE request SET record = ?1 WHERE tag = ?2";
        store.write("test", sql, [text, tag.reveal()]).expect("written");
    };
    damage("{\"revision\":");
    for _ in 0..2 {
        assert_eq!(store.requests(&tag).await, Ok(Requests::default()));
    }
    let opened = store.open_request(&tag, &request(3, 1000)).await.expect("in its place");
    damage("{\"revision\": \"of a later version\"}");
    assert_eq!(store.write_requests(&tag, &opened, 0).await, Ok(WriteOutcome::Written));
    assert_eq!(store.requests(&tag).await, Ok(opened));
    damage("3");
    store.open_request(&tag, &request(4, 1000)).await.expect("in its place");
    assert_eq!(store.requests(&other).await, Ok(kept), "the others stay");
    let records = ["request {\"revision\":", "request {\"revision\": \"of a later version\"}", "request 3"];
    assert_eq!(quarantined(&store), records);
    let lines = lines.lock().expect("no panic");
    assert!(lines.len() == 3 && lines.iter().all(|line| line.starts_with("store quarantined request")), "{lines:?}");
}

#[tokio::test]
async fn an_unreadable_enrolment_hides_no_other() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let key = AddressKey::new("key");
    let mailboxes = ["a@b.example", "c@d.example", "e@f.example"];
    let mailboxes = mailboxes.map(|mailbox| key.mailbox(&Mailbox::parse(mailbox).expect("a mailbox")));
    let tag = Tag::from_random([1; 10]);
    let enrolment = Enrolment { revision: 1, tag, programs: Vec::new(), created_at: at(0) };
    for mailbox in &mailboxes {
        store.write_enrolment(mailbox, &enrolment, None).await.expect("written");
    }
    // Not even text.
    let sql = "UPDATE enrolment SET record = x'ff00' WHERE mailbox = ?1";
    store.write("test", sql, [mailboxes[1].as_str()]).expect("written");
    assert_eq!(store.enrolments().await, Ok(vec![enrolment.clone(), enrolment]));
    assert_eq!(store.enrolment(&mailboxes[1]).await, Ok(None));
    assert_eq!(store.enrolments().await.map(|enrolments| enrolments.len()), Ok(2));
}

#[test]
fn an_unreadable_end_stops_no_other() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let end = ScheduledEnd { request: request(1, 0).id, tag: Tag::from_random([1; 10]), at: at(200) };
    store.schedule_end(&end).expect("written");
    for row in ["('no id', 'no tag', 100)", "(x'ff', 'no tag', 101)", "('x', 'y', -9223372036854775808)"] {
        store.write("test", &format!("INSERT INTO ending VALUES {row}"), []).expect("written");
    }
    for _ in 0..2 {
        assert_eq!(store.next_scheduled_end(), Ok(Some(end.clone())));
    }
    assert_eq!(quarantined(&store).len(), 3);
    // As on a full disk: nothing can be moved.
    store.write("test", "INSERT INTO ending VALUES ('x', 'y', 1)", []).expect("written");
    store.write("test", "DROP TABLE quarantine", []).expect("dropped");
    assert_eq!(store.next_scheduled_end(), Ok(Some(end)));
}

#[tokio::test]
async fn an_unreadable_document_counts_as_an_erased_code() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let id = request(1, 0).id;
    store.set_url_expiry(&id, at(20)).expect("written");
    for document in ["x'ff00'", "'{'"] {
        store.write("test", &format!("UPDATE status SET document = {document}"), []).expect("written");
        assert_eq!(store.status(&id, at(10)), Ok(Some(Status::ended(End::Expired).to_json())), "{document}");
    }
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
async fn codes_are_erased_and_other_documents_stay() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let complete = Status::Complete {
        code: Code::parse("467266").expect("a code"),
        provider: "arlo".to_owned(),
        received_at: at(1010),
        expires_at: at(1300),
    };
    let (pending, revoked) = (request(2, 1000).pending(), Status::ended(End::Revoked));
    for (id, status) in [(1, &complete), (2, &pending), (3, &revoked)] {
        let id = request(id, 1000).id;
        store.publish(&id, status).await.expect("written");
        store.set_url_expiry(&id, at(1600)).expect("written");
    }
    store.set_url_expiry(&request(4, 1000).id, at(1600)).expect("a URL whose document does not exist yet");
    store.write("test", "INSERT INTO status VALUES ('5', '{\"code\":467266', 1600)", []).expect("written");
    store.erase_codes().expect("erased");
    let shown = |id| store.status(&request(id, 1000).id, at(1100)).expect("read");
    let expected =
        [Some(Status::ended(End::Expired).to_json()), Some(pending.to_json()), Some(revoked.to_json()), None];
    assert_eq!([1, 2, 3, 4].map(shown), expected);
    assert!(!std::fs::read(&path).expect("the store").windows(6).any(|bytes| bytes == b"467266"));
}

#[tokio::test]
async fn a_revoked_tag_is_forgotten_once_none_of_its_requests_is_open() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let (tag, other) = (Tag::from_random([1; 10]), Tag::from_random([2; 10]));
    let is_stored = || {
        let files = ["", "-wal"].map(|end| std::fs::read(format!("{}{end}", path.display())).unwrap_or_default());
        files.concat().windows(16).any(|bytes| bytes == tag.reveal().as_bytes())
    };
    let kept = store.open_request(&other, &request(2, 1000)).await.expect("written");
    let opened = store.open_request(&tag, &request(1, 1000)).await.expect("written");
    store.note_arrival(&tag, at(1000), None).await.expect("written");
    let damaged = format!("INSERT INTO quarantine VALUES ('enrolment', 'x', '{{\"tag\":\"{}\"', 0)", tag.reveal());
    store.write("test", &damaged, []).expect("written");

    store.forget_tag(&tag).expect("written");
    assert_eq!(quarantined(&store), [""; 0]);
    assert_eq!(store.requests(&tag).await, Ok(opened.clone()), "its request is open");
    let ended = opened.revoked(None).expect("it was open");
    store.write_requests(&tag, &ended, opened.revision).await.expect("written");
    store.delete_orphans().expect("deleted");
    assert!(is_stored(), "its end is scheduled, and may publish its last status");
    store.forget_tag(&tag).expect("written");
    assert!(!is_stored());
    store.delete_orphans().expect("deleted");
    assert_eq!(store.requests(&other).await, Ok(kept), "its end is scheduled");

    store.open_request(&tag, &request(3, 1000)).await.expect("written");
    store.delete_scheduled_end(&request(3, 1000).id).expect("deleted");
    store.delete_orphans().expect("deleted");
    store.checkpoint().expect("done");
    assert!(!is_stored(), "one that was opened during the revocation is forgotten when it has ended");
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
async fn a_confirmation_is_deleted_when_its_day_is_over() {
    let (_folder, path) = store_path();
    let store = open(&path).expect("a new store");
    let tag = Tag::from_random([1; 10]);
    let confirmation =
        PendingConfirmation { link: "https://mail.google.com/mail/vf-x".to_owned(), code: None, until: at(100) };
    store.note_confirmation(&tag, at(1), &confirmation).await.expect("written");
    for (now, expected) in [(99, Some(confirmation.clone())), (101, None)] {
        store.delete_expired_confirmations(at(now)).expect("done");
        let arrivals = store.arrivals(&tag).await.expect("read");
        assert_eq!((arrivals.confirmation, arrivals.arrived_at), (expected, Some(at(1))), "at {now}");
    }
    store.connection().execute("UPDATE arrival SET record = '{'", []).expect("written");
    store.delete_expired_confirmations(at(102)).expect("a row that cannot be read stops nothing");
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
