//! One line for each decision: when, which job, what was decided, why, and how long it took. No address, code, token,
//! tag or URL: everything that is written is a word of a closed list or a number.

use jiff::Timestamp;
use relay::status::seconds;
use service::port::Unavailable;
use std::io::Write;
use std::time::Instant;

/// Where the lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// To standard output.
    Lines,
    /// Nowhere.
    Silent,
}

impl Log {
    /// Writes what a job decided. `reason` is the word for a refusal.
    pub(super) fn decision(self, job: &str, outcome: &str, reason: Option<&str>, since: Instant) {
        let (gap, reason) = reason.map_or(("", ""), |reason| (" ", reason));
        self.line(&format!("{job} {outcome}{gap}{reason} ({} ms)", since.elapsed().as_millis()));
    }

    /// Writes that something did not answer. Its caller is told to try again.
    pub(super) fn trouble(self, job: &str, trouble: &Unavailable, since: Instant) {
        let Unavailable { operation, cause } = trouble;
        self.line(&format!("{job} unavailable {operation} {cause} ({} ms)", since.elapsed().as_millis()));
    }

    /// A log that cannot be written is no reason to fail, and `println!` would.
    fn line(self, text: &str) {
        if self == Self::Lines {
            let _ = writeln!(std::io::stdout().lock(), "{} {text}", seconds(Timestamp::now()));
        }
    }
}
