//! Where a dialect's codes come from: the relay of this process, or another one over HTTP.

mod local;

pub(crate) use local::LocalCodes;

use jiff::Timestamp;
use relay::provider::Provider;
use relay::secret::Code;
use relay::status::{End, Status};
use std::time::Duration;
use zeroize::Zeroizing;

/// Who logs in. `Debug` shows neither field.
#[derive(derive_more::Debug, Clone, PartialEq, Eq)]
#[debug("Login(…)")]
pub struct Login {
    /// The mailbox, as the client's user name.
    pub mailbox: String,
    /// The token, as its password.
    pub token: Zeroizing<String>,
}

/// A relay that a client can log in to.
pub trait CodeSource: Sync {
    /// A client that is logged in.
    type Account: Account + Send;

    /// Checks mailbox and token.
    fn log_in(&self, login: Login) -> impl Future<Output = Result<Self::Account, Refusal>> + Send;
}

/// A client that is logged in.
pub trait Account {
    /// What identifies a request.
    type Request: Send + Sync;

    /// Opens a request for this client's program.
    fn open(&mut self) -> impl Future<Output = Result<Opened<Self::Request>, Refusal>> + Send;

    /// Looks at a request.
    fn look(&self, request: &Self::Request) -> impl Future<Output = Result<Progress, Unreachable>> + Send;
}

/// A request that was opened.
#[derive(Debug)]
pub struct Opened<R> {
    /// The request.
    pub request: R,
    /// How long it waits.
    pub window: Duration,
}

/// The state of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits.
    Pending,
    /// Its code is here.
    Complete(CodeMail),
    /// It has ended, with this sentence for the owner. The reason is `None` if it is not known.
    Ended(Option<End>, String),
}

/// A code, and what is known of the message that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMail {
    /// The code.
    pub code: Code,
    /// Who sent it.
    pub provider: &'static Provider,
    /// When the relay accepted it.
    pub received_at: Timestamp,
}

impl From<Status> for Progress {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending { .. } => Self::Pending,
            Status::Complete { code, provider, received_at, .. } => match Provider::named(&provider) {
                Some(provider) => Self::Complete(CodeMail { code, provider, received_at }),
                // A newer relay may know more providers, but none of them was asked for.
                None => Self::Pending,
            },
            Status::Ended(ending) => Self::Ended(Some(ending.end), ending.message),
        }
    }
}

/// Why a client is refused, in a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Mailbox and token do not fit.
    Denied(String),
    /// The relay cannot answer right now.
    Unavailable(String),
}

/// The relay did not answer. The next look may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable;
