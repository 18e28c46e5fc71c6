//! What the owner is told.

use jiff::Timestamp;
use relay::enrolment::{Arrivals, Enrolment, Trust};
use relay::status::seconds;
use serde_json::{Value, json};

/// The answer to an action that was done.
#[derive(Debug)]
pub enum Answered {
    /// `add` and `rotate`: what to paste. It is shown this once.
    Issued(Issued),
    /// `show`.
    Shown(Shown),
    /// `revoke`.
    Revoked,
    /// `list`.
    List(Vec<Known>),
}

/// What the owner pastes into the mailbox's forwarding rule and into the client.
pub struct Issued {
    pub(super) relay_address: String,
    pub(super) prestage_url: String,
    pub(super) token: String,
    pub(super) trust: Trust,
    pub(super) label: String,
}

/// It holds the token.
impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issued(…)")
    }
}

/// One enrolment, as its owner sets it up.
#[derive(Debug)]
pub struct Shown {
    pub(super) relay_address: String,
    pub(super) trust: Trust,
    pub(super) known: Known,
}

/// What is known of one enrolment, without any address.
#[derive(Debug)]
pub struct Known {
    pub(super) enrolment: Enrolment,
    pub(super) arrivals: Arrivals,
}

/// What the owner can put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request lacks something; the sentence says what to give.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The mailbox has an enrolment.
    #[error("This mailbox is enrolled. Use rotate for a new token, or revoke it first.")]
    AlreadyEnrolled,
    /// The mailbox has none.
    #[error("This mailbox is not enrolled. Check its spelling, or use add.")]
    NotEnrolled,
    /// A revocation broke off half-way: the mailbox has a token, and no relay address.
    #[error("An earlier revoke of this mailbox did not finish. Revoke it again, then add it.")]
    HalfRevoked,
    /// Somebody else changed the enrolment at the same time.
    #[error("The enrolment was changed by somebody else just now. Look at it with show, then try again.")]
    Changed,
}

impl Failure {
    /// The word in the answer and in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::AlreadyEnrolled => "already_enrolled",
            Self::NotEnrolled => "not_enrolled",
            Self::HalfRevoked => "half_revoked",
            Self::Changed => "changed",
        }
    }

    /// The answer as JSON.
    pub fn to_json(self) -> Value {
        json!({"error": self.word(), "message": self.to_string()})
    }
}

impl Answered {
    /// The answer as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Issued(issued) => json!({
                "relay_address": issued.relay_address,
                "prestage_url": issued.prestage_url,
                "token": issued.token,
                "trust": issued.trust,
                "label": issued.label,
            }),
            Self::Shown(Shown { relay_address, trust, known }) => {
                let named = [("relay_address", json!(relay_address)), ("trust", json!(trust))];
                named.into_iter().chain(known.facts()).collect()
            }
            Self::Revoked => json!({"revoked": true}),
            Self::List(list) => {
                json!({"enrolments": list.iter().map(|known| known.facts().into_iter().collect()).collect::<Vec<Value>>()})
            }
        }
    }
}

impl Known {
    fn facts(&self) -> [(&'static str, Value); 6] {
        let Self { enrolment, arrivals } = self;
        let when = |at: Option<Timestamp>| json!(at.map(seconds));
        let confirmation = arrivals.confirmation.as_ref().map(|c| json!({"link": c.link, "code": c.code}));
        [
            ("label", json!(enrolment.label)),
            ("created_at", when(Some(enrolment.created_at))),
            ("rotated_at", when(enrolment.rotated_at)),
            ("mail_arrived_at", when(arrivals.arrived_at)),
            ("last_refusal", json!(arrivals.refusal)),
            ("gmail_confirmation", json!(confirmation)),
        ]
    }
}
