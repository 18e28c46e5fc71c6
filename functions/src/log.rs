//! One line of JSON for each decision: what was decided, why, and how long it took. No address, code, token, tag or
//! URL: everything that is written is a word of a closed list or a number.

use serde_json::json;
use service::port::Unavailable;
use std::io::Write;
use std::time::Instant;

/// Writes what a function decided. `reason` is the word for a refusal.
pub fn decision(function: &str, outcome: &str, reason: Option<&str>, since: Instant) {
    write(&json!({
        "function": function,
        "outcome": outcome,
        "reason": reason,
        "milliseconds": since.elapsed().as_millis(),
    }));
}

/// Writes that something did not answer. The invocation fails after it, or its caller is told to try again.
pub fn trouble(function: &str, trouble: &Unavailable, since: Instant) {
    write(&json!({
        "function": function,
        "outcome": "unavailable",
        "reason": trouble.operation,
        "cause": trouble.cause,
        "milliseconds": since.elapsed().as_millis(),
    }));
}

/// A log that cannot be written is no reason to fail, and `println!` would.
fn write(line: &serde_json::Value) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
