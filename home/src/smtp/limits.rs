//! What one peer may take of the relay. RFC 5321 section 4.5.3 says what a server owes; a relay of codes needs no more.

use std::time::Duration;

/// Connections at a time. The next one is told to come again.
pub(super) const MOST_CONNECTIONS: usize = 256;

/// Of these, how many one peer may hold. A forwarder sends a household's codes over one or two.
pub(super) const MOST_FROM_ONE_PEER: usize = 32;

/// Bytes in a command line. RFC 5321 asks for 512, and its extensions for some more (RFC 6531 section 3.4).
pub(super) const LONGEST_COMMAND: usize = 2048;

/// Bytes in a line of a mail. RFC 5321 asks for 1,000; templates in HTML often have more, and nothing is gained by
/// losing them.
pub(super) const LONGEST_TEXT_LINE: usize = 16 * 1024;

/// Bytes after `DATA` that are read to their end, kept or not. A peer that goes on is cut off.
pub(super) const MOST_BYTES: usize = 8 * relay::mail::LARGEST_MAIL;

/// Recipients of one mail: as many as are looked at. The peer sends the mail to the rest in another turn.
pub(super) const MOST_RECIPIENTS: usize = service::receive::MOST_PLACES;

/// Commands in one [`RATE_WINDOW`]. A mail takes four.
pub(super) const MOST_COMMANDS: u32 = 200;

/// Over which commands are counted.
pub(super) const RATE_WINDOW: Duration = Duration::from_mins(1);

/// Commands that were refused in one session: who knows no tag shall not try many.
pub(super) const MOST_ERRORS: u32 = 10;

/// How long a peer may be silent. RFC 5321 section 4.5.3.2.7 asks for five minutes.
pub(super) const IDLE: Duration = Duration::from_mins(5);

/// How long one session may last, so that no peer holds a place by a byte now and then.
pub(super) const SESSION: Duration = Duration::from_mins(30);

/// How long the handshake of TLS may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(30);
