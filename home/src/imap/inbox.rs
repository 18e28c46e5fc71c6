//! The messages of a session and their numbers, which only grow.

use super::limits::MAX_MESSAGES;
use super::message::Message;
use super::sequence::{Numbering, select};
use crate::codes::CodeMail;
use imap_codec::imap_types::sequence::SequenceSet;
use jiff::Timestamp;
use std::num::NonZeroU32;

/// The validity of all UIDs (RFC 3501 section 2.3.1.1). A UID is a time in seconds, so that the messages of a later session
/// have higher ones, also for a client that remembers them.
pub(super) const UID_VALIDITY: NonZeroU32 = NonZeroU32::MIN;

/// The messages of a session.
#[derive(Debug)]
pub(super) struct Inbox {
    messages: Vec<Message>,
    uid_next: NonZeroU32,
    mailbox: String,
}

impl Inbox {
    /// An empty inbox of this mailbox.
    pub(super) fn new(mailbox: &str, now: Timestamp) -> Self {
        Self { messages: Vec::new(), uid_next: uid_at(now), mailbox: printable(mailbox) }
    }

    /// The UID that the next message has at least.
    pub(super) fn uid_next(&self) -> NonZeroU32 {
        self.uid_next
    }

    /// Appends a message.
    pub(super) fn add(&mut self, mail: CodeMail, now: Timestamp) {
        let uid = self.uid_next.max(uid_at(now));
        self.messages.push(Message::new(uid, mail, self.mailbox.clone()));
        self.uid_next = uid.saturating_add(1);
    }

    /// Erases every code.
    pub(super) fn erase_codes(&mut self) {
        self.messages.iter_mut().for_each(Message::erase);
    }

    /// Whether there are as many messages as one session may have.
    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= MAX_MESSAGES
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    /// How many messages have not been read.
    pub(super) fn unseen(&self) -> u32 {
        u32::try_from(self.messages.iter().filter(|message| !message.seen).count()).unwrap_or(u32::MAX)
    }

    /// The messages with their sequence numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NonZeroU32, &Message)> {
        numbers().zip(&self.messages)
    }

    /// The messages in a set, with their sequence numbers, for changes.
    pub(super) fn selected(
        &mut self,
        set: &SequenceSet,
        numbering: Numbering,
    ) -> impl Iterator<Item = (NonZeroU32, &mut Message)> {
        let last = self.last(numbering);
        let numbered = numbers().zip(&mut self.messages);
        numbered.filter(move |(number, message)| select(set, numbering.of(*number, message), last))
    }

    /// The number that `*` stands for.
    pub(super) fn last(&self, numbering: Numbering) -> Option<NonZeroU32> {
        self.iter().last().map(|(number, message)| numbering.of(number, message))
    }
}

/// The sequence numbers.
fn numbers() -> impl Iterator<Item = NonZeroU32> {
    (1..).filter_map(NonZeroU32::new)
}

fn uid_at(now: Timestamp) -> NonZeroU32 {
    u32::try_from(now.as_second()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// What may stand in a header field and in a response.
fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::fake::code_mail;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn uids(inbox: &Inbox) -> Vec<u32> {
        inbox.iter().map(|(_, message)| message.uid.get()).collect()
    }

    #[test]
    fn uids_grow_within_a_session_and_from_one_session_to_the_next() {
        let mut inbox = Inbox::new("me@gmail.com", at(1000));
        assert_eq!(inbox.uid_next().get(), 1000);
        for second in [1000, 1000, 1005, 990] {
            inbox.add(code_mail("467266"), at(second));
        }
        assert_eq!(uids(&inbox), [1000, 1001, 1005, 1006]);
        assert_eq!(inbox.uid_next().get(), 1007);
        assert!(Inbox::new("me@gmail.com", at(1010)).uid_next() >= inbox.uid_next());
    }

    #[test]
    fn sequence_numbers_count_from_one() {
        let mut inbox = Inbox::new("me@gmail.com", at(1000));
        assert_eq!((inbox.len(), inbox.last(Numbering::Sequence)), (0, None));
        inbox.add(code_mail("467266"), at(1000));
        inbox.add(code_mail("467267"), at(1000));
        assert_eq!((inbox.len(), inbox.last(Numbering::Sequence).map(NonZeroU32::get)), (2, Some(2)));
    }

    #[test]
    fn a_mailbox_cannot_inject_a_header_field() {
        let mut inbox = Inbox::new("me@gmail.com\r\nBcc: \"x\"@y", at(1000));
        inbox.add(code_mail("467266"), at(1000));
        assert!(inbox.iter().all(|(_, message)| message.mailbox() == "me@gmail.comBcc:x@y"));
    }
}
