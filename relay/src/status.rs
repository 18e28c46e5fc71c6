//! The document that the client polls (DESIGN section 3.2).

use crate::refusal::Refusal;
use crate::secret::Code;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

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
        /// When the relay accepted the message.
        received_at: Timestamp,
        /// When the code will be erased.
        expires_at: Timestamp,
    },
    /// The request has ended, and no code is here.
    Ended(Ending),
}

/// Why a request has ended without a code in its status.
///
/// The words of status documents and logs are the variants' names in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum End {
    /// The window ended and no code had come.
    TimedOut,
    /// A newer request of the same program, or too many others, took its place.
    Superseded,
    /// The code was here and has been erased.
    Expired,
    /// The program's token or the mailbox's enrolment was revoked.
    Revoked,
}

impl End {
    /// The word in the status document, e.g. `timed_out`.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// An end, and the sentence for the client's user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Why it ended.
    pub end: End,
    /// What happened and what to do, in a few short sentences.
    pub message: String,
}

/// Code mails that came shortly before a request opened: a program that logs in before it asks causes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// How many.
    pub mails: u32,
    /// How long before the opening the last one came, in seconds.
    pub seconds_before: i64,
    /// Whether other requests owned them. Then they may have been theirs indeed.
    #[serde(default)]
    pub owned: bool,
}

impl Ending {
    /// The ending of a request with a window of so many seconds, which missed, refused and deferred these messages.
    pub fn of(
        end: End,
        window_seconds: i64,
        missed: Option<Missed>,
        refused: &BTreeMap<Refusal, u32>,
        deferred: usize,
    ) -> Self {
        let message = match end {
            End::TimedOut => {
                let early = missed.map(Missed::sentence);
                let why: Vec<String> = early.into_iter().chain(refusals(refused)).chain(deferrals(deferred)).collect();
                let why = if why.is_empty() { NOTHING_CAME.to_owned() } else { why.join(" ") };
                format!("No code arrived within {window_seconds} s. {why}")
            }
            other => Self::plain(other).message,
        };
        Self { end, message }
    }

    /// The ending of a request of which nothing else is known.
    pub fn plain(end: End) -> Self {
        let message = match end {
            End::TimedOut => "No code arrived in time. Start the login again.",
            End::Superseded => {
                "A newer request took this one's place, of the same program or of too many that wait. Poll the newer status URL, or start the login again."
            }
            End::Expired => "The code was here and has been erased. Start the login again.",
            End::Revoked => "The token of this request was revoked. Enrol the mailbox or add a token to get a new one.",
        };
        Self { end, message: message.to_owned() }
    }
}

const NOTHING_CAME: &str =
    "No code mail for this login reached the relay: check the mailbox's forwarding to its relay address.";

impl Missed {
    fn sentence(self) -> String {
        let Self { mails, seconds_before, owned } = self;
        let came = match mails {
            1 => format!("1 code mail came {seconds_before} s"),
            _ => format!("{mails} code mails came, the last one {seconds_before} s"),
        };
        let advice = if owned {
            ", and counted as another login's: if this login caused it, prestage first, then log in."
        } else {
            ": prestage first, then log in."
        };
        format!("{came} before this request was opened{advice}")
    }
}

fn deferrals(count: usize) -> Option<String> {
    let mails = match count {
        0 => return None,
        1 => "1 mail was".to_owned(),
        count => format!("{count} mails were"),
    };
    Some(format!("{mails} put off, because DNS did not answer: check the relay's name server."))
}

/// `1 mail was refused: not_signed.` or `3 mails were refused: not_signed (2), stale (1).`; `None` if none was.
fn refusals(refused: &BTreeMap<Refusal, u32>) -> Option<String> {
    let total: u32 = refused.values().fold(0, |sum, count| sum.saturating_add(*count));
    let reason = refused.keys().next()?;
    if total == 1 {
        return Some(format!("1 mail was refused: {reason}."));
    }
    let counted: Vec<String> = refused.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
    Some(format!("{total} mails were refused: {}.", counted.join(", ")))
}

