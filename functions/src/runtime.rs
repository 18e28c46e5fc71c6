//! The loop that Lambda asks of a program: take an event, answer it, take the next.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use service::port::Unavailable;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// What a function that must not be cut short keeps back of its time for saying how far it came.
pub const LAST_WORDS: Duration = Duration::from_secs(10);

/// The longest that Lambda lets a function run: what is left where nobody says when time is up.
const LONGEST: Duration = Duration::from_mins(15);

/// Answers every event by `handle`. Where that fails, Lambda is told so, and hands an asynchronous event in again.
///
/// # Errors
/// The runtime's own interface cannot be reached.
pub async fn run<R: Serialize>(handle: impl AsyncFn(Value) -> Result<R, Unavailable>) -> Result<(), Error> {
    run_until(async |event, _| handle(event).await).await
}

/// The same for a `handle` that wants to know when Lambda will end it.
///
/// # Errors
/// The runtime's own interface cannot be reached.
pub async fn run_until<R: Serialize>(
    handle: impl AsyncFn(Value, Instant) -> Result<R, Unavailable>,
) -> Result<(), Error> {
    let handle = &handle;
    let service = service_fn(move |event: LambdaEvent<Value>| {
        let ends = Instant::now() + time_left(event.context.deadline());
        // Boxed, for the SDK's futures nest deeper than the compiler follows by itself.
        let answered: Pin<Box<dyn Future<Output = Result<R, Unavailable>>>> = Box::pin(handle(event.payload, ends));
        async move { answered.await.map_err(Error::from) }
    });
    lambda_runtime::run(service).await
}

/// An emulator may hand in events whose time has long been up.
fn time_left(deadline: SystemTime) -> Duration {
    deadline.duration_since(SystemTime::now()).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_never_more_than_lambda_gives() {
        let now = SystemTime::now();
        let ahead = time_left(now + Duration::from_mins(2));
        assert!(ahead > Duration::from_mins(1) && ahead <= Duration::from_mins(2), "{ahead:?}");
        assert_eq!(time_left(now + Duration::from_hours(24)), LONGEST);
        assert_eq!(time_left(SystemTime::UNIX_EPOCH + LONGEST), LONGEST);
    }
}
