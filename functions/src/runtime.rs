//! The loop of a custom Lambda runtime: get an event, respond, get the next
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>).

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use service::port::Unavailable;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// Time reserved before the Lambda deadline to report the outcome.
pub const TIME_TO_REPORT: Duration = Duration::from_secs(10);

/// Lambda's longest timeout for a function
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>).
const MAX_TIMEOUT: Duration = Duration::from_mins(15);

/// Runs `handle` for every event. An error is reported to Lambda, which retries an asynchronous event.
///
/// # Errors
/// Lambda's runtime API cannot be reached.
pub async fn run<R: Serialize>(handle: impl AsyncFn(Value) -> Result<R, Unavailable>) -> Result<(), Error> {
    run_with_deadline(async |event, _| handle(event).await).await
}

/// The same for a `handle` that needs the deadline at which Lambda ends it.
///
/// # Errors
/// Lambda's runtime API cannot be reached.
pub async fn run_with_deadline<R: Serialize>(
    handle: impl AsyncFn(Value, Instant) -> Result<R, Unavailable>,
) -> Result<(), Error> {
    let handle = &handle;
    let service = service_fn(move |event: LambdaEvent<Value>| {
        let deadline = Instant::now() + time_left(event.context.deadline());
        // Boxed, because the SDK's futures nest deeper than the compiler's recursion limit.
        let response: Pin<Box<dyn Future<Output = Result<R, Unavailable>>>> = Box::pin(handle(event.payload, deadline));
        async move { response.await.map_err(Error::from) }
    });
    lambda_runtime::run(service).await
}

/// The time until `deadline`. An emulator may send a deadline in the past: then [`MAX_TIMEOUT`].
fn time_left(deadline: SystemTime) -> Duration {
    deadline.duration_since(SystemTime::now()).unwrap_or(MAX_TIMEOUT).min(MAX_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_at_most_lambda_s_longest_timeout() {
        let now = SystemTime::now();
        let ahead = time_left(now + Duration::from_mins(2));
        assert!(ahead > Duration::from_mins(1) && ahead <= Duration::from_mins(2), "{ahead:?}");
        assert_eq!(time_left(now + Duration::from_hours(24)), MAX_TIMEOUT);
        assert_eq!(time_left(SystemTime::UNIX_EPOCH + MAX_TIMEOUT), MAX_TIMEOUT);
    }
}
