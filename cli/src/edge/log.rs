//! One line for each decision: when, which job, what was decided, why, and how long it took. No address, code, token,
//! tag or URL: everything that is written is a word of a closed list or a number.

use jiff::Timestamp;
use relay::status::seconds;
use service::port::Unavailable;
use std::io::Write;
use std::time::Instant;

/// Writes what a job decided. `reason` is the word for a refusal.
pub(super) fn decision(job: &str, outcome: &str, reason: Option<&str>, since: Instant) {
    let (gap, reason) = reason.map_or(("", ""), |reason| (" ", reason));
    line(&format!("{job} {outcome}{gap}{reason} ({} ms)", since.elapsed().as_millis()));
}

/// Writes that something did not answer. Its caller is told to try again.
pub(super) fn trouble(job: &str, trouble: &Unavailable, since: Instant) {
    line(&format!("{job} unavailable {} {} ({} ms)", trouble.operation, trouble.cause, since.elapsed().as_millis()));
}

/// A log that cannot be written is no reason to fail, and `println!` would.
fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{} {text}", seconds(Timestamp::now()));
}
