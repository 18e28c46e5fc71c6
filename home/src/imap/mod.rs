//! An IMAP view of the codes, for clients that can only read a mailbox (DESIGN section 3.5, RFC 3501).
//!
//! A client logs in with mailbox and token. Its INBOX starts empty. Selecting it opens a request for the token's program,
//! and each code that comes appends a message made by the relay. A request that has ended is followed by a new one as soon
//! as the client asks for news again, and so is one that the client has left alone for a while: then another login has
//! begun (`watch`).
//!
//! The grammar is imap-codec's, for commands and for responses.
//!
//! | module | contents |
//! |---|---|
//! | `server` | accepts TLS connections |
//! | `session` | one session: I/O, state machine, [source of codes](crate::codes) |
//! | `state`, `credentials` | the state machine, without I/O |
//! | `watch` | the request of a session, and when a new one is opened |
//! | `inbox`, `message` | the messages |
//! | `fetch`, `store`, `search`, `sequence` | what clients do with them |
//! | `input` | commands over a byte stream |
//! | `response` | every response |
//! | `limits` | what one peer may use |
//!
//! Public are [`ImapServer`] and [`Session`]: they know nothing of the relay behind, so that the same server runs in front of
//! a remote one, and a fuzz target over bytes in memory.

mod credentials;
#[cfg(test)]
mod fake;
mod fetch;
mod inbox;
mod input;
mod limits;
mod message;
mod response;
mod search;
mod sequence;
mod server;
mod session;
mod state;
mod store;
mod watch;

pub use server::ImapServer;
pub use session::Session;
