//! What the relay says, with enhanced status codes (RFC 3463).

use relay::mail::LARGEST_MAIL;
use std::fmt;

/// One reply. A peer's own words never appear in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// One line.
    Line(&'static str),
    /// The answer to EHLO.
    Extensions {
        /// Whether TLS can be started.
        tls: bool,
    },
}

pub(super) const GREETING: Reply = Reply::Line("220 mfa-relay ESMTP");
pub(super) const HELLO: Reply = Reply::Line("250 mfa-relay");
pub(super) const OK: Reply = Reply::Line("250 2.0.0 OK");
pub(super) const SENDER_OK: Reply = Reply::Line("250 2.1.0 OK");
pub(super) const RECIPIENT_OK: Reply = Reply::Line("250 2.1.5 OK");
pub(super) const GO_AHEAD: Reply = Reply::Line("354 End with a dot on a line of its own");
pub(super) const ACCEPTED: Reply = Reply::Line("250 2.6.0 Accepted");
pub(super) const START_TLS: Reply = Reply::Line("220 2.0.0 Ready");
pub(super) const BYE: Reply = Reply::Line("221 2.0.0 Bye");
pub(super) const CANNOT_VERIFY: Reply = Reply::Line("252 2.5.0 Send a mail and see");

pub(super) const STOPPING: Reply = Reply::Line("421 4.3.2 The relay is stopping, come again soon");
pub(super) const TOO_MANY_CONNECTIONS: Reply = Reply::Line("421 4.3.2 Too many connections, come again soon");
pub(super) const TOO_SLOW: Reply = Reply::Line("421 4.4.2 Silent for too long");
pub(super) const TOO_FAST: Reply = Reply::Line("421 4.7.0 Too many commands, come again in a minute");
pub(super) const TOO_MANY_ERRORS: Reply = Reply::Line("421 4.7.0 Too many errors");
pub(super) const TRY_AGAIN: Reply = Reply::Line("451 4.3.0 The relay cannot tell right now, try again soon");
pub(super) const UNPROVEN: Reply = Reply::Line("451 4.4.3 DNS does not answer, try again soon");
pub(super) const TOO_MANY_RECIPIENTS: Reply =
    Reply::Line("452 4.5.3 Too many recipients, send to the rest in another turn");

pub(super) const UNKNOWN_COMMAND: Reply = Reply::Line("500 5.5.2 Unknown command");
pub(super) const LINE_TOO_LONG: Reply = Reply::Line("500 5.5.6 Line too long");
pub(super) const BARE_NEWLINE: Reply = Reply::Line("550 5.6.0 Lines end in CR LF and in nothing else");
pub(super) const SYNTAX: Reply = Reply::Line("501 5.5.4 Syntax error");
pub(super) const NOT_OFFERED: Reply = Reply::Line("502 5.5.1 Not offered here");
pub(super) const OUT_OF_ORDER: Reply = Reply::Line("503 5.5.1 Commands out of order");
pub(super) const EARLY_TALKER: Reply = Reply::Line("503 5.5.1 Wait for the answer to STARTTLS");
pub(super) const NO_SUCH_MAILBOX: Reply = Reply::Line("550 5.1.1 Nobody here has this address");
pub(super) const TOO_LARGE: Reply = Reply::Line("552 5.3.4 Larger than 1 MiB");
pub(super) const NOT_UTF8: Reply = Reply::Line("553 5.6.7 Say SMTPUTF8 with such an address");
pub(super) const PARAMETER: Reply = Reply::Line("555 5.5.4 Parameter not offered here");

impl Reply {
    /// Whether the peer was told that it did wrong.
    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Line(line) if line.starts_with('5'))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}\r\n"),
            Self::Extensions { tls } => {
                let tls = if *tls { "250-STARTTLS\r\n" } else { "" };
                write!(
                    f,
                    "250-mfa-relay\r\n250-PIPELINING\r\n250-SIZE {LARGEST_MAIL}\r\n250-8BITMIME\r\n{tls}\
                     250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"
                )
            }
        }
    }
}
