//! Where readers of mails disagree about From, To or Date, the verdict is a refusal.
//!
//! Otherwise a forger could show one author to the relay and another one to the program that verifies signatures, or to
//! a person. mail-parser reads a whole mail here; the relay has it parse single values that the relay's own split gives
//! it. mail-auth verifies signatures at home. `tests/differential` does the same with Python's `email`, and
//! `fuzz/targets/header_split.rs` with any bytes.
#![cfg(test)]

mod readers;

use corpus::{Case, Forgery};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use relay::address::Address;
use relay::enrolment::{TaggedMailbox, Trust};
use relay::id::MessageId;
use relay::mail::Mail;
use relay::mailbox::{AddressKey, Mailbox};
use relay::relay_address::Destination;
use relay::secret::Tag;
use relay::verdict::Verdict;
use relay::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient, Scan};
use ses::AMAZON_SES;
use std::sync::LazyLock;

/// The mails that are accepted as they are, and are short, so that many can be tried.
static ACCEPTED: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = corpus::cases().expect("the corpus");
    cases.retain(|case| case.raw.len() < 6_000 && is_accepted(case, &case.raw));
    cases
});

/// Whether a mail with these bytes is accepted under any trust, at the tagged or the plain address.
fn is_accepted(case: &Case, raw: &[u8]) -> bool {
    let (key, mailbox) = (AddressKey::new("key"), Mailbox::parse(&case.mailbox).expect("a mailbox"));
    let sent: Timestamp = "2026-11-21T20:01:10Z".parse().expect("a timestamp");
    let envelope = Envelope {
        id: MessageId::parse("mail").expect("a message id"),
        accepted_at: sent + SignedDuration::from_secs(2),
        recipients: vec![],
        sender: Address::parse(&case.delivery.envelope_from),
        scan: Scan::default(),
    };
    let mail = InboundMail::parse(&envelope, raw, &EvidenceSource::Report(&AMAZON_SES));
    let is_accepted_at = |destination: Destination, trust| {
        let mailbox = TaggedMailbox { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust };
        let verdict = mail.verdict(&Recipient { destination, mailbox }, &key);
        matches!(verdict, Verdict::Code(_) | Verdict::Confirmation(_))
    };
    let tagged = || Destination::Tagged(Tag::from_random([7; 10]));
    Trust::ALL.iter().any(|&trust| is_accepted_at(tagged(), trust) || is_accepted_at(Destination::Plain, trust))
}

/// Checks that other readers find in an accepted mail what the relay finds. Returns whether it is accepted.
fn check(case: &Case, raw: &[u8]) -> bool {
    let is_accepted = is_accepted(case, raw);
    if is_accepted {
        readers::compare(raw, &Mail::parse(raw).expect("an accepted mail"));
    }
    is_accepted
}

#[test]
fn every_listed_forgery_is_refused_or_read_alike() {
    let case = corpus::case("arlo/2026-05-alternative").expect("the case");
    let accepted = corpus::listed_forgeries().filter(|forgery| check(&case, &forgery.apply(&case.raw))).count();
    assert!(accepted > 100, "only {accepted} are accepted: the others try nothing");
}

#[test]
fn the_mails_of_the_corpus_are_read_alike() {
    assert!(ACCEPTED.len() > 20);
    for case in &*ACCEPTED {
        assert!(check(case, &case.raw));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_forged_mail_is_refused_or_read_alike(
        case in any::<prop::sample::Index>(),
        forgeries in prop::collection::vec((0..8_usize, 0..300_usize, any::<prop::sample::Index>()), 1..=3),
    ) {
        let case = &ACCEPTED[case.index(ACCEPTED.len())];
        let forge = |raw: Vec<u8>, &(kind, which, place): &(usize, usize, prop::sample::Index)| {
            Forgery { kind, which, place: place.index(raw.len()) }.apply(&raw)
        };
        check(case, &forgeries.iter().fold(case.raw.clone(), forge));
    }
}
