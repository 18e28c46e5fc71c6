//! Any bytes as a mail, under every trust, at the tagged and the plain address. A wider trust accepts every mail that a
//! narrower one accepts, and a mail that is not from a provider is never accepted.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use relay::address::Address;
use relay::confirmation::Confirmation;
use relay::enrolment::{TagHolder, Trust};
use relay::evidence::{AMAZON_SES, Evidence};
use relay::id::{MessageId, RequestId};
use relay::mail::Mail;
use relay::mailbox::{AddressKey, Mailbox};
use relay::provider::Provider;
use relay::reading::Reading;
use relay::relay_address::Place;
use relay::request::Request;
use relay::secret::Tag;
use relay::verdict::{Envelope, claimed_mailboxes, judge};

const OUTCOMES: [&str; 5] = ["code", "no_code", "ambiguous", "not_from_provider", "unreadable"];

fuzz_target!(|raw: &[u8]| {
    let reading = Reading::of(raw, &AMAZON_SES);
    assert!(OUTCOMES.contains(&reading.outcome()));

    let Ok(mail) = Mail::parse(raw) else { return };
    let evidence = Evidence::reported_by(&AMAZON_SES, &mail);
    Confirmation::read(&mail, &evidence);
    let [tagged, plain] = [Place::Tagged(Tag::from_random([7; 10])), Place::Plain].map(envelope);
    claimed_mailboxes(&plain, &mail);
    let is_accepted = |envelope: &Envelope, trust: Trust| {
        let judged = judge(envelope, &mail, &evidence, &holder(trust), &AddressKey::new("key"));
        if let Ok(verdict) = &judged {
            assert_eq!(verdict.content.as_ref().ok(), reading.content.as_ref().ok());
            let request = Request::open(RequestId::from_random([1; 16]), verdict.provider, accepted_at(), 300);
            let _ = request.receive(verdict, accepted_at() + SignedDuration::from_secs(2));
        }
        judged.is_ok()
    };
    let accepted = [Trust::Signed, Trust::Forwarded, Trust::Addressed].map(|trust| is_accepted(&tagged, trust));
    assert!(accepted.is_sorted(), "a narrower trust accepted what a wider one refused");
    let is_signed = reading.provider.is_some_and(|provider: &Provider| evidence.is_signed_by(provider));
    assert_eq!(accepted[0], is_signed);
    assert!(is_signed || !is_accepted(&plain, Trust::Addressed));
});

fn envelope(place: Place) -> Envelope {
    Envelope {
        id: MessageId::parse("mail").expect("an id"),
        accepted_at: accepted_at(),
        place,
        sender: Address::parse("me+caf_=arlo=mfa.example.com@gmail.com"),
        screened: None,
    }
}

fn holder(trust: Trust) -> TagHolder {
    let key = AddressKey::new("key");
    let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
    TagHolder { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust }
}

fn accepted_at() -> Timestamp {
    "2026-11-21T20:01:12Z".parse().expect("a timestamp")
}
