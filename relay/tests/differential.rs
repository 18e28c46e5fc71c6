//! Where readers of mails disagree about From, To or Date, the verdict is a refusal.
//!
//! Otherwise a forger could show one author to the relay and another one to the program that verifies signatures, or to
//! a person. mail-parser reads a whole mail here; the relay has it parse single values that the relay's own split gives
//! it. mail-auth verifies signatures at home. `tests/differential` does the same with Python's `email`.
#![cfg(test)]

use corpus::{Case, Forgery};
use jiff::{SignedDuration, Timestamp};
use mail_auth::AuthenticatedMessage;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};
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

/// What a reader finds in a field that must be there once.
#[derive(Debug, PartialEq)]
enum Found<T> {
    /// One value of the one field.
    Sole(T),
    /// The field is not there.
    Missing,
    /// Anything else: several fields, several values, or what is no value.
    Unclear,
}

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
    if !is_accepted(case, raw) {
        return false;
    }
    let own = Mail::parse(raw).expect("an accepted mail");
    let header = String::from_utf8_lossy(&raw[..raw.len() - own.raw_body().len()]);
    let message = MessageParser::default().parse_headers(raw).expect("a mail");
    for (name, field, value) in [("From", HeaderName::From, own.sole_from()), ("To", HeaderName::To, own.sole_to())] {
        // Where the relay reads no address, it relies on none.
        let Some(value) = value else { continue };
        let found = one(&message, &field, sole_address);
        let agrees = found == Found::Sole(value.as_str().to_owned());
        assert!(agrees || is_swallowed(&own, name, &found), "{name}: {} and {found:?}\n{header}", value.as_str());
    }
    if let Some(date) = own.date() {
        let found = one(&message, &HeaderName::Date, moment);
        let agrees = match found {
            Found::Sole(other) => is_same_moment(date, other),
            // No other moment.
            Found::Unclear => true,
            Found::Missing => is_swallowed(&own, "Date", &found),
        };
        assert!(agrees, "Date: {date} and {found:?}\n{header}");
    }
    let message = AuthenticatedMessage::parse(raw).expect("a mail");
    assert!(message.headers.iter().copied().eq(own.raw_fields().map(|(name, value)| (name.as_bytes(), value))));
    assert_eq!(raw.len() - message.body_offset(), own.raw_body().len(), "where the body begins\n{header}");
    assert_eq!(Some(message.from()), own.sole_from().as_ref().map(Address::as_str), "{header}");
    assert_eq!(message.froms().len(), 1, "{header}");
    true
}

fn one<T>(message: &Message<'_>, name: &HeaderName<'_>, read: impl Fn(&HeaderValue<'_>) -> Option<T>) -> Found<T> {
    let mut fields = message.headers().iter().filter(|field| field.name == *name);
    match (fields.next(), fields.next()) {
        (None, _) => Found::Missing,
        (Some(field), None) => read(&field.value).map_or(Found::Unclear, Found::Sole),
        _ => Found::Unclear,
    }
}

fn sole_address(value: &HeaderValue<'_>) -> Option<String> {
    let HeaderValue::Address(addresses) = value else { return None };
    let [only] = addresses.as_list()? else { return None };
    only.address.as_deref().map(str::to_ascii_lowercase)
}

fn moment(value: &HeaderValue<'_>) -> Option<Timestamp> {
    let HeaderValue::DateTime(moment) = value else { return None };
    Timestamp::from_second(moment.to_timestamp()).ok()
}

/// A leap second (`:60`, RFC 5322 section 3.3) is the last second of its minute to one reader and the first of the next
/// to another. The grace for a Date is thirty times that.
fn is_same_moment(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= SignedDuration::from_secs(1)
}

/// A field that mail-parser does not see, because it takes the line for a part of the field above: it reads on behind an
/// alphabetic zone at the end of a date (`Date: … Z`), and behind an encoded word that does not end. A field ends with
/// its line (RFC 5322 section 2.2), so the relay reads such mails right, and they are accepted: genuine ones have them.
fn is_swallowed<T>(own: &Mail<'_>, name: &str, found: &Found<T>) -> bool {
    let fields: Vec<_> = own.fields().collect();
    let above = fields.iter().position(|(own, _)| own.eq_ignore_ascii_case(name)).and_then(|at| at.checked_sub(1));
    let (above, value) = &fields[above.expect("a field above")];
    let is_date = above.to_ascii_lowercase().ends_with("date");
    let ends_in_zone = is_date && value.trim_end().ends_with(|last: char| last.is_ascii_alphabetic());
    matches!(found, Found::Missing) && (ends_in_zone || value.contains("=?"))
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
