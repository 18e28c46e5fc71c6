//! From the bytes of a mail to the verdict on it: `cargo bench -p relay`.
#![allow(clippy::expect_used, reason = "a benchmark may say what it takes for granted")]

use jiff::Timestamp;
use relay::address::Address;
use relay::enrolment::{TaggedMailbox, Trust};
use relay::id::MessageId;
use relay::mailbox::{AddressKey, Mailbox};
use relay::relay_address::Destination;
use relay::secret::Tag;
use relay::verdict::Verdict;
use relay::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient, Scan};
use ses::AMAZON_SES;

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
    let recipient = Recipient {
        destination: Destination::Tagged(Tag::parse("k7f3q2m4x5z6a7b2").expect("a tag")),
        mailbox: TaggedMailbox {
            mailbox: key.mailbox(&mailbox),
            domain: key.domain(&mailbox.domain()),
            trust: Trust::default(),
        },
    };
    let envelope = Envelope {
        id: MessageId::parse("mail").expect("a message id"),
        accepted_at: Timestamp::UNIX_EPOCH,
        recipients: Vec::new(),
        sender: Address::parse("me+caf_=arlo+k7f3q2m4x5z6a7b2=mfa.example.com@gmail.com"),
        scan: Scan::default(),
    };
    let verdict = || InboundMail::parse(&envelope, raw, &EvidenceSource::Report(&AMAZON_SES)).verdict(&recipient, &key);
    assert!(matches!(verdict(), Verdict::Code(_)), "the mail must hold a code");
    bencher.bench(verdict);
}
