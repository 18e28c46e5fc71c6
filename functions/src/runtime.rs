//! The loop that Lambda asks of a program: take an event, answer it, take the next.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use service::port::Unavailable;
use std::pin::Pin;

/// Answers every event by `handle`. Where that fails, Lambda is told so, and hands an asynchronous event in again.
///
/// # Errors
/// The runtime's own interface cannot be reached.
pub async fn run<R: Serialize>(handle: impl AsyncFn(Value) -> Result<R, Unavailable>) -> Result<(), Error> {
    let handle = &handle;
    let service = service_fn(move |event: LambdaEvent<Value>| {
        // Boxed, for the SDK's futures nest deeper than the compiler follows by itself.
        let answered: Pin<Box<dyn Future<Output = Result<R, Unavailable>>>> = Box::pin(handle(event.payload));
        async move { answered.await.map_err(Error::from) }
    });
    lambda_runtime::run(service).await
}
