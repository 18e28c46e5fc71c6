//! Why there is no code, and what to do.

use std::time::Duration;

/// Why a run ended without a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The prestage URL is not valid. The message does not repeat it, because it may contain a token.
    #[error("the prestage URL is not an http or https address: paste the one that enrolling printed")]
    InvalidUrl,
    /// There is no URL, and no terminal to ask on.
    #[error(
        "there is no prestage URL: put the one that enrolling printed into MFA_RELAY_URL, or name a file with it after --url-file"
    )]
    UrlMissing,
    /// Every process can see the command line.
    #[error(
        "--url contains a token, which every process on this machine can now see: put the URL into MFA_RELAY_URL or into a file for --url-file, and rotate the token"
    )]
    TokenOnCommandLine,
    /// The message does not name the file: it may be the URL itself, given after the wrong option.
    #[error("the file of --url-file cannot be read ({0}): name a file that holds the prestage URL and nothing else")]
    UnreadableFile(std::io::ErrorKind),
    /// The command line has an argument that belongs to no option.
    #[error(
        "there is an unexpected argument: put the prestage URL into MFA_RELAY_URL, and give the mailbox after --email"
    )]
    UnexpectedArgument,
    /// The token cannot be sent in a header.
    #[error(
        "MFA_RELAY_TOKEN contains characters that are not valid in a token: paste the token that enrolling printed"
    )]
    InvalidToken,
    /// There was no connection, or no response within the timeout.
    #[error("{host} does not answer: {cause}; check the URL and that the relay runs, then try again")]
    Unreachable {
        /// The host of the URL.
        host: String,
        /// The kind of error.
        cause: String,
    },
    /// The relay or its gateway is overloaded or failing.
    #[error("the relay cannot serve right now (HTTP {status}): try again in a minute")]
    Busy {
        /// The HTTP status code.
        status: u16,
        /// The delay that the relay asks for.
        retry_after: Option<Duration>,
    },
    /// The relay refused the call, with this message.
    #[error("the relay refused: {0}")]
    Refused(String),
    /// The response is not a relay's: the URL is wrong, or the status URL has expired.
    #[error("{what} is not what a relay answers: check that the URL is the one that enrolling printed")]
    NotARelay {
        /// The response.
        what: String,
    },
    /// The request ended without a code, with this message.
    #[error("{0}")]
    Ended(String),
    /// The window ended without a code, with this message.
    #[error("{0}")]
    TimedOut(String),
    /// Standard output is closed or full.
    #[error("the code arrived, but cannot be written to standard output: {0}")]
    OutputFailed(std::io::ErrorKind),
}

impl Failure {
    /// The exit code, for scripts.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::InvalidUrl
            | Self::InvalidToken
            | Self::UnexpectedArgument
            | Self::UrlMissing
            | Self::TokenOnCommandLine
            | Self::UnreadableFile(_) => 2,
            Self::TimedOut(_) => 3,
            _ => 1,
        }
    }

    /// Whether a retry may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}
