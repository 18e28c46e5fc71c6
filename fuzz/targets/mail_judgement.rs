//! Any bytes as a mail, under every trust, at the tagged and the plain address. A wider trust accepts every mail that a
//! narrower one accepts, a mail that is not from a provider is never accepted, and every verdict finds the same code.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use relay::address::Address;
use relay::enrolment::{TaggedMailbox, Trust};
use relay::id::{MessageId, ProgramId, RequestId};
use relay::inspection::{Content, Inspection};
use relay::mailbox::{AddressKey, Mailbox};
use relay::relay_address::Destination;
use relay::request::{Request, Requests, Step};
use relay::secret::Tag;
use relay::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient, Scan};
use relay::verdict::{CodeMessage, Verdict};
use ses::AMAZON_SES;

const OUTCOMES: [&str; 7] =
    ["code", "confirmation", "no_code", "ambiguous", "not_from_provider", "too_large", "unreadable"];

fuzz_target!(|raw: &[u8]| {
    let inspection = Inspection::of(raw, &AMAZON_SES);
    assert!(OUTCOMES.contains(&inspection.outcome()), "{}", inspection.outcome());

    let envelope = envelope();
    let mail = InboundMail::parse(&envelope, raw, &EvidenceSource::Report(&AMAZON_SES));
    mail.claimed_mailboxes();
    let is_accepted = |destination: Destination, trust: Trust| {
        let Verdict::Code(message) = mail.verdict(&recipient(destination, trust), &key()) else { return false };
        assert_eq!(Content::Code(message.code.clone()), inspection.content);
        deliver_twice(&message);
        true
    };
    let tagged = || Destination::Tagged(Tag::from_random([7; 10]));
    let has_code = matches!(inspection.content, Content::Code(_));
    let is_signed = inspection.provider.zip(mail.proof()).is_some_and(|(provider, proof)| proof.is_signed_by(provider));
    let accepted = [Trust::Signed, Trust::Forwarded, Trust::Addressed].map(|trust| is_accepted(tagged(), trust));
    assert!(accepted.is_sorted(), "a narrower trust accepted what a wider one refused");
    assert_eq!(accepted[2], has_code);
    assert!(is_signed || !accepted[0], "accepted as signed");
    assert!(is_signed || !is_accepted(Destination::Plain, Trust::Addressed));
});

/// Delivers a message to an open request. If it is delivered, the same message again changes nothing.
fn deliver_twice(message: &CodeMessage) {
    let now = accepted_at() + SignedDuration::from_secs(2);
    let (id, program) = (RequestId::from_random([1; 16]), ProgramId::from_random([1; 4]));
    let request = Request::open(id, program, message.provider, accepted_at(), 300);
    let requests = Requests::new(0, vec![request], vec![]);
    if let Step::Deliver(next, claim) = requests.receive(message, now) {
        let confirmed = next.confirmed(&claim).expect("a claim that holds");
        assert_eq!(confirmed.receive(message, now), Step::AlreadyDelivered);
    }
}

fn envelope() -> Envelope {
    Envelope {
        id: MessageId::parse("mail").expect("an id"),
        accepted_at: accepted_at(),
        recipients: vec![],
        sender: Address::parse("me+caf_=arlo=mfa.example.com@gmail.com"),
        scan: Scan::default(),
    }
}

fn recipient(destination: Destination, trust: Trust) -> Recipient {
    let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
    let (mailbox, domain) = (key().mailbox(&mailbox), key().domain(&mailbox.domain()));
    Recipient { destination, mailbox: TaggedMailbox { mailbox, domain, trust } }
}

fn key() -> AddressKey {
    AddressKey::new("key")
}

fn accepted_at() -> Timestamp {
    "2026-11-21T20:01:12Z".parse().expect("a timestamp")
}
