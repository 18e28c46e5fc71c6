//! The loop of a custom Lambda runtime: get an event, respond, get the next
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>).

use crate::log;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use service::{Decision, Unavailable};
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// Time reserved before the Lambda deadline to report the outcome.
pub const TIME_TO_REPORT: Duration = Duration::from_secs(10);

/// Lambda's longest timeout for a function
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>).
const MAX_TIMEOUT: Duration = Duration::from_mins(15);

/// The outcome of an event.
pub struct Handled<R> {
    /// The response. An error is reported to Lambda, which retries an asynchronous event.
    pub response: Result<R, Unavailable>,
    /// What was decided, for the log.
    pub decisions: Vec<Decision>,
}

impl<R> Handled<R> {
    /// An event with one decision.
    pub fn new(response: R, decision: Decision) -> Self {
        Self { response: Ok(response), decisions: vec![decision] }
    }

    /// An event that has to be retried, because a service did not answer.
    pub fn unavailable(job: &'static str, unavailable: Unavailable) -> Self {
        Self { decisions: vec![Decision::unavailable(job, &unavailable)], response: Err(unavailable) }
    }
}

/// Runs `handle` for every event, and logs what was decided: the only place that writes to the log.
///
/// # Errors
/// Lambda's runtime API cannot be reached.
pub async fn run<R: Serialize>(handle: impl AsyncFn(Value) -> Handled<R>) -> Result<(), Error> {
    run_with_deadline(async |event, _| handle(event).await).await
}

/// The same for a `handle` that needs the deadline at which Lambda ends it.
///
/// # Errors
/// Lambda's runtime API cannot be reached.
pub async fn run_with_deadline<R: Serialize>(handle: impl AsyncFn(Value, Instant) -> Handled<R>) -> Result<(), Error> {
    let handle = &handle;
    let service = service_fn(move |event: LambdaEvent<Value>| {
        let started = Instant::now();
        let deadline = started + time_left(event.context.deadline());
        // Boxed, because the SDK's futures nest deeper than the compiler's recursion limit.
        let handled: Pin<Box<dyn Future<Output = Handled<R>>>> = Box::pin(handle(event.payload, deadline));
        async move {
            let Handled { response, decisions } = handled.await;
            let took = started.elapsed();
            for decision in &decisions {
                log::write(decision, took);
            }
            response.map_err(Error::from)
        }
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
