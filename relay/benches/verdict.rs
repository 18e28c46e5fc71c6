//! From the bytes of a mail to the verdict on it: `cargo bench -p relay`.
#![allow(clippy::expect_used, reason = "a benchmark may say what it takes for granted")]

use jiff::Timestamp;
use relay::address::Address;
use relay::enrolment::{TagHolder, Trust};
use relay::evidence::{AMAZON_SES, Evidence};
use relay::id::MessageId;
use relay::mail::Mail;
use relay::mailbox::{AddressKey, Mailbox};
use relay::refusal::Refusal;
use relay::relay_address::Place;
use relay::secret::{Code, Tag};
use relay::verdict::{Envelope, judge};

/// Code mails as SES stored them.
fn stored(name: &str) -> &'static [u8] {
    match name {
        "30 kB" => include_bytes!("../../tests/mail/base/2026-large-30kb.eml"),
        _ => include_bytes!("../../tests/mail/base/2026-05-alternative.eml"),
    }
}

fn main() {
    divan::main();
}

#[divan::bench(args = ["30 kB", "usual"])]
fn verdict(bencher: divan::Bencher<'_, '_>, name: &str) {
    let raw = stored(name);
    let key = AddressKey::new("key");
    let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
    let holder =
        TagHolder { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust: Trust::default() };
    let envelope = Envelope {
        id: MessageId::parse("mail").expect("a name"),
        accepted_at: Timestamp::UNIX_EPOCH,
        place: Place::Tagged(Tag::parse("k7f3q2m4x5z6a7b2").expect("a tag")),
        sender: Address::parse("me+caf_=arlo+k7f3q2m4x5z6a7b2=mfa.example.com@gmail.com"),
        screened: None,
    };
    let verdict = || -> Result<Code, Refusal> {
        let mail = Mail::parse(raw).map_err(|_| Refusal::Unreadable)?;
        let evidence = Evidence::reported_by(&AMAZON_SES, &mail);
        judge(&envelope, &mail, &evidence, &holder, &key)?.content
    };
    assert!(verdict().is_ok(), "the mail must bear a code");
    bencher.bench(verdict);
}
