//! Why a mail's code is not delivered: a closed list of words.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The reason why a mail was refused (DESIGN section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// From is not exactly one address of the provider that the request waits for.
    NotFromProvider,
    /// The provider's domain does not vouch for the mail, and the trust or the place requires it.
    NotSigned,
    /// Nothing ties the mail to the mailbox: its domain did not vouch for the last hop, and no signed mail names it.
    NotForwarded,
    /// The accepting server calls it spam.
    Spam,
    /// The accepting server found a virus in it.
    Virus,
    /// It is larger than [`LARGEST_MAIL`](crate::mail::LARGEST_MAIL).
    TooLarge,
    /// It is cut off, nested beyond reason, or no mail at all.
    Unreadable,
    /// It is the provider's, and holds no code.
    NoCode,
    /// It holds two or more codes that are equally likely.
    Ambiguous,
    /// It was written before the request was opened, or a newer code has been delivered.
    Stale,
    /// It was accepted while no request was open.
    OutsideWindow,
}

impl Refusal {
    /// Every reason, in the order of DESIGN section 4.
    pub const ALL: [Self; 11] = [
        Self::NotFromProvider,
        Self::NotSigned,
        Self::NotForwarded,
        Self::Spam,
        Self::Virus,
        Self::TooLarge,
        Self::Unreadable,
        Self::NoCode,
        Self::Ambiguous,
        Self::Stale,
        Self::OutsideWindow,
    ];

    /// The word as it stands in statuses, logs and the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotFromProvider => "not_from_provider",
            Self::NotSigned => "not_signed",
            Self::NotForwarded => "not_forwarded",
            Self::Spam => "spam",
            Self::Virus => "virus",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::NoCode => "no_code",
            Self::Ambiguous => "ambiguous",
            Self::Stale => "stale",
            Self::OutsideWindow => "outside_window",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
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
    }
}
