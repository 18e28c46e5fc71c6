//! SMTP in: receives mail for the relay's own addresses and judges it before accepting it (RFC 5321).
//!
//! The grammar is smtp-proto's. The session is our own, because `250` after the mail means more here than that the mail is
//! queued: the code is at its status URL by then, and every other mail is the peer's to send again.
//!
//! | module | contents |
//! |---|---|
//! | `server` | accepts connections, with STARTTLS |
//! | `session` | one session: I/O, state machine, handler |
//! | `state` | the state machine, without I/O |
//! | `line_stream` | lines over a byte stream |
//! | `mail_buffer` | a mail as it comes in, within a shared memory |
//! | `reply` | every reply |
//! | `handler` | what the sessions hand mail to |
//! | `relay_handler` | the handler that has mails judged |
//! | `limits` | what one peer may use |
//!
//! Public are [`Session`] and what it takes: they know nothing of the relay, so a fuzz target can run a session over bytes
//! in memory with a [`MailHandler`] of its own.

#[cfg(test)]
mod fake;
mod handler;
mod limits;
mod line_stream;
mod mail_buffer;
mod relay_handler;
mod reply;
mod server;
mod session;
mod state;

pub use handler::{Envelope, MailHandler, MailOutcome, RecipientStatus};
pub use limits::MAX_RECIPIENTS;
pub use mail_buffer::MailMemory;
pub use session::Session;
pub use state::Tls;

pub(crate) use relay_handler::RelayMailHandler;
pub(crate) use server::SmtpServer;
