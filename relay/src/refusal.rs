//! Why an inbound message's code is not delivered: a closed list.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why an inbound message was refused (DESIGN section 4).
///
/// The words of logs, statuses and the store are the variants' names in `snake_case`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// From is not exactly one address of the provider that the request waits for.
    NotFromProvider,
    /// The provider's domain does not vouch for the mail, and the trust or the address requires it.
    NotSigned,
    /// Nothing ties the mail to the mailbox: the mailbox's domain did not vouch for the last hop, and no signed mail
    /// names the mailbox.
    NotForwarded,
    /// The accepting server classifies the mail as spam, and it is not signed.
    Spam,
    /// The accepting server found a virus.
    Virus,
    /// It is larger than [`LARGEST_MAIL`](crate::mail::LARGEST_MAIL).
    TooLarge,
    /// It is truncated, nested beyond the limits, or not a mail at all.
    Unreadable,
    /// It is the provider's, and no code is in it.
    NoCode,
    /// Two or more different codes in it are equally likely.
    Ambiguous,
    /// It was written before the request was opened, it belongs to another login, or a newer code was delivered.
    Stale,
    /// It was accepted while no request was open.
    OutsideWindow,
    /// DNS has not answered whether it is signed or forwarded. Its sender tries again.
    Deferred,
}

impl Refusal {
    /// Every reason, in the order of DESIGN section 4.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// What the mailbox's owner can do about it, in one or two sentences.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotFromProvider => {
                "Forward the original mail, do not write a new one: at Microsoft, the rule must redirect, not forward."
            }
            Self::NotSigned => {
                "Forward to the relay address with the tag, under trust forwarded; or use a forwarder that leaves mails unchanged."
            }
            Self::NotForwarded => {
                "Forward from the enrolled mailbox to the relay address with the tag. If it does, as from Microsoft 365 organisations that break signatures, rotate with trust addressed."
            }
            Self::Spam => "Forward from a mailbox at a provider with a good reputation.",
            Self::Virus => "Nothing: the mail server found a virus in the mail.",
            Self::TooLarge => "Forward code mails only.",
            Self::Unreadable => "Forward the mail as it is, not as an attachment.",
            Self::NoCode => {
                "Nothing, if it was a newsletter or a notice. If it was a code mail, open an issue with it."
            }
            Self::Ambiguous => "Log in again.",
            Self::Stale => "Prestage first, then log in.",
            Self::OutsideWindow => "Prestage first, then log in; and let the mailbox forward at once.",
            Self::Deferred => {
                "Nothing, if it came later. If this happens often, name another name server with --resolver."
            }
        }
    }

    /// The word in statuses, logs and the store, e.g. `not_signed`.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_word_is_the_printed_word() {
        for refusal in Refusal::ALL {
            assert_eq!(serde_json::to_value(refusal).ok(), Some(refusal.word().into()));
        }
        assert_eq!(Refusal::NotFromProvider.word(), "not_from_provider");
    }
}
