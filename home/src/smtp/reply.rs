//! Every reply, with enhanced status codes (RFC 3463).

use relay::mail::LARGEST_MAIL;
use std::fmt;

/// A reply. It never repeats what the peer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// One line.
    Line(&'static str),
    /// The reply to EHLO.
    Extensions {
        /// Whether STARTTLS is among them.
        starttls: bool,
    },
}

pub(super) const GREETING: Reply = Reply::Line("220 mfa-relay ESMTP");
pub(super) const HELO_OK: Reply = Reply::Line("250 mfa-relay");
pub(super) const OK: Reply = Reply::Line("250 2.0.0 OK");
pub(super) const SENDER_OK: Reply = Reply::Line("250 2.1.0 OK");
pub(super) const RECIPIENT_OK: Reply = Reply::Line("250 2.1.5 OK");
pub(super) const START_MAIL: Reply = Reply::Line("354 End with a dot on a line of its own");
pub(super) const ACCEPTED: Reply = Reply::Line("250 2.6.0 Accepted");
pub(super) const START_TLS: Reply = Reply::Line("220 2.0.0 Ready");
pub(super) const BYE: Reply = Reply::Line("221 2.0.0 Bye");
pub(super) const CANNOT_VERIFY: Reply = Reply::Line("252 2.5.0 Cannot verify, send a mail");

pub(super) const SHUTTING_DOWN: Reply = Reply::Line("421 4.3.2 Shutting down, try again soon");
pub(super) const TOO_MANY_CONNECTIONS: Reply = Reply::Line("421 4.3.2 Too many connections, try again soon");
pub(super) const TIMEOUT: Reply = Reply::Line("421 4.4.2 Timeout");
pub(super) const TOO_FAST: Reply = Reply::Line("421 4.7.0 Too many commands, try again in a minute");
pub(super) const TOO_MANY_ERRORS: Reply = Reply::Line("421 4.7.0 Too many errors");
pub(super) const TRY_AGAIN: Reply = Reply::Line("451 4.3.0 The store does not answer, try again soon");
pub(super) const DNS_UNAVAILABLE: Reply = Reply::Line("451 4.4.3 DNS does not answer, try again soon");
pub(super) const OUT_OF_MEMORY: Reply = Reply::Line("452 4.3.1 Too many large mails at a time, try again soon");
pub(super) const TOO_MANY_RECIPIENTS: Reply =
    Reply::Line("452 4.5.3 Too many recipients, send to the others in another transaction");

pub(super) const UNKNOWN_COMMAND: Reply = Reply::Line("500 5.5.2 Unknown command");
pub(super) const LINE_TOO_LONG: Reply = Reply::Line("500 5.5.6 Line too long");
pub(super) const BARE_NEWLINE: Reply = Reply::Line("550 5.6.0 Bare CR or LF, lines must end in CR LF");
pub(super) const SYNTAX_ERROR: Reply = Reply::Line("501 5.5.4 Syntax error");
pub(super) const NOT_IMPLEMENTED: Reply = Reply::Line("502 5.5.1 Command not implemented");
pub(super) const BAD_SEQUENCE: Reply = Reply::Line("503 5.5.1 Bad sequence of commands");
pub(super) const PIPELINED_STARTTLS: Reply = Reply::Line("503 5.5.1 STARTTLS must not be pipelined");
pub(super) const NO_SUCH_RECIPIENT: Reply = Reply::Line("550 5.1.1 No such recipient");
pub(super) const TOO_LARGE: Reply = Reply::Line("552 5.3.4 Larger than 1 MiB");
pub(super) const SMTPUTF8_NEEDED: Reply = Reply::Line("553 5.6.7 This address needs the parameter SMTPUTF8");
pub(super) const UNKNOWN_PARAMETER: Reply = Reply::Line("555 5.5.4 Parameter not supported");

impl Reply {
    /// Whether the reply is a permanent negative one (5yz).
    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Line(line) if line.starts_with('5'))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}\r\n"),
            Self::Extensions { starttls } => {
                let starttls = if *starttls { "250-STARTTLS\r\n" } else { "" };
                write!(
                    f,
                    "250-mfa-relay\r\n250-PIPELINING\r\n250-SIZE {LARGEST_MAIL}\r\n250-8BITMIME\r\n{starttls}\
                     250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"
                )
            }
        }
    }
}
