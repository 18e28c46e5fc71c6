//! What one peer may use. RFC 5321 section 4.5.3 sets minimums for a general mail server; a relay of codes needs no more.

use std::time::Duration;

/// Concurrent connections. Further ones are refused with 421, for the peer to try again.
pub(super) const MAX_CONNECTIONS: usize = 256;

/// Length of a command line, in bytes. RFC 5321 asks for 512, and its extensions for some more (RFC 6531 section 3.4).
pub(super) const MAX_COMMAND_LINE: usize = 2048;

/// Memory for the mails of all sessions, in bytes.
pub(super) const MAX_MAIL_MEMORY: usize = 64 << 20;

/// How much of it every session has for itself, in bytes: more than any code mail. A larger mail takes a share of the rest.
pub(super) const FREE_MAIL_MEMORY: usize = 64 << 10;

/// Bytes that are read after `DATA`, stored or not. A peer that sends more is disconnected.
pub(super) const MAX_DATA: usize = 8 * relay::mail::LARGEST_MAIL;

/// Recipients of one mail: as many as one mail is judged for. The peer sends the mail to the others in another transaction.
pub const MAX_RECIPIENTS: usize = service::receive::MOST_DESTINATIONS;

/// Commands within one [`RATE_WINDOW`]. A mail takes four.
pub(super) const MAX_COMMANDS: u32 = 200;

/// The window of the rate limit for commands.
pub(super) const RATE_WINDOW: Duration = Duration::from_mins(1);

/// Refused commands in one session: it keeps a peer from trying many tags.
pub(super) const MAX_ERRORS: u32 = 10;

/// Timeout of a read or a write. RFC 5321 section 4.5.3.2.7 asks for five minutes.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// Timeout of a session, so that a peer cannot hold a connection by sending a byte now and then.
pub(super) const SESSION_TIMEOUT: Duration = Duration::from_mins(30);

/// Timeout of the TLS handshake.
pub(super) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
