//! The whole verdict on an inbound message: a code for a provider, a forwarding confirmation, or a refusal
//! (DESIGN section 4).
//!
//! Each way in has a module that gives a [`Verdict`]: [`mail`] so far. What follows a verdict does not ask where the
//! message came from; [`crate::request`] decides which login a code belongs to.

pub mod mail;
mod trust;

use crate::confirmation::Confirmation;
use crate::id::MessageId;
use crate::mailbox::Fingerprint;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::secret::Code;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The decision on an inbound message for one mailbox.
#[derive(Debug)]
pub enum Verdict {
    /// The provider wrote it, it is for this mailbox, and exactly one code is in it.
    Code(CodeMessage),
    /// It asks the owner to confirm a forwarding.
    Confirmation(Confirmation),
    /// It is refused.
    Refused(RefusedMessage),
    /// It is refused by what is proven, and would not be if a check passed that has not been answered.
    Deferred(RefusedMessage),
}

/// A message whose code may be delivered, to the login that caused it.
#[derive(Debug, Clone)]
pub struct CodeMessage {
    /// The accepting server's identifier of the message.
    pub id: MessageId,
    /// Who wrote it.
    pub provider: &'static Provider,
    /// The code.
    pub code: Code,
    /// When it was written.
    pub written: Written,
    /// When the server accepted it.
    pub accepted_at: Timestamp,
    /// What a copy of it has in common with it.
    pub identity: MessageIdentity,
}

/// What tells a copy of a code message (forwarded twice, announced again) from another message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageIdentity {
    /// Its Message-ID (RFC 5322 section 3.6.4), if it has one.
    pub message_id: Option<Fingerprint>,
    /// The provider's signatures (`b=` of RFC 6376), if it is signed.
    #[serde(default)]
    pub signatures: Vec<Fingerprint>,
    /// Its code.
    pub code: Fingerprint,
    /// The moment of writing that orders it.
    pub written_at: Timestamp,
}

impl MessageIdentity {
    /// Whether two messages are copies of one.
    ///
    /// An equal signature says so, although the rest may have been changed, and so does an equal Message-ID. So does an
    /// equal code, if a Message-ID is missing or both were written in the same second: some forwarders replace the
    /// Message-ID. An equal code alone does not, for a provider may send its code again to a second login; and an equal Date
    /// alone tells nothing, for two logins of one second have it too.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        if self.signatures.iter().any(|signature| other.signatures.contains(signature)) {
            return true;
        }
        match (&self.message_id, &other.message_id) {
            (Some(own), Some(others)) if own == others => true,
            (Some(_), Some(_)) => self.code == other.code && self.written_at == other.written_at,
            _ => self.code == other.code,
        }
    }
}

/// A message that is refused, independent of any request.
#[derive(Debug, Clone)]
pub struct RefusedMessage {
    /// The accepting server's identifier of the message.
    pub id: MessageId,
    /// Why.
    pub reason: Refusal,
    /// The provider that its one author belongs to. `None` if From names no provider, or could not be read.
    pub provider: Option<&'static Provider>,
    /// When the server accepted it.
    pub accepted_at: Timestamp,
}

/// When a message was written, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The earliest moment. Messages are ordered by it.
    pub earliest: Timestamp,
    /// The latest moment.
    pub latest: Timestamp,
}

impl Written {
    /// The time of writing by the message's own Date, which has whole seconds (RFC 5322 section 3.3).
    ///
    /// No message is written after its acceptance: without a Date, or with a later one, the acceptance counts.
    pub fn of(date: Option<Timestamp>, accepted_at: Timestamp) -> Self {
        const REST_OF_SECOND: SignedDuration = SignedDuration::from_millis(999);
        let earliest = date.map_or(accepted_at, |date| date.min(accepted_at));
        let latest = match date {
            Some(date) => date.checked_add(REST_OF_SECOND).unwrap_or(Timestamp::MAX).min(accepted_at),
            None => accepted_at,
        };
        Self { earliest, latest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_message_id_or_the_code() {
        let key = crate::mailbox::AddressKey::new("key");
        let identity = |message_id: Option<&str>, code: &str, second| MessageIdentity {
            message_id: message_id.map(|id| key.fingerprint("message-id", id)),
            signatures: Vec::new(),
            code: key.fingerprint("code", code),
            written_at: Timestamp::from_second(second).expect("a timestamp"),
        };
        let message = identity(Some("a"), "467266", 10);
        for (about, other, expected) in [
            ("forwarded twice", identity(Some("a"), "467266", 10), true),
            ("the same Message-ID", identity(Some("a"), "111111", 12), true),
            ("by a forwarder that replaces the Message-ID", identity(Some("b"), "467266", 10), true),
            ("without a Message-ID", identity(None, "467266", 12), true),
            ("the same code sent again", identity(Some("b"), "467266", 12), false),
            ("another code of the same second", identity(Some("b"), "111111", 10), false),
            ("another code without a Message-ID", identity(None, "111111", 10), false),
        ] {
            assert_eq!(message.is_copy_of(&other), expected, "{about}");
            assert_eq!(other.is_copy_of(&message), expected, "{about}, the other way round");
        }
        let signed = |identity: MessageIdentity, values: &[&str]| MessageIdentity {
            signatures: values.iter().map(|value| key.fingerprint("signature", value)).collect(),
            ..identity
        };
        let (one, other) = (identity(Some("a"), "467266", 10), identity(Some("b"), "111111", 90));
        assert!(
            signed(one.clone(), &["x", "y"]).is_copy_of(&signed(other.clone(), &["z", "y"])),
            "one signature in both"
        );
        assert!(!signed(one, &["x"]).is_copy_of(&signed(other, &["z"])));
    }

    #[test]
    fn a_date_covers_its_second_up_to_the_acceptance() {
        let at = |text: &str| -> Timestamp { format!("2026-11-21T20:01:{text}Z").parse().expect("a timestamp") };
        for (date, accepted, earliest, latest) in [
            (Some("10"), "12.500", "10", "10.999"),
            (Some("12"), "12.500", "12", "12.500"),
            (Some("30"), "12.500", "12.500", "12.500"),
            (None, "12.500", "12.500", "12.500"),
        ] {
            let expected = Written { earliest: at(earliest), latest: at(latest) };
            assert_eq!(Written::of(date.map(at), at(accepted)), expected, "{date:?}");
        }
    }
}
