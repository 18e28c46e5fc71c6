//! The answers to the owner.

use crate::decision::Decision;
use crate::ports::Unavailable;
use jiff::Timestamp;
use relay::arrivals::Arrivals;
use relay::enrolment::{Enrolment, Trust};
use relay::provider::Provider;
use relay::refusal::Refusal;
use relay::secret::Token;
use relay::status::seconds;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The answer to an action that was done.
#[derive(Debug)]
pub enum Answer {
    /// `add`, `rotate` and `token add`: what to paste. It is shown this once.
    Issued(Issued),
    /// `show`.
    Shown {
        /// Where the mailbox forwards to.
        relay_address: String,
        /// What a mail must prove.
        trust: Trust,
        /// What is known of the enrolment.
        known: Known,
    },
    /// `revoke` and `token revoke`.
    Revoked,
    /// `list`.
    List(Vec<Known>),
    /// `token list`.
    Programs(Known),
}

/// What the owner pastes into the mailbox's forwarding rule and into the program.
///
/// It holds the token: `Debug` does not show it.
#[derive(derive_more::Debug)]
#[debug("Issued(…)")]
pub struct Issued {
    pub(super) relay_address: String,
    pub(super) prestage_url: Zeroizing<String>,
    pub(super) token: Token,
    pub(super) trust: Trust,
    pub(super) label: String,
}

/// What is known of one enrolment, without any address or secret.
#[derive(Debug)]
pub struct Known {
    pub(super) enrolment: Enrolment,
    pub(super) arrivals: Arrivals,
}

/// Why an action was not done. The words in answers and logs are the variants' names in `snake_case`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The request lacks something; the sentence says what to give.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The mailbox has an enrolment.
    #[error("This mailbox is enrolled. Use token add for another program, rotate for a new token, or revoke it first.")]
    AlreadyEnrolled,
    /// The mailbox has none.
    #[error("This mailbox is not enrolled. Check its spelling, or use add.")]
    NotEnrolled,
    /// A revocation was interrupted: the mailbox has programs, and no relay address.
    #[error("An earlier revoke of this mailbox did not finish. Revoke it again, then add it.")]
    HalfRevoked,
    /// Another action changed the enrolment at the same time.
    #[error("The enrolment was changed by another action just now. Look at it with show, then try again.")]
    Changed,
    /// The mailbox has a program with this label.
    #[error("This mailbox has a program {0:?}. Give another label, or use rotate for a new token.")]
    LabelTaken(String),
    /// The mailbox has no program with this label.
    #[error("This mailbox has no program {0:?}. Its programs are: {1}.")]
    NoSuchProgram(String, String),
    /// The mailbox has several programs, and the request names none.
    #[error("This mailbox has several programs. Give in \"label\" the one whose token to renew: {0}.")]
    LabelMissing(String),
    /// The mailbox would have no program left.
    #[error("This is the mailbox's only program. Use revoke to end the enrolment, or rotate for a new token.")]
    LastProgram,
    /// The mailbox has as many programs as it can have.
    #[error("This mailbox has {0} programs, the most there can be. Revoke one that is not used any more.")]
    TooManyPrograms(usize),
    /// The store did not answer. Every action is safe to retry.
    #[error("The store did not answer: {0}")]
    Unavailable(#[from] Unavailable),
}

impl Error {
    /// The word in the answer and in the log, e.g. `not_enrolled`.
    pub fn word(&self) -> &'static str {
        self.into()
    }

    /// The answer as JSON.
    pub fn to_json(&self) -> Value {
        json!({"error": self.word(), "message": self.to_string()})
    }
}

impl Answer {
    /// The answer as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Issued(issued) => json!({
                "relay_address": issued.relay_address,
                "prestage_url": issued.prestage_url.as_str(),
                "token": issued.token.reveal(),
                "trust": issued.trust,
                "label": issued.label,
                "senders": Provider::senders(),
            }),
            Self::Shown { relay_address, trust, known } => {
                let named = [
                    ("relay_address", json!(relay_address)),
                    ("trust", json!(trust)),
                    ("trust_means", json!(trust.meaning())),
                ];
                named.into_iter().chain(known.facts()).collect()
            }
            Self::Revoked => json!({"revoked": true}),
            Self::List(list) => {
                json!({"enrolments": list.iter().map(|known| known.facts().into_iter().collect()).collect::<Vec<Value>>()})
            }
            Self::Programs(known) => json!({"programs": known.programs()}),
        }
    }
}

impl Known {
    fn facts(&self) -> [(&'static str, Value); 6] {
        let Self { enrolment, arrivals } = self;
        let confirmation = arrivals.confirmation.as_ref().map(|c| json!({"link": c.link, "code": c.code}));
        [
            ("created_at", json!(seconds(enrolment.created_at))),
            ("programs", json!(self.programs())),
            ("mail_arrived_at", time(arrivals.arrived_at)),
            ("last_refusal", json!(arrivals.refusal)),
            ("advice", json!(arrivals.refusal.map(Refusal::advice))),
            ("gmail_confirmation", json!(confirmation)),
        ]
    }

    fn programs(&self) -> Vec<Value> {
        let Self { enrolment, arrivals } = self;
        let program = |program: &relay::enrolment::Program| {
            json!({
                "label": program.label.as_str(),
                "created_at": seconds(program.created_at),
                "rotated_at": time(program.rotated_at),
                "last_used_at": time(arrivals.last_used.get(&program.id).copied()),
            })
        };
        enrolment.programs.iter().map(program).collect()
    }
}

fn time(at: Option<Timestamp>) -> Value {
    json!(at.map(seconds))
}

/// The decision of `enroll`, for the log.
impl From<&Result<Answer, Error>> for Decision {
    fn from(result: &Result<Answer, Error>) -> Self {
        match result {
            Ok(_) => Self::new("enroll", "done"),
            Err(Error::Unavailable(unavailable)) => Self::unavailable("enroll", unavailable),
            Err(error) => Self::new("enroll", "denied").because(error.word()),
        }
    }
}
