//! SEARCH (RFC 3501 section 6.4.4). Strings match in any case, dates in UTC.

use super::inbox::Inbox;
use super::message::Message;
use super::sequence::{Numbering, select};
use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::datetime::NaiveDate;
use imap_codec::imap_types::search::SearchKey;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::num::NonZeroU32;

/// The numbers of the messages that match every key.
pub(super) fn search(inbox: &Inbox, keys: &[SearchKey<'_>], numbering: Numbering) -> Vec<NonZeroU32> {
    let matching = inbox.iter().filter(|(number, message)| {
        let candidate = Candidate { inbox, number: *number, message };
        keys.iter().all(|key| candidate.matches(key))
    });
    matching.map(|(number, message)| numbering.of(number, message)).collect()
}

struct Candidate<'a> {
    inbox: &'a Inbox,
    number: NonZeroU32,
    message: &'a Message,
}

impl Candidate<'_> {
    fn matches(&self, key: &SearchKey<'_>) -> bool {
        let (message, date) = (self.message, self.date());
        match key {
            SearchKey::And(keys) => keys.as_ref().iter().all(|key| self.matches(key)),
            SearchKey::Or(one, other) => self.matches(one) || self.matches(other),
            SearchKey::Not(key) => !self.matches(key),
            SearchKey::SequenceSet(set) => select(set, self.number, self.inbox.last(Numbering::Sequence)),
            SearchKey::Uid(set) => select(set, message.uid, self.inbox.last(Numbering::Uid)),
            SearchKey::Seen => message.seen,
            SearchKey::Unseen | SearchKey::New => !message.seen,
            SearchKey::From(text) => self.header_contains("From", text),
            SearchKey::To(text) => self.header_contains("To", text),
            SearchKey::Subject(text) => self.header_contains("Subject", text),
            SearchKey::Header(name, text) => self.header_contains(&lossy(name), text),
            SearchKey::Body(text) => contains(&message.body(), text),
            SearchKey::Text(text) => contains(&message.text(), text),
            SearchKey::Since(day) | SearchKey::SentSince(day) => civil(day).is_some_and(|day| date >= day),
            SearchKey::Before(day) | SearchKey::SentBefore(day) => civil(day).is_some_and(|day| date < day),
            SearchKey::On(day) | SearchKey::SentOn(day) => civil(day) == Some(date),
            SearchKey::Larger(size) => message.text().len() > usize::try_from(*size).unwrap_or(usize::MAX),
            SearchKey::Smaller(size) => message.text().len() < usize::try_from(*size).unwrap_or(usize::MAX),
            // A message has no other flag, so it lacks each of them. Each message is recent: no other session sees it.
            SearchKey::All
            | SearchKey::Recent
            | SearchKey::Unanswered
            | SearchKey::Undeleted
            | SearchKey::Undraft
            | SearchKey::Unflagged
            | SearchKey::Unkeyword(_) => true,
            SearchKey::Old
            | SearchKey::Answered
            | SearchKey::Deleted
            | SearchKey::Draft
            | SearchKey::Flagged
            | SearchKey::Keyword(_)
            | SearchKey::Cc(_)
            | SearchKey::Bcc(_) => false,
        }
    }

    fn header_contains(&self, name: &str, text: &AString<'_>) -> bool {
        self.message.header_field(name).is_some_and(|value| contains(&value, text))
    }

    fn date(&self) -> Date {
        self.message.received_at().to_zoned(TimeZone::UTC).date()
    }
}

fn contains(text: &str, part: &AString<'_>) -> bool {
    text.to_ascii_lowercase().contains(&lossy(part).to_ascii_lowercase())
}

fn lossy(text: &AString<'_>) -> String {
    String::from_utf8_lossy(text.as_ref()).into_owned()
}

/// Returns `None` for a day that no calendar has.
fn civil(day: &NaiveDate) -> Option<Date> {
    day.as_ref().to_string().parse().ok()
}
