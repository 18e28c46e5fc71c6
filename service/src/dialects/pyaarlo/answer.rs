//! The answers, as pyaarlo reads them.
//!
//! Of an answer to `get` it reads `data.code` if the status is 200. Raised out of the login are `"data": null`, no JSON,
//! and an answer that takes too long; an empty code is taken for a code. So `data` is always an object, and `code` a text
//! of digits or null.
//!
//! Of an answer to `clear` it reads nothing: it goes on to ask for a code, also after an error. That code mail would be for
//! nothing, and Home Assistant tries again, until Arlo locks the account. Only an exception ends the login. A redirect to a
//! URL that is not HTTP raises one, and its text is the URL: so it says what is wrong.

use crate::prestage::{Error, Reply};
use jiff::Timestamp;
use relay::secret::Code;
use serde_json::{Value, json};
use std::borrow::Cow;

/// What a look at a request found.
#[derive(Debug)]
pub enum Look {
    /// Its code.
    Found {
        /// The code.
        code: Code,
        /// When the relay accepted the message.
        received_at: Timestamp,
    },
    /// No code, and why.
    Without(Cow<'static, str>),
}

impl Look {
    /// The program has asked for nothing.
    pub const NO_REQUEST: Self = Self::Without(Cow::Borrowed("No request is open. Call clear before the login."));
    /// Its request waits.
    pub const WAITING: Self = Self::Without(Cow::Borrowed("No code has arrived yet."));
    /// Its request's window has ended.
    pub const OVER: Self = Self::Without(Cow::Borrowed("The window has ended. Start the login again."));
}

/// Why a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Mailbox and token do not fit.
    Refused,
    /// The relay cannot answer right now.
    Unavailable,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        if matches!(error, Error::Unavailable(_)) { Self::Unavailable } else { Self::Refused }
    }
}

/// The answer to `clear`.
pub fn cleared(opened: Result<(), Failure>, email: &str) -> Reply {
    match opened {
        Ok(()) => Reply::json(&json!({"meta": {"code": 200}, "data": {"success": true, "email": email}})),
        Err(error) => {
            let advice = error.advice();
            let location = Some(format!("mfa-relay:{}", advice.replace(' ', "-")));
            Reply { status: 302, location, ..failure(advice) }
        }
    }
}

/// The answer to `get`.
pub fn looked(look: Result<Look, Failure>, email: &str) -> Reply {
    match look {
        Ok(Look::Found { code, received_at }) => Reply::json(&json!({"meta": {"code": 200}, "data": {
            "success": true,
            "email": email,
            "code": code.reveal(),
            "timestamp": received_at.as_second(),
        }})),
        Ok(Look::Without(why)) => failure(&why),
        Err(error) => failure(error.advice()),
    }
}

/// There is no such call.
pub fn not_found() -> Reply {
    Reply { status: 404, ..failure("There is nothing at this path. Call /pyaarlo/clear, then /pyaarlo/get.") }
}

fn failure(message: &str) -> Reply {
    let data = json!({"success": false, "error": message, "code": Value::Null});
    Reply::json(&json!({"meta": {"code": 400}, "data": data}))
}

impl Failure {
    /// What the owner of the client can do, in the words of its settings.
    fn advice(self) -> &'static str {
        match self {
            Self::Unavailable => "The relay cannot answer right now. Try the login again in a minute.",
            Self::Refused => {
                "The relay refuses this login. Set tfa_username to the mailbox and tfa_password to the token that enrolling printed."
            }
        }
    }
}