impl Status {
    /// The status of a request of which only its end is known.
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

impl Status {
    /// Parses a document, the inverse of [`to_json`](Self::to_json). Returns `None` if `text` is not one.
    pub fn from_json(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let text = |name| document.get(name).and_then(Value::as_str);
        let time = |name| text(name)?.parse().ok();
        match text("status")? {
            "pending" => Some(Self::Pending { expires_at: time("expires_at")? }),
            "complete" => Some(Self::Complete {
                code: Code::parse(text("code")?)?,
                provider: text("provider")?.to_owned(),
                received_at: time("received_at")?,
                expires_at: time("expires_at")?,
            }),
            "error" => Some(Self::Ended(Ending {
                end: End::deserialize(document.get("reason")?).ok()?,
                message: text("message")?.to_owned(),
            })),
            _ => None,
        }
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
    fn a_timeout_says_what_came_and_why_it_was_no_use() {
        let missed = |mails, seconds_before| Some(Missed { mails, seconds_before, owned: false });
        for (missed, refused, expected) in [
            (
                None,
                vec![],
                "No code mail for this login reached the relay: check the mailbox's forwarding to its relay address.",
            ),
            (None, vec![(Refusal::NotSigned, 1)], "1 mail was refused: not_signed."),
            (
                None,
                vec![(Refusal::Stale, 1), (Refusal::NotSigned, 2)],
                "3 mails were refused: not_signed (2), stale (1).",
            ),
            (missed(1, 2), vec![], "1 code mail came 2 s before this request was opened: prestage first, then log in."),
            (
                missed(3, 2),
                vec![(Refusal::NoCode, 1)],
                "3 code mails came, the last one 2 s before this request was opened: prestage first, then log in. 1 mail was refused: no_code.",
            ),
            (
                Some(Missed { mails: 1, seconds_before: 2, owned: true }),
                vec![],
                "1 code mail came 2 s before this request was opened, and counted as another login's: if this login caused it, prestage first, then log in.",
            ),
        ] {
            let message = Ending::of(End::TimedOut, 300, missed, &refused.into_iter().collect(), 0).message;
            assert_eq!(message, format!("No code arrived within 300 s. {expected}"));
        }
    }

    #[test]
    fn a_timeout_says_that_dns_did_not_answer() {
        let message = |deferred| Ending::of(End::TimedOut, 300, None, &BTreeMap::new(), deferred).message;
        assert_eq!(
            message(1),
            "No code arrived within 300 s. 1 mail was put off, because DNS did not answer: check the relay's name server."
        );
        assert!(message(2).contains("2 mails were put off"));
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
            assert_eq!(serde_json::from_str::<Value>(&status.to_json()).ok(), Some(expected));
        }
    }

    #[test]
    fn a_document_parses_back_and_nothing_else_parses() {
        let at: Timestamp = "2026-11-21T20:05:00Z".parse().expect("a timestamp");
        let code = Code::parse("467266").expect("a code");
        for status in [
            Status::Pending { expires_at: at },
            Status::Complete { code, provider: "arlo".to_owned(), received_at: at, expires_at: at },
            Status::ended(End::TimedOut),
            Status::ended(End::Superseded),
        ] {
            assert_eq!(Status::from_json(&status.to_json()), Some(status));
        }
        for text in [
            "",
            "[]",
            r#"{"status":"pending"}"#,
            r#"{"status":"complete","code":467266,"provider":"arlo","received_at":"2026-11-21T20:05:00Z","expires_at":"2026-11-21T20:05:00Z"}"#,
            r#"{"status":"error","reason":"unknown","message":"m"}"#,
            r#"{"status":"other"}"#,
        ] {
            assert_eq!(Status::from_json(text), None, "{text}");
        }
    }
}
