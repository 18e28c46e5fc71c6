//! The loop that Lambda asks of a program: take an event, answer it, take the next.

use crate::log;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use service::{Decision, Unavailable};
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// What a function that must not be cut short keeps back of its time for saying how far it came.
pub const LAST_WORDS: Duration = Duration::from_secs(10);

/// The longest that Lambda lets a function run: what is left where nobody says when time is up.
const LONGEST: Duration = Duration::from_mins(15);

/// What a function makes of an event.
pub struct Handled<R> {
    /// The answer. If it is an error, Lambda hands an asynchronous event in again.
    pub answer: Result<R, Unavailable>,
    /// What was decided, for the log.
    pub decisions: Vec<Decision>,
}

impl<R> Handled<R> {
    /// An event with one decision.
    pub fn new(answer: R, decision: Decision) -> Self {
        Self { answer: Ok(answer), decisions: vec![decision] }
    }

    /// An event that has to be handed in again, because a service did not answer.
    pub fn unavailable(job: &'static str, unavailable: Unavailable) -> Self {
        Self { decisions: vec![Decision::unavailable(job, &unavailable)], answer: Err(unavailable) }
    }
}

/// Handles every event, and logs what was decided.
///
/// # Errors
/// The runtime's own interface cannot be reached.
pub async fn run<R: Serialize>(handle: impl AsyncFn(Value) -> Handled<R>) -> Result<(), Error> {
    run_until(async |event, _| handle(event).await).await
}

/// The same for a function that has to know its deadline.
///
/// # Errors
/// The runtime's own interface cannot be reached.
pub async fn run_until<R: Serialize>(handle: impl AsyncFn(Value, Instant) -> Handled<R>) -> Result<(), Error> {
    let handle = &handle;
    let service = service_fn(move |event: LambdaEvent<Value>| {
        let started = Instant::now();
        let deadline = started + time_left(event.context.deadline());
        // Boxed, because the SDK's futures nest deeper than the compiler follows by itself.
        let handled: Pin<Box<dyn Future<Output = Handled<R>>>> = Box::pin(handle(event.payload, deadline));
        async move {
            let Handled { answer, decisions } = handled.await;
            let took = started.elapsed();
            decisions.iter().for_each(|decision| log::write(decision, took));
            answer.map_err(Error::from)
        }
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
