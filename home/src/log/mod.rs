//! The log: one line per decision, with time, job, outcome, reason and duration.
//!
//! A [`Decision`] can hold no address, code, token, tag or URL. Logging never blocks: a thread of its own writes.

mod queue;

use jiff::Timestamp;
use queue::LogQueue;
use relay::status::seconds;
use service::Decision;
use std::time::{Duration, Instant};

/// How long [`Log::flush`] waits at most. Somebody who reads the log has read it by then.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// Where the lines go.
#[derive(Debug, Clone)]
pub enum Log {
    /// To a thread that writes them; see [`Log::stdout`].
    Queue(LogQueue),
    /// Nowhere.
    Discard,
    /// Into memory, for a test to read.
    #[cfg(test)]
    Memory(std::sync::Arc<std::sync::Mutex<Vec<String>>>),
}

impl Log {
    /// Logs to standard output. If nobody reads it, lines are dropped, and their number is written once somebody does.
    pub fn stdout() -> Self {
        Self::Queue(LogQueue::start(std::io::stdout()))
    }

    /// Writes a line as it is, without a time.
    pub fn print(&self, text: String) {
        match self {
            Self::Queue(queue) => queue.push(text),
            Self::Discard => {}
            #[cfg(test)]
            Self::Memory(lines) => lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(text),
        }
    }

    /// Waits until everything is written, but at most half a second.
    pub fn flush(&self) {
        if let Self::Queue(queue) = self {
            queue.flush(FLUSH_TIMEOUT);
        }
    }

    /// Writes a decision whose work began at `since`.
    pub(crate) fn write(&self, decision: &Decision, since: Instant) {
        let Decision { job, outcome, reason, cause, metrics: _ } = decision;
        let words = [Some(*job), Some(*outcome), *reason, cause.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        self.line(&format!("{} ({} ms)", words.join(" "), since.elapsed().as_millis()));
    }

    /// Writes a line with the time.
    pub(crate) fn line(&self, text: &str) {
        match self {
            #[cfg(test)]
            Self::Memory(_) => self.print(text.to_owned()),
            _ => self.print(timed(text)),
        }
    }
}

fn timed(text: &str) -> String {
    format!("{} {text}", seconds(Timestamp::now()))
}
