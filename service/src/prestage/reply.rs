//! Prestage's answers, and why a call is denied.

use crate::decision::Decision;
use crate::ports::Unavailable;
use serde_json::json;

/// An HTTP answer for an edge to send.
///
/// The body of an opened request holds the status URL: `Debug` does not show it.
#[derive(derive_more::Debug, Clone, PartialEq, Eq)]
#[debug("Reply({status} …)")]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<u8>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// Why a call is denied. The words in answers and logs are the variants' names in `snake_case`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The body is not what the contract asks for; the sentence says what to send.
    #[error("{0}")]
    InvalidRequest(String),
    /// There is no token.
    #[error("Send the token from enrolling as 'Authorization: Bearer <token>', or as ?token=<token> in the URL.")]
    TokenMissing,
    /// The mailbox is unknown or the token is wrong. The answer does not tell which.
    #[error("No enrolment has this mailbox and this token: check both, or enrol the mailbox.")]
    NotEnrolled,
    /// The body is larger than any valid one.
    #[error("Send a body of at most {} bytes.", super::call::LARGEST_BODY)]
    TooLarge,
    /// A service behind the relay did not answer.
    #[error("The relay cannot open a request right now: try again in a few seconds.")]
    #[strum(serialize = "try_again")]
    Unavailable(#[from] Unavailable),
}

impl Error {
    pub(super) fn invalid(sentence: &str) -> Self {
        Self::InvalidRequest(sentence.to_owned())
    }

    /// The word in the answer and in the log, e.g. `not_enrolled`.
    pub fn word(&self) -> &'static str {
        self.into()
    }

    /// What to log of it, by the job that was refused.
    pub fn decision(&self, job: &'static str) -> Decision {
        match self {
            Self::Unavailable(unavailable) => Decision::unavailable(job, unavailable),
            error => Decision::new(job, "denied").because(error.word()),
        }
    }

    fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_) => 400,
            Self::TokenMissing => 401,
            Self::NotEnrolled => 403,
            Self::TooLarge => 413,
            Self::Unavailable(_) => 503,
        }
    }
}

impl Reply {
    pub(super) fn text(body: String) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", retry_after: None, location: None, body }
    }

    pub(crate) fn json(body: &serde_json::Value) -> Self {
        let content_type = "application/json";
        Self { status: 200, content_type, retry_after: None, location: None, body: body.to_string() }
    }
}

impl From<&Error> for Reply {
    fn from(error: &Error) -> Self {
        Self {
            status: error.status(),
            content_type: "application/json",
            retry_after: matches!(error, Error::Unavailable(_)).then_some(2),
            location: None,
            body: json!({"error": error.word(), "message": error.to_string()}).to_string(),
        }
    }
}
