//! The log: one line per decision, with time, job, outcome, reason and duration.
//!
//! A [`Decision`] can hold no address, code, token, tag or URL.

use jiff::Timestamp;
use relay::status::seconds;
use service::Decision;
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
    /// Writes a decision whose work began at `since`.
    pub(crate) fn write(&self, decision: &Decision, since: Instant) {
        let Decision { job, outcome, reason, cause, metrics: _ } = decision;
        let words = [Some(*job), Some(*outcome), *reason, cause.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        self.line(&format!("{} ({} ms)", words.join(" "), since.elapsed().as_millis()));
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
