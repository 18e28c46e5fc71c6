//! One step in a request's life, taken anew for as long as somebody else writes in between.

use crate::port::{Answer, Kept, StepRequest, Unavailable};
use relay::request::Request;
use relay::secret::Tag;

/// How often a step is taken anew. Mails and ends come one by one, so that a second time is rare.
const ATTEMPTS: usize = 10;

/// A request, looked at and perhaps moved on.
pub(crate) struct Advanced {
    /// The request as it now stands.
    pub(crate) now: Request,
    /// The request as it stood before this step; nothing where it stayed as it was.
    pub(crate) before: Option<Request>,
}

/// Moves the mailbox's request on by `step`, which gives nothing where it shall stay as it is.
pub(crate) async fn advance<T: StepRequest>(
    table: &T,
    tag: &Tag,
    step: impl Fn(&Request) -> Option<Request> + Send,
) -> Answer<Option<Advanced>> {
    match table.request(tag).await? {
        Some(request) => advance_from(table, tag, request, step).await,
        None => Ok(None),
    }
}

/// The same, from a request that has been read.
pub(crate) async fn advance_from<T: StepRequest>(
    table: &T,
    tag: &Tag,
    mut request: Request,
    step: impl Fn(&Request) -> Option<Request> + Send,
) -> Answer<Option<Advanced>> {
    for _ in 0..ATTEMPTS {
        let Some(next) = step(&request) else { return Ok(Some(Advanced { now: request, before: None })) };
        if table.keep(tag, &next, &request).await? == Kept::Yes {
            return Ok(Some(Advanced { now: next, before: Some(request) }));
        }
        match table.request(tag).await? {
            Some(changed) => request = changed,
            None => return Ok(None),
        }
    }
    Err(contended())
}

/// The request was written by others each time.
pub(crate) fn contended() -> Unavailable {
    Unavailable { operation: "keep request", cause: "others kept writing".to_owned() }
}
