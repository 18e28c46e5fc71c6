//! Every mail under `tests/mail`, judged under every trust: what stands beside it must come of it.
#![cfg(test)]

use jiff::{SignedDuration, Timestamp};
use relay::address::Address;
use relay::confirmation::Confirmation;
use relay::enrolment::{TagHolder, Trust};
use relay::evidence::{AMAZON_SES, Evidence};
use relay::id::{MessageId, RequestId};
use relay::mail::Mail;
use relay::mailbox::{AddressKey, Mailbox};
use relay::provider::Provider;
use relay::refusal::Refusal;
use relay::relay_address::Place;
use relay::request::{Request, Step};
use relay::secret::Tag;
use relay::verdict::{Envelope, claimed_mailboxes, judge};
use serde_json::Value;
use std::path::{Path, PathBuf};

const SENT: &str = "2026-11-21T20:01:10Z";
const TAG: &str = "k7f3q2m4x5z6a7b2";

/// A mail beside what must come of it.
struct Pair {
    name: String,
    /// The request's provider: the folder's name.
    provider: String,
    raw: Vec<u8>,
    expected: Value,
}

fn pairs() -> Vec<Pair> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mail");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let mails = entries(&root).into_iter().filter(|path| path.is_dir()).flat_map(|folder| entries(&folder));
    mails
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| Pair {
            provider: folder_name(&path).to_owned(),
            name: path.display().to_string(),
            raw: std::fs::read(&path).expect("a mail"),
            expected: serde_json::from_slice(&std::fs::read(path.with_extension("json")).expect("its pair"))
                .expect("JSON"),
        })
        .collect()
}

fn folder_name(path: &Path) -> &str {
    path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a folder's name")
}

impl Pair {
    fn text(&self, name: &str) -> Option<&str> {
        self.expected.get(name).and_then(Value::as_str)
    }

    fn envelope(&self) -> Envelope {
        let failed = |verdict| self.text(verdict) == Some("FAIL");
        Envelope {
            id: MessageId::parse("mail").expect("a name"),
            accepted_at: sent() + SignedDuration::from_secs(2),
            place: match self.text("arrived") {
                Some("plain") => Place::Plain,
                _ => Place::Tagged(Tag::parse(TAG).expect("a tag")),
            },
            sender: self.text("envelope_from").and_then(Address::parse),
            screened: match (failed("virus"), failed("spam")) {
                (true, _) => Some(Refusal::Virus),
                (_, true) => Some(Refusal::Spam),
                _ => None,
            },
        }
    }

    /// The code that is delivered under a trust, or the word for the refusal.
    fn outcome(&self, trust: Trust) -> String {
        let key = AddressKey::new("key");
        let mailbox = Mailbox::parse(self.text("mailbox").expect("a mailbox")).expect("a mailbox");
        let holder = TagHolder { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust };
        let envelope = self.envelope();
        let early = self.expected.get("opened_seconds_before_sent").and_then(Value::as_i64).unwrap_or(10);
        let opened_at = sent() - SignedDuration::from_secs(early);
        let provider = Provider::named(&self.provider).expect("a provider");
        let request = Request::open(RequestId::from_random([1; 16]), provider, opened_at, 300);

        let letter = Mail::parse(&self.raw).map_err(|_| Refusal::Unreadable).and_then(|mail| {
            let known = envelope.place != Place::Plain || claimed_mailboxes(&envelope, &mail).contains(&mailbox);
            let verdict = judge(&envelope, &mail, &Evidence::reported_by(&AMAZON_SES, &mail), &holder, &key);
            // At the plain address, a mail that claims no mailbox of ours is looked at for nobody.
            if known { verdict } else { verdict.and(Err(Refusal::NotForwarded)) }
        });
        let step = match &letter {
            Ok(letter) => request.receive(letter, envelope.accepted_at),
            Err(refusal) => request.refuse(&envelope.id, *refusal),
        };
        match (step, letter) {
            (Step::Deliver(_), Ok(letter)) => letter.content.map(|code| code.reveal().to_owned()).unwrap_or_default(),
            (Step::Refuse(_, refusal), _) => refusal.word().to_owned(),
            (step, _) => format!("{step:?}"),
        }
    }

    fn confirmation(&self) -> Value {
        let confirmation = Mail::parse(&self.raw)
            .ok()
            .and_then(|mail| Confirmation::read(&mail, &Evidence::reported_by(&AMAZON_SES, &mail)));
        let shown = confirmation.filter(|_| self.text("arrived") != Some("plain"));
        shown.map_or(Value::Null, |shown| serde_json::json!({"link": shown.link, "code": shown.code}))
    }
}

fn sent() -> Timestamp {
    SENT.parse().expect("a timestamp")
}

#[test]
fn every_mail_comes_out_as_the_file_beside_it_says() {
    let mut wrong = Vec::new();
    let pairs = pairs();
    assert!(pairs.len() > 100, "the corpus is missing: {} mails", pairs.len());
    for pair in &pairs {
        let expect = pair.expected.get("expect").expect("what must come of it");
        if let Some(confirmation) = expect.get("confirmation") {
            if pair.confirmation() != *confirmation {
                wrong.push(format!("{}: {} instead of {confirmation}", pair.name, pair.confirmation()));
            }
            continue;
        }
        for trust in Trust::ALL {
            let (outcome, expected) = (pair.outcome(trust), expect[trust.word()].as_str().unwrap_or("?"));
            if outcome != expected {
                wrong.push(format!("{} under {}: {outcome} instead of {expected}", pair.name, trust.word()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    /// Everything that is done with a mail, on any bytes.
    fn read(raw: &[u8]) {
        let pair = Pair {
            name: String::new(),
            provider: "arlo".to_owned(),
            raw: raw.to_vec(),
            expected: serde_json::json!({"mailbox": "me@gmail.com", "arrived": "plain", "envelope_from": "me+caf_=x@gmail.com"}),
        };
        let outcome = pair.outcome(Trust::Addressed);
        if outcome.bytes().all(|b| b.is_ascii_digit()) {
            let author = Mail::parse(raw).ok().and_then(|mail| mail.sole_from()).expect("who wrote a code");
            assert!(author.domain().is_within("arlo.com"), "a code that arlo did not write");
        }
        pair.confirmation();
    }

    /// A mail of the corpus with a piece of another put in, cut out or bent.
    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        let mails: Vec<Vec<u8>> = pairs().into_iter().map(|pair| pair.raw).filter(|raw| raw.len() < 12_000).collect();
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
        fn any_bytes_are_read_without_harm(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
            read(&raw);
        }

        #[test]
        fn a_mutated_mail_is_read_without_harm(raw in mutated()) {
            read(&raw);
        }
    }
}
