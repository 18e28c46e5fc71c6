//! What other readers of mails find, compared with what the relay finds. `fuzz/targets/header_split.rs` has this module too.

use jiff::{SignedDuration, Timestamp};
use mail_auth::AuthenticatedMessage;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};
use relay::mail::Mail;

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

/// Checks that mail-parser and mail-auth find in a mail what the relay finds in it.
pub(crate) fn compare(raw: &[u8], own: &Mail<'_>) {
    let header = String::from_utf8_lossy(&raw[..raw.len() - own.raw_body().len()]);
    if !own.fields().any(|(name, value)| swallows_next(name, &value)) {
        compare_with_mail_parser(raw, own, &header);
    }
    let message = AuthenticatedMessage::parse(raw).expect("a mail");
    let fields = own.raw_fields().map(|(name, value)| (name.as_bytes(), value));
    assert!(message.headers.iter().copied().eq(fields), "the fields\n{header}");
    assert_eq!(raw.len() - message.body_offset(), own.raw_body().len(), "where the body begins\n{header}");
    // It makes letters outside of ASCII lower case as well.
    let author = own.sole_from().map(|author| author.as_str().to_lowercase());
    assert_eq!(message.froms(), author.as_slice(), "the author\n{header}");
}

/// Whether mail-parser takes the line behind a field for a part of it, the blank line as well: it reads on behind an
/// alphabetic zone at the end of a date (`Date: … Z`), and behind an encoded word that does not end. A field ends with its
/// line (RFC 5322 section 2.2), so the relay reads such mails right, and they are accepted: genuine ones have them.
fn swallows_next(name: &str, value: &str) -> bool {
    let is_date = name.to_ascii_lowercase().ends_with("date");
    let has_open_word = value.rsplit_once("=?").is_some_and(|(_, word)| !word.contains("?="));
    has_open_word || (is_date && value.trim_end().ends_with(|last: char| last.is_ascii_alphabetic()))
}

fn compare_with_mail_parser(raw: &[u8], own: &Mail<'_>, header: &str) {
    let message = MessageParser::default().parse_headers(raw).expect("a mail");
    for (name, field, value) in [("From", HeaderName::From, own.sole_from()), ("To", HeaderName::To, own.sole_to())] {
        // Where the relay reads no address, it relies on none.
        let Some(value) = value else { continue };
        let found = one(&message, &field, sole_address);
        assert_eq!(found, Found::Sole(value.as_str().to_owned()), "{name}\n{header}");
    }
    if let Some(date) = own.date() {
        let found = one(&message, &HeaderName::Date, moment);
        let agrees = match found {
            Found::Sole(other) => is_same_moment(date, other),
            // No other moment.
            Found::Unclear => true,
            Found::Missing => false,
        };
        assert!(agrees, "Date: {date} and {found:?}\n{header}");
    }
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
