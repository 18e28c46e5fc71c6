//! Rows that cannot be read stop no others.

use super::*;

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
