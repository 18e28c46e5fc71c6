//! The log: one line per decision, with time, job, outcome, reason and duration.
//!
//! No line holds an address, code, token, tag or URL: each part is a word of a closed list or a number.

use jiff::Timestamp;
use relay::status::seconds;
use service::port::Unavailable;
use std::io::Write;
use std::time::Instant;

/// Where the lines go.
#[derive(Debug, Clone)]
pub enum Log {
    /// To standard output.
    Stdout,
    /// Nowhere.
    Discard,
    /// Into memory, for a test to read.
    #[cfg(test)]
    Memory(std::sync::Arc<std::sync::Mutex<Vec<String>>>),
}

impl Log {
    /// Logs what a job decided. `reason` is the word for a refusal or an error.
    pub(crate) fn decision(&self, job: &str, outcome: &str, reason: Option<&str>, since: Instant) {
        let (gap, reason) = reason.map_or(("", ""), |reason| (" ", reason));
        self.line(&format!("{job} {outcome}{gap}{reason} ({} ms)", since.elapsed().as_millis()));
    }

    /// Logs that a dependency of a job did not answer: which operation, and the kind of error. The caller is told to
    /// try again.
    pub(crate) fn unavailable(&self, job: &str, error: &Unavailable, since: Instant) {
        let Unavailable { operation, cause } = error;
        self.line(&format!("{job} unavailable {operation} {cause} ({} ms)", since.elapsed().as_millis()));
    }

    fn line(&self, text: &str) {
        match self {
            // A log that cannot be written is no reason to fail, and `println!` would panic.
            Self::Stdout => {
                let _ = writeln!(std::io::stdout().lock(), "{} {text}", seconds(Timestamp::now()));
            }
            Self::Discard => {}
            #[cfg(test)]
            Self::Memory(lines) => lines.lock().expect("no panic").push(text.to_owned()),
        }
    }
}
