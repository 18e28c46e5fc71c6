//! Retries of a deployment's calls, which can wait longer than a login's: CloudFormation waits for an hour.

use service::ports::Unavailable;
use std::time::Duration;
use tokio::time::sleep;

/// The fixed backoff, and the rate limit of SES: one call a second for all callers of an account
/// (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
pub(super) const BACKOFF: Duration = Duration::from_secs(1);

/// A role's rights and a new rule set take a few seconds to reach all of AWS (eventual consistency). An error that
/// outlasts these attempts is none of that kind.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    async fn calls_until_it_ends(causes: &[&str]) -> (usize, bool) {
        let calls = Cell::new(0);
        let ended = retry(async || {
            let cause = causes.get(calls.replace(calls.get() + 1));
            cause.map_or(Ok(()), |cause| Err(Unavailable { operation: "test", cause: (*cause).to_owned() }))
        });
        let ended = ended.await;
        (calls.get(), ended.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_until_it_succeeds_or_has_failed_five_times() {
        assert_eq!(calls_until_it_ends(&[]).await, (1, true));
        assert_eq!(calls_until_it_ends(&["AccessDenied"; 4]).await, (5, true));
        assert_eq!(calls_until_it_ends(&["AccessDenied"; 5]).await, (5, false));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_no_failure() {
        let throttled = ["Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown"].repeat(3);
        assert_eq!(calls_until_it_ends(&throttled).await, (13, true));
    }
}
