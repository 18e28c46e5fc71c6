//! The rules of requests: by example, one file for each, and then over any order of events.

mod attribution;
mod delivery;
mod interleavings;
mod lifecycle;

use super::*;
use crate::mailbox::AddressKey;
use crate::secret::Code;
use crate::verdict::{CodeMessage, RefusedMessage, Written};

/// A moment so many milliseconds after 20:00.
fn at_ms(milliseconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T20:00:00Z".parse().expect("a timestamp");
    start + SignedDuration::from_millis(milliseconds)
}

/// A moment so many seconds after 20:00.
fn at(seconds: i64) -> Timestamp {
    at_ms(seconds * 1000)
}

fn provider(name: &str) -> &'static Provider {
    Provider::named(name).expect("a provider")
}

fn id(number: u8) -> RequestId {
    RequestId::from_random([number; 16])
}

fn message_id(name: &str) -> MessageId {
    MessageId::parse(name).expect("a message id")
}

/// A request of program `program` for an Arlo code, opened so many seconds after 20:00, with a window of 300 s.
fn request(number: u8, program: u8, seconds: i64) -> Request {
    Request::open(id(number), ProgramId::from_random([program; 4]), provider("arlo"), at(seconds), 300)
}

/// The record after these openings.
fn opened(requests: impl IntoIterator<Item = Request>) -> Requests {
    requests.into_iter().fold(Requests::default(), |record, request| record.opened(request))
}

/// A message of Arlo's with a code of its own, dated and accepted so many seconds after 20:00.
fn message(name: &str, date: Option<i64>, accepted: i64) -> CodeMessage {
    let key = AddressKey::new("key");
    let written = Written::of(date.map(at), at(accepted));
    // Six digits that follow from the name, so that two names are two codes.
    let sum = name.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 1_000_000);
    let code = format!("{sum:06}");
    CodeMessage {
        id: message_id(name),
        provider: provider("arlo"),
        identity: MessageIdentity {
            message_id: Some(key.fingerprint("message-id", name)),
            signatures: Vec::new(),
            code: key.fingerprint("code", &code),
            written_at: written.earliest,
        },
        code: Code::parse(&code).expect("a code"),
        written,
        accepted_at: at(accepted),
    }
}

/// The record after a delivery that went well, and the request that got the code.
fn delivered(requests: &Requests, message: &CodeMessage, now: i64) -> (Requests, RequestId) {
    match requests.receive(message, at(now)) {
        Step::Deliver(next, claim) => (next.confirmed(&claim).expect("the claim counts"), claim.request),
        step => panic!("not delivered: {step:?}"),
    }
}

/// The number of the request that gets the message's code, or the word for the refusal.
fn outcome(requests: &Requests, message: &CodeMessage, now: i64) -> String {
    match requests.receive(message, at(now)) {
        Step::Deliver(_, claim) => {
            let number = (0..=u8::MAX).find(|&number| id(number) == claim.request);
            number.expect("a request of this test").to_string()
        }
        Step::Refuse(_, refusal) => refusal.word().to_owned(),
        Step::AlreadyDelivered => "already_delivered".to_owned(),
        Step::Retract(..) => "retract".to_owned(),
        Step::Wait => "wait".to_owned(),
    }
}

fn state(requests: &Requests, number: u8) -> State {
    requests.get(&id(number)).expect("a request").state()
}
