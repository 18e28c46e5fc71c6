//! What is erased: codes, revoked tags, confirmations after their day.

use super::*;

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
