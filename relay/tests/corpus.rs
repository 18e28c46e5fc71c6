//! Every mail under `tests/mail`, judged under every trust: the outcome is what its case expects.
#![cfg(test)]

use corpus::{Case, Expect};
use jiff::{SignedDuration, Timestamp};
use relay::address::Address;
use relay::confirmation::Confirmation;
use relay::enrolment::{TaggedMailbox, Trust};
use relay::id::{MessageId, ProgramId, RequestId};
use relay::mail::Mail;
use relay::mailbox::{AddressKey, Mailbox};
use relay::provider::Provider;
use relay::relay_address::RelayAddress;
use relay::request::{Request, Requests, Step};
use relay::status::Status;
use relay::verdict::Verdict;
use relay::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient, Scan};
use ses::AMAZON_SES;

const SENT: &str = "2026-11-21T20:01:10Z";
const RELAY_ADDRESS: &str = "arlo@mfa.example.com";
const WINDOW_SECONDS: u16 = 300;

/// Asks the relay for its verdict on a mail. Everything else in this file only states facts and compares.
fn verdict(case: &Case, trust: Trust) -> Verdict {
    let (envelope, key) = (envelope(case), AddressKey::new("key"));
    let mail = InboundMail::parse(&envelope, &case.raw, &EvidenceSource::Report(&AMAZON_SES));
    let mailbox = Mailbox::parse(&case.mailbox).expect("a mailbox");
    let relay_address = RelayAddress::parse(RELAY_ADDRESS).expect("a relay address");
    let recipient = Recipient {
        destination: relay_address.destination(&envelope.recipients[0]).expect("an address of the relay"),
        mailbox: TaggedMailbox { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust },
    };
    mail.verdict(&recipient, &key)
}

/// The code that an open request receives, `confirmation`, or the word for the refusal.
fn outcome(case: &Case, trust: Trust) -> String {
    let opened_at = sent() - SignedDuration::from_secs(case.opened_seconds_before_sent);
    let provider = Provider::named(case.provider()).expect("a provider");
    let program = ProgramId::from_random([1; 4]);
    let request = Request::open(RequestId::from_random([1; 16]), program, provider, opened_at, WINDOW_SECONDS);
    let requests = Requests::default().opened(request);
    let accepted_at = envelope(case).accepted_at;
    let step = match verdict(case, trust) {
        Verdict::Confirmation(_) => return "confirmation".to_owned(),
        Verdict::Code(message) => requests.receive(&message, accepted_at),
        Verdict::Refused(message) | Verdict::Deferred(message) => requests.refuse(&message, accepted_at),
    };
    match step {
        Step::Deliver(_, claim) => match claim.status {
            Status::Complete { code, .. } => code.reveal().to_owned(),
            status => format!("{status:?}"),
        },
        Step::Refuse(_, refusal) => refusal.word().to_owned(),
        step => format!("{step:?}"),
    }
}

/// The confirmation that the owner is shown.
fn confirmation(case: &Case, trust: Trust) -> Option<corpus::Confirmation> {
    match verdict(case, trust) {
        Verdict::Confirmation(Confirmation { link, code }) => Some(corpus::Confirmation { link, code }),
        Verdict::Code(_) | Verdict::Refused(_) | Verdict::Deferred(_) => None,
    }
}

fn envelope(case: &Case) -> Envelope {
    Envelope {
        id: MessageId::parse("mail").expect("a message id"),
        accepted_at: sent() + SignedDuration::from_secs(2),
        recipients: vec![Address::parse(&case.delivery.recipient).expect("an address")],
        sender: Address::parse(&case.delivery.envelope_from),
        scan: Scan { is_spam: case.delivery.spam == "FAIL", has_virus: case.delivery.virus == "FAIL" },
    }
}

fn sent() -> Timestamp {
    SENT.parse().expect("a timestamp")
}

fn cases() -> Vec<Case> {
    corpus::cases().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_mail_comes_out_as_its_case_expects() {
    let cases = cases();
    assert!(cases.len() > 100, "the corpus is missing: {} mails", cases.len());
    let mut wrong = Vec::new();
    for (case, trust) in cases.iter().flat_map(|case| Trust::ALL.iter().map(move |&trust| (case, trust))) {
        let (actual, expected) = match &case.expect {
            Expect::Confirmation { confirmation: expected } => {
                (format!("{:?}", confirmation(case, trust)), format!("{expected:?}"))
            }
            Expect::Result { signed, forwarded, addressed } => {
                let expected = match trust {
                    Trust::Signed => signed,
                    Trust::Forwarded => forwarded,
                    Trust::Addressed => addressed,
                };
                (outcome(case, trust), expected.clone())
            }
        };
        if actual != expected {
            wrong.push(format!("{} under {}: {actual} instead of {expected}", case.name, trust.word()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

mod hostile {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// At the plain address, where most rules apply.
    static CASE: LazyLock<Case> =
        LazyLock::new(|| corpus::case("arlo/plain-envelope-names-mailbox").expect("the case"));

    /// Everything that is done with a mail, on any bytes.
    fn read(raw: &[u8]) {
        let case = Case { raw: raw.to_vec(), ..CASE.clone() };
        let outcome = outcome(&case, Trust::Addressed);
        if outcome.bytes().all(|b| b.is_ascii_digit()) {
            let author = Mail::parse(raw).ok().and_then(|mail| mail.sole_from()).expect("the author of a code");
            assert!(author.domain().is_within("arlo.com"), "a code that arlo did not write");
        }
        confirmation(&case, Trust::Addressed);
    }

    /// A mail of the corpus with a piece of another inserted, cut out or changed.
    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        let mails: Vec<Vec<u8>> = cases().into_iter().map(|case| case.raw).filter(|raw| raw.len() < 12_000).collect();
        let mail = prop::sample::select(mails);
        (mail.clone(), mail, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..400_usize, any::<u8>())
            .prop_map(|(mut mail, other, at, from, length, byte)| {
                let (at, from) = (at.index(mail.len()), from.index(other.len()));
                let piece =
                    other[from..(from + length).min(other.len())].iter().map(|b| b ^ if byte < 16 { byte } else { 0 });
                let end = (at + usize::from(byte)).min(mail.len());
                mail.splice(at..end, piece);
                mail
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn any_bytes_are_read_without_a_panic(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
            read(&raw);
        }

        #[test]
        fn a_mutated_mail_is_read_without_a_panic(raw in mutated()) {
            read(&raw);
        }
    }
}
