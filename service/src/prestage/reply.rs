//! Answers of prestage, and why a call is turned down.

use crate::port::Unavailable;
use serde_json::json;

/// An HTTP answer, for an edge to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<u8>,
    /// The body. An opened request's holds the status URL: it is not for logs.
    pub body: String,
}

/// Its body may hold a status URL.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({} …)", self.status)
    }
}

/// Why a call is turned down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The body is not what the contract asks for; the sentence says what to send.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// No token came along.
    #[error("Send the token from enrolling as 'Authorization: Bearer <token>', or as ?token=<token> in the URL.")]
    TokenMissing,
    /// The mailbox is unknown or the token is wrong; which of the two is nobody's business.
    #[error("No enrolment has this mailbox and this token: check both, or enrol the mailbox.")]
    NotEnrolled,
    /// The body is larger than any right one.
    #[error("Send a body of at most 4096 bytes.")]
    TooLarge,
    /// Something behind the relay did not answer.
    #[error("The relay cannot open a request right now: try again in a few seconds.")]
    TryAgain(Unavailable),
}

impl Denial {
    /// The word in the answer and in the log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::TokenMissing => "token_missing",
            Self::NotEnrolled => "not_enrolled",
            Self::TooLarge => "too_large",
            Self::TryAgain(_) => "try_again",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_) => 400,
            Self::TokenMissing => 401,
            Self::NotEnrolled => 403,
            Self::TooLarge => 413,
            Self::TryAgain(_) => 503,
        }
    }
}

impl Reply {
    pub(super) fn text(body: String) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", retry_after: None, body }
    }

    pub(super) fn json(body: &serde_json::Value) -> Self {
        Self { status: 200, content_type: "application/json", retry_after: None, body: body.to_string() }
    }

    pub(super) fn denied(denial: &Denial) -> Self {
        Self {
            status: denial.status(),
            content_type: "application/json",
            retry_after: matches!(denial, Denial::TryAgain(_)).then_some(2),
            body: json!({"error": denial.word(), "message": denial.to_string()}).to_string(),
        }
    }
}
