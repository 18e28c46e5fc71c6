//! Expire: a request's window has ended. Its code is erased, and its status says so.

use crate::advance::advance;
use crate::port::{Answer, PublishStatus, StepRequest};
use relay::id::RequestId;
use relay::request::State;
use relay::secret::Tag;
use relay::status::{End, Status};

/// The job and what it needs.
pub struct Expire<T, B> {
    /// Requests.
    pub table: T,
    /// Status documents.
    pub statuses: B,
}

impl<T: StepRequest, B: PublishStatus> Expire<T, B> {
    /// Ends a request and puts its last status. Being run again changes nothing.
    ///
    /// Who calls it is the clock: it ends the request whether or not its window is over.
    ///
    /// # Errors
    /// The store or the status did not answer; run it again.
    pub async fn end(&self, tag: &Tag, id: &RequestId) -> Answer<End> {
        let current = advance(&self.table, tag, |request| {
            let is_open = request.id == *id && !matches!(request.state(), State::Ended(_));
            is_open.then(|| request.close())
        })
        .await?;
        let (end, status) = match current {
            // Long gone: only a retry hours later finds nothing.
            None => (End::TimedOut, Status::ended(End::TimedOut)),
            Some(request) if request.id == *id => {
                (request.end.unwrap_or(End::TimedOut), request.ended().unwrap_or(Status::ended(End::TimedOut)))
            }
            Some(newer) => (newer.end_of_replaced(id), Status::ended(newer.end_of_replaced(id))),
        };
        self.statuses.publish(id, &status).await?;
        Ok(end)
    }
}
