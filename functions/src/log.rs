//! One line of JSON for each decision: what was decided, why, how long it took, and the [metrics](crate::metric) that
//! CloudWatch reads from it. No address, code, token, tag or URL: everything that is written is a word of a closed list,
//! a number, or the stack's name.

use crate::environment::{Misconfigured, text};
use crate::metric::{Metric, members};
use jiff::Timestamp;
use serde_json::{Value, json};
use service::port::Unavailable;
use std::io::Write;
use std::sync::OnceLock;
use std::time::Instant;

/// The stack that the metrics are of.
static STACK: OnceLock<String> = OnceLock::new();

/// Reads from `STACK` which stack the metrics are of. To be called before the first line is written: until then, lines
/// carry no metrics.
///
/// # Errors
/// It is missing.
pub fn open() -> Result<(), Misconfigured> {
    let stack = text("STACK")?;
    STACK.get_or_init(|| stack);
    Ok(())
}

/// Writes what a function decided. `reason` is the word for a refusal.
pub fn decision(function: &str, outcome: &str, reason: Option<&str>, since: Instant) {
    measured(function, outcome, reason, since, &[]);
}

/// Writes what a function decided and what is to be counted of it.
pub fn measured(function: &str, outcome: &str, reason: Option<&str>, since: Instant, metrics: &[Metric]) {
    write(
        [
            ("function", json!(function)),
            ("outcome", json!(outcome)),
            ("reason", json!(reason)),
            ("milliseconds", json!(since.elapsed().as_millis())),
        ],
        metrics,
    );
}

/// Writes that something did not answer. The invocation fails after it, or its caller is told to try again.
pub fn trouble(function: &str, trouble: &Unavailable, since: Instant) {
    write(
        [
            ("function", json!(function)),
            ("outcome", json!("unavailable")),
            ("reason", json!(trouble.operation)),
            ("cause", json!(trouble.cause)),
            ("milliseconds", json!(since.elapsed().as_millis())),
        ],
        &[Metric::Unavailable],
    );
}

/// A log that cannot be written is no reason to fail, and `println!` would.
fn write<const N: usize>(said: [(&'static str, Value); N], metrics: &[Metric]) {
    let counted = STACK.get().map(|stack| members(metrics, stack, Timestamp::now())).unwrap_or_default();
    let line: Value = said.into_iter().chain(counted).collect();
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
