//! Asking again, for a caller who would rather wait than fail: a deployment has minutes.

use service::ports::Unavailable;
use std::time::Duration;
use tokio::time::sleep;

/// SES serves one call a second, for an account and all that runs in it:
/// <https://docs.aws.amazon.com/ses/latest/dg/quotas.html>
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// A role's rights and a new rule set take a few seconds to be known everywhere. What lasts longer is no delay.
const TRIES: usize = 5;

/// Asks until there is an answer. That it asks too fast costs no try: the caller says when it has waited enough.
pub(super) async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Unavailable>) -> Result<T, Unavailable> {
    let mut failures = 0;
    loop {
        match ask().await {
            Err(trouble) if is_too_fast(&trouble) => {}
            Err(_) if failures + 1 < TRIES => failures += 1,
            answered => return answered,
        }
        sleep(PAUSE).await;
    }
}

fn is_too_fast(trouble: &Unavailable) -> bool {
    ["Throttl", "TooManyRequests", "SlowDown"].iter().any(|code| trouble.cause.starts_with(code))
}
