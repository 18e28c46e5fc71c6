//! The rate limit for commands, in fixed windows.

use std::time::Duration;
use tokio::time::Instant;

/// Counts the commands of one session.
pub(crate) struct RateLimit {
    max: u32,
    window: Duration,
    window_start: Instant,
    commands: u32,
}

impl RateLimit {
    /// Allows so many commands within each window.
    pub(crate) fn new(max: u32, window: Duration) -> Self {
        Self { max, window, window_start: Instant::now(), commands: 0 }
    }

    /// Counts a command. Returns `false` if it is one too many.
    pub(crate) fn allows(&mut self) -> bool {
        if self.window_start.elapsed() >= self.window {
            *self = Self::new(self.max, self.window);
        }
        self.commands += 1;
        self.commands <= self.max
    }
}
