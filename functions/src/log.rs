//! One line of JSON for each decision: what was decided, why, how long it took, and the [metrics](crate::metric) that
//! CloudWatch reads from it. A [`Decision`] can hold no address, code, token, tag or URL.

use crate::environment::{Misconfigured, text};
use crate::metric::members;
use jiff::Timestamp;
use serde_json::{Value, json};
use service::Decision;
use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

/// The stack that the metrics belong to.
static STACK: OnceLock<String> = OnceLock::new();

/// Reads from `STACK` which stack the metrics belong to. Call it before the first line is written: until then, lines carry
/// no metrics.
///
/// # Errors
/// The variable is missing.
pub fn open() -> Result<(), Misconfigured> {
    let stack = text("STACK")?;
    STACK.get_or_init(|| stack);
    Ok(())
}

/// Writes a decision that took so long. A log that cannot be written is no reason to fail, and `println!` would panic.
pub fn write(decision: &Decision, took: Duration) {
    let Decision { job, outcome, reason, cause, metrics } = decision;
    let said = [
        ("function", json!(job)),
        ("outcome", json!(outcome)),
        ("reason", json!(reason)),
        ("milliseconds", json!(took.as_millis())),
    ];
    let cause = cause.as_ref().map(|cause| ("cause", json!(cause)));
    let counted = STACK.get().map(|stack| members(metrics, stack, Timestamp::now())).unwrap_or_default();
    let line: Value = said.into_iter().chain(cause).chain(counted).collect();
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
