//! What one peer may use.

use std::time::Duration;

/// Concurrent connections. Further ones are closed.
pub(super) const MAX_CONNECTIONS: usize = 256;

/// Length of a command with its literals, in bytes. A search by several addresses has a few hundred.
pub(super) const MAX_COMMAND: usize = 8 * 1024;

/// Commands within one [`RATE_WINDOW`]. A client that polls every second sends two each time.
pub(super) const MAX_COMMANDS: u32 = 300;

/// The window of the rate limit for commands.
pub(super) const RATE_WINDOW: Duration = Duration::from_mins(1);

/// Refused commands in a row: a client that does not understand the server is disconnected.
pub(super) const MAX_ERRORS: u32 = 10;

/// Refused logins in one session.
pub(super) const MAX_LOGINS: u32 = 3;

/// Timeout of the TLS handshake.
pub(super) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for a client to log in.
pub(super) const LOGIN_TIMEOUT: Duration = Duration::from_mins(1);

/// Timeout of a read after the login. RFC 3501 section 5.4 asks for 30 minutes at least; Scrypted keeps one session open from
/// one login of its plugin to the next, which is two weeks.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_hours(24 * 30);

/// Timeout of a write.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// Time after which the operating system checks whether a silent peer still exists (TCP keep-alive).
pub(super) const KEEP_ALIVE: Duration = Duration::from_mins(5);

/// Messages of one session. A client that has seen so many connects again.
pub(super) const MAX_MESSAGES: usize = 1000;

/// Time between two looks for a code while a client waits in IDLE.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Silence after which the next command belongs to another login.
pub(super) const LOGIN_PAUSE: Duration = Duration::from_secs(30);
