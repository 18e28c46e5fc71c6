//! Retries of a deployment's calls, which can wait longer than a login's: CloudFormation waits for an hour.

use service::ports::Unavailable;
use std::time::Duration;
use tokio::time::sleep;

/// The fixed backoff, and the rate limit of SES: one call a second for all callers of an account
/// (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
pub(super) const BACKOFF: Duration = Duration::from_secs(1);

/// A role's rights and a new rule set take a few seconds to reach all of AWS (eventual consistency). An error that
/// lasts longer has another cause.
const MAX_ATTEMPTS: usize = 5;

/// Calls until a call succeeds or has failed [`MAX_ATTEMPTS`] times. A call that was throttled is not counted: the
/// caller sets a deadline.
pub(super) async fn retry<T>(call: impl AsyncFn() -> Result<T, Unavailable>) -> Result<T, Unavailable> {
    let mut failures = 0;
    loop {
        match call().await {
            Err(error) if is_throttled(&error) => {}
            Err(_) if failures + 1 < MAX_ATTEMPTS => failures += 1,
            result => return result,
        }
        sleep(BACKOFF).await;
    }
}

fn is_throttled(error: &Unavailable) -> bool {
    ["Throttl", "TooManyRequests", "SlowDown"].iter().any(|code| error.cause.starts_with(code))
}
