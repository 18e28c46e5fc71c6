//! The document that the client polls (DESIGN section 3.2).

use crate::refusal::Refusal;
use crate::secret::Code;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// What a request's status URL answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The request waits for its code.
    Pending {
        /// When the window ends.
        expires_at: Timestamp,
    },
    /// The code is here.
    Complete {
        /// The code.
        code: Code,
        /// Who sent it.
        provider: String,
        /// When the relay's mail server accepted the mail.
        received_at: Timestamp,
        /// When the code will be erased.
        expires_at: Timestamp,
    },
    /// The request has ended, and no code is here.
    Ended(Ending),
}

/// Why a request has ended without a code in its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The window ended and no code had come.
    TimedOut,
    /// A newer prestage for the same mailbox took its place.
    Superseded,
    /// The code was here and has been erased.
    Expired,
    /// The mailbox's enrolment was revoked.
    Revoked,
}

impl End {
    /// The word in the status document.
    pub fn word(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// An end, and the sentence that says what to make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Why.
    pub end: End,
    /// What happened and what to do, in one or two sentences.
    pub message: String,
}

impl Ending {
    /// The ending of a request that had this window and refused these mails.
    pub fn of(end: End, window_seconds: i64, refused: &BTreeMap<Refusal, u32>) -> Self {
        let message = match end {
            End::TimedOut => format!("No code arrived within {window_seconds} s. {}", refusals(refused)),
            other => Self::plain(other).message,
        };
        Self { end, message }
    }

    /// The ending of a request of which nothing more is known.
    pub fn plain(end: End) -> Self {
        let message = match end {
            End::TimedOut => "No code arrived in time. Start the login again.",
            End::Superseded => {
                "A newer prestage for the same mailbox took this request's place. Poll the newer status URL."
            }
            End::Expired => "The code was here and has been erased. Start the login again.",
            End::Revoked => "The mailbox's enrolment was revoked. Enrol it again to get a new token.",
        };
        Self { end, message: message.to_owned() }
    }
}

/// `1 mail was refused: not_signed.` or `3 mails were refused: not_signed (2), stale (1).`
fn refusals(refused: &BTreeMap<Refusal, u32>) -> String {
    let total: u32 = refused.values().fold(0, |sum, count| sum.saturating_add(*count));
    let counted = || refused.iter().map(|(reason, count)| format!("{reason} ({count})")).collect::<Vec<_>>().join(", ");
    match (total, refused.keys().next()) {
        (1, Some(reason)) => format!("1 mail was refused: {reason}."),
        (0, _) | (_, None) => {
            "No mail for this mailbox reached the relay: check the mailbox's forwarding to its relay address."
                .to_owned()
        }
        _ => format!("{total} mails were refused: {}.", counted()),
    }
}

impl Status {
    /// The status of a request of which nothing is known but why it ended.
    pub fn ended(end: End) -> Self {
        Self::Ended(Ending::plain(end))
    }

    /// The document, as JSON.
    pub fn to_json(&self) -> String {
        match self {
            Self::Pending { expires_at } => json!({"status": "pending", "expires_at": seconds(*expires_at)}),
            Self::Complete { code, provider, received_at, expires_at } => json!({
                "status": "complete",
                "code": code.reveal(),
                "provider": provider,
                "received_at": seconds(*received_at),
                "expires_at": seconds(*expires_at),
            }),
            Self::Ended(Ending { end, message }) => {
                json!({"status": "error", "reason": end.word(), "message": message})
            }
        }
        .to_string()
    }
}

/// RFC 3339 in whole seconds, which every client's parser takes.
pub fn seconds(at: Timestamp) -> String {
    format!("{at:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_counts_the_refused_mails() {
        for (refused, expected) in [
            (
                vec![],
                "No code arrived within 300 s. No mail for this mailbox reached the relay: check the mailbox's forwarding to its relay address.",
            ),
            (vec![(Refusal::NotSigned, 1)], "No code arrived within 300 s. 1 mail was refused: not_signed."),
            (
                vec![(Refusal::Stale, 1), (Refusal::NotSigned, 2)],
                "No code arrived within 300 s. 3 mails were refused: not_signed (2), stale (1).",
            ),
        ] {
            assert_eq!(Ending::of(End::TimedOut, 300, &refused.into_iter().collect()).message, expected);
        }
    }

    #[test]
    fn the_document_is_what_the_contract_shows() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        let (received_at, expires_at) = (at("2026-11-21T20:01:12.345Z"), at("2026-11-21T20:05:00Z"));
        for (status, expected) in [
            (Status::Pending { expires_at }, json!({"status": "pending", "expires_at": "2026-11-21T20:05:00Z"})),
            (
                Status::Complete {
                    code: Code::parse("467266").expect("a code"),
                    provider: "arlo".to_owned(),
                    received_at,
                    expires_at,
                },
                json!({"status": "complete", "code": "467266", "provider": "arlo", "received_at": "2026-11-21T20:01:12Z", "expires_at": "2026-11-21T20:05:00Z"}),
            ),
            (
                Status::Ended(Ending { end: End::Revoked, message: "m".to_owned() }),
                json!({"status": "error", "reason": "revoked", "message": "m"}),
            ),
        ] {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&status.to_json()).ok(), Some(expected));
        }
    }
}
