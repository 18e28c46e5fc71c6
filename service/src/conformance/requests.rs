//! The contract of [`RequestStore`].

use super::{at, new_tag};
use crate::ports::{RequestStore, WriteOutcome};
use relay::id::{MessageId, ProgramId, RequestId};
use relay::mailbox::AddressKey;
use relay::provider::Provider;
use relay::refusal::Refusal;
use relay::request::{Request, Requests, Step};
use relay::secret::{Code, Tag};
use relay::verdict::{CodeMessage, MessageIdentity, RefusedMessage, Written};

pub(super) async fn check<T: RequestStore>(store: &T) {
    a_record_is_read_as_it_was_written(store).await;
    opening_loses_no_other_request(store).await;
    opening_twice_is_opening_once(store).await;
    what_was_delivered_outlives_an_opening(store).await;
    an_opening_that_arrives_late_is_superseded(store).await;
    a_write_needs_the_revision_that_was_read(store).await;
    a_write_that_is_retried_is_written_once(store).await;
    an_opening_conflicts_with_a_write_that_has_not_seen_it(store).await;
    an_opening_that_is_retried_late_keeps_the_delivery(store).await;
    a_record_can_begin_without_a_request(store).await;
}

fn provider() -> &'static Provider {
    Provider::named(Provider::DEFAULT).expect("the default provider")
}

fn request(number: u8, program: u8, seconds: i64) -> Request {
    let id = RequestId::from_random([number; 16]);
    Request::open(id, ProgramId::from_random([program; 4]), provider(), at(seconds), 300)
}

fn message(accepted: i64) -> CodeMessage {
    let (key, written) = (AddressKey::new("conformance"), Written::of(Some(at(accepted)), at(accepted)));
    let identity = MessageIdentity {
        signatures: vec![AddressKey::new("key").fingerprint("signature", "b")],
        message_id: Some(key.fingerprint("message-id", "m")),
        code: key.fingerprint("code", "467266"),
        written_at: written.earliest,
    };
    let id = MessageId::parse("m").expect("a message id");
    let code = Code::parse("467266").expect("a code");
    CodeMessage { id, provider: provider(), code, written, accepted_at: at(accepted), identity }
}

async fn read<T: RequestStore>(store: &T, tag: &Tag) -> Requests {
    store.requests(tag).await.expect("an answer")
}

async fn open<T: RequestStore>(store: &T, tag: &Tag, request: &Request) -> Requests {
    store.open_request(tag, request).await.expect("an answer")
}

async fn write<T: RequestStore>(store: &T, tag: &Tag, next: &Requests, read: u32) -> WriteOutcome {
    store.write_requests(tag, next, read).await.expect("an answer")
}

/// A record with everything in it: a delivered code, refusals, an end, code mails.
fn full_record(read: &Requests) -> Requests {
    let Step::Deliver(claimed, claim) = read.receive(&message(5), at(6)) else { panic!("not delivered") };
    let confirmed = claimed.confirmed(&claim).expect("the claim counts");
    let id = MessageId::parse("refused").expect("a message id");
    let refused = RefusedMessage { id, reason: Refusal::NotSigned, provider: None, accepted_at: at(7) };
    let Step::Refuse(Some(counted), _) = confirmed.refuse(&refused, at(8)) else { panic!("not counted") };
    let other = MessageIdentity {
        message_id: None,
        signatures: vec![],
        code: AddressKey::new("x").fingerprint("code", "1"),
        written_at: at(400),
    };
    let late = CodeMessage { identity: other, ..message(400) };
    let Step::Refuse(Some(refused), _) = counted.receive(&late, at(400)) else { panic!("not remembered") };
    refused.closed(&RequestId::from_random([2; 16])).expect("it was open")
}

async fn a_record_is_read_as_it_was_written<T: RequestStore>(store: &T) {
    let tag = new_tag();
    assert_eq!(read(store, &tag).await, Requests::default(), "nothing is stored yet");
    open(store, &tag, &request(1, 1, 0)).await;
    let opened = open(store, &tag, &request(2, 2, 1)).await;
    assert_eq!(read(store, &tag).await, opened, "as the opening returned it");
    let full = full_record(&opened);
    assert_eq!(write(store, &tag, &full, opened.revision).await, WriteOutcome::Written);
    assert_eq!(read(store, &tag).await, full);
}

async fn opening_loses_no_other_request<T: RequestStore>(store: &T) {
    let tag = new_tag();
    for number in 1..=3 {
        let record = open(store, &tag, &request(number, number, i64::from(number))).await;
        assert_eq!(record.iter().count(), usize::from(number));
    }
    let record = read(store, &tag).await;
    for number in 1..=3 {
        let expected = request(number, number, i64::from(number));
        assert_eq!(record.get(&expected.id), Some(&expected), "as it was opened");
    }
}

