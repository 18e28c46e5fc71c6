//! Optimistic concurrency: applies a transition to a mailbox's requests, and computes it again if another writer won the
//! race.

use crate::ports::{RequestStore, Unavailable, WriteOutcome};
use relay::request::Requests;
use relay::secret::Tag;

/// Tries before a transition gives up. Mails and ends come one by one, so a second try is rare.
const ATTEMPTS: usize = 10;

/// The outcome of a transition.
pub(crate) struct Transition {
    /// The record as it is now.
    pub(crate) now: Requests,
    /// The record before this transition; `None` if the transition changed nothing.
    pub(crate) before: Option<Requests>,
}

/// Applies `step` to the record as it was `read`, and to what is stored if that is not the newest. `step` returns `None`
/// if the record is to stay as it is.
pub(crate) async fn transition<T: RequestStore>(
    table: &T,
    tag: &Tag,
    mut read: Requests,
    step: impl Fn(&Requests) -> Option<Requests> + Send,
) -> Result<Transition, Unavailable> {
    for _ in 0..ATTEMPTS {
        let Some(next) = step(&read) else { return Ok(Transition { now: read, before: None }) };
        match table.write_requests(tag, &next, read.revision).await? {
            WriteOutcome::Written => return Ok(Transition { now: next, before: Some(read) }),
            WriteOutcome::Conflict => read = table.requests(tag).await?,
        }
    }
    Err(contended())
}

/// Other writers won every race.
pub(crate) fn contended() -> Unavailable {
    Unavailable { operation: "write requests", cause: "too many concurrent writers".to_owned() }
}
