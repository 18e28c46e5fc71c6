//! Why no code came, and what to do.

use std::time::Duration;

/// The end of a run without a code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// What was typed cannot be a prestage URL. The text is not repeated, for a token may be in it.
    #[error("--url is not an http or https address: paste the prestage URL that enrolling printed")]
    NotAUrl,
    /// Something stands on the command line without an option ahead of it.
    #[error("there is an argument too many: give the prestage URL behind --url, and the mailbox behind --email")]
    Stray,
    /// The token cannot be sent.
    #[error("MFA_RELAY_TOKEN holds characters that no token has: paste the token that enrolling printed")]
    NotAToken,
    /// No connection, or no answer in time.
    #[error("{host} does not answer: {cause}; check --url and that the relay runs, then try again")]
    Unreachable {
        /// Who should have answered.
        host: String,
        /// What happened instead.
        cause: String,
    },
    /// The relay asks for patience.
    #[error("the relay cannot serve right now (HTTP {status}): try again in a minute")]
    Busy {
        /// The HTTP status code.
        status: u16,
        /// When the relay wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The relay turned the call down, and says why.
    #[error("the relay refused: {0}")]
    Refused(String),
    /// Something answers that is no relay, or a status URL that has died.
    #[error("{what} is not what a relay answers: check that --url is the prestage URL that enrolling printed")]
    NotARelay {
        /// What came.
        what: String,
    },
    /// The request ended without a code.
    #[error("{0}")]
    Ended(String),
    /// The window ended without a code.
    #[error("{0}")]
    TimedOut(String),
    /// The code could not be written.
    #[error("the code arrived, but standard output does not take it: {0}")]
    Unwritten(std::io::ErrorKind),
}

impl Failure {
    /// The exit code by which scripts tell failures apart.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::NotAUrl | Self::NotAToken | Self::Stray => 2,
            Self::TimedOut(_) => 3,
            _ => 1,
        }
    }

    /// Whether the same question may be answered later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}