async fn opening_twice_is_opening_once<T: RequestStore>(store: &T) {
    let tag = new_tag();
    open(store, &tag, &request(1, 1, 0)).await;
    let record = open(store, &tag, &request(1, 1, 0)).await;
    assert_eq!(record.iter().count(), 1);
}

async fn what_was_delivered_outlives_an_opening<T: RequestStore>(store: &T) {
    let tag = new_tag();
    let opened = open(store, &tag, &request(1, 1, 0)).await;
    let Step::Deliver(claimed, _) = opened.receive(&message(5), at(6)) else { panic!("not delivered") };
    write(store, &tag, &claimed, opened.revision).await;
    let record = open(store, &tag, &request(2, 1, 10)).await;
    let first = record.get(&request(1, 1, 0).id).expect("the first request");
    assert_eq!((first.delivery.is_some(), first.served.len()), (true, 1), "no message serves two requests");
}

async fn an_opening_that_arrives_late_is_superseded<T: RequestStore>(store: &T) {
    let tag = new_tag();
    open(store, &tag, &request(2, 1, 5)).await;
    let record = open(store, &tag, &request(1, 1, 0)).await.settled(at(6));
    let end = |number| record.get(&RequestId::from_random([number; 16])).expect("a request").end;
    assert!(end(1).is_some() && end(2).is_none(), "the newer opening stays");
}

async fn a_write_needs_the_revision_that_was_read<T: RequestStore>(store: &T) {
    let tag = new_tag();
    let opened = open(store, &tag, &request(1, 1, 0)).await;
    let closed = opened.closed(&request(1, 1, 0).id).expect("it was open");
    let revoked = opened.revoked(None).expect("it was open");
    assert_eq!(write(store, &tag, &closed, opened.revision).await, WriteOutcome::Written);
    assert_eq!(write(store, &tag, &revoked, opened.revision).await, WriteOutcome::Conflict, "another was faster");
    assert_eq!(read(store, &tag).await, closed, "the winner's is stored");
    assert_eq!(write(store, &tag, &revoked, 0).await, WriteOutcome::Conflict, "something is stored");
}

async fn a_write_that_is_retried_is_written_once<T: RequestStore>(store: &T) {
    let tag = new_tag();
    let opened = open(store, &tag, &request(1, 1, 0)).await;
    let closed = opened.closed(&request(1, 1, 0).id).expect("it was open");
    for about in ["the first try", "the retry after a lost answer"] {
        assert_eq!(write(store, &tag, &closed, opened.revision).await, WriteOutcome::Written, "{about}");
    }
}

async fn an_opening_conflicts_with_a_write_that_has_not_seen_it<T: RequestStore>(store: &T) {
    let tag = new_tag();
    let opened = open(store, &tag, &request(1, 1, 0)).await;
    open(store, &tag, &request(2, 2, 1)).await;
    let closed = opened.closed(&request(1, 1, 0).id).expect("it was open");
    assert_eq!(write(store, &tag, &closed, opened.revision).await, WriteOutcome::Conflict);
    assert_eq!(read(store, &tag).await.iter().count(), 2, "no request is lost");
}

async fn an_opening_that_is_retried_late_keeps_the_delivery<T: RequestStore>(store: &T) {
    let (tag, request) = (new_tag(), request(1, 1, 0));
    let opened = open(store, &tag, &request).await;
    let Step::Deliver(claimed, _) = opened.receive(&message(5), at(6)) else { panic!("not delivered") };
    assert_eq!(write(store, &tag, &claimed, opened.revision).await, WriteOutcome::Written);
    let again = open(store, &tag, &request).await;
    assert_eq!(again.get(&request.id), claimed.get(&request.id));
    assert_eq!(read(store, &tag).await.get(&request.id), claimed.get(&request.id));
}

async fn a_record_can_begin_without_a_request<T: RequestStore>(store: &T) {
    let tag = new_tag();
    let Step::Refuse(Some(refused), _) = Requests::default().receive(&message(5), at(6)) else {
        panic!("not remembered")
    };
    assert_eq!(write(store, &tag, &refused, 0).await, WriteOutcome::Written);
    let record = open(store, &tag, &request(1, 1, 10)).await;
    assert_eq!(record.code_mails, refused.code_mails, "and an opening keeps what is in it");
    assert_eq!(read(store, &tag).await, record);
}
