//! Acts on a verdict, the same for every way in: delivers the code or counts the refusal, and notes it for the owner.
//!
//! The record is the state machine and the status document its view: the record is written first, the document is put
//! after it, and then the record notes that the document shows the code. A retry heals a crash in between.

use super::{Outcome, Receive};
use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore, StatusStore, Unavailable, WriteOutcome};
use crate::transition::{contended, transition};
use jiff::{SignedDuration, Timestamp};
use relay::arrivals::PendingConfirmation;
use relay::confirmation::Confirmation;
use relay::refusal::Refusal;
use relay::request::{Claim, Requests, Step};
use relay::secret::Tag;
use relay::verdict::Verdict;
use std::time::Duration;

/// Tries before a message gives up, and the pause between two: two seconds in all, far below a function's timeout.
const ATTEMPTS: usize = 20;
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// How long a forwarding confirmation waits for the owner.
const CONFIRMATION_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

impl<T, S> Receive<T, S>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore,
{
    /// Carries out a verdict for the mailbox of `tag`, whose requests were `read`.
    pub(super) async fn deliver(
        &self,
        tag: &Tag,
        verdict: Verdict,
        accepted_at: Timestamp,
        read: Requests,
    ) -> Result<Outcome, Unavailable> {
        let outcome = match verdict {
            Verdict::Confirmation(confirmation) => {
                let confirmation = pending(confirmation, accepted_at);
                self.table.note_confirmation(tag, accepted_at, &confirmation).await?;
                return Ok(Outcome::Confirmation);
            }
            Verdict::Code(message) => {
                self.step(tag, accepted_at, read, |requests, now| requests.receive(&message, now)).await?
            }
            Verdict::Refused(message) | Verdict::Deferred(message) => {
                self.step(tag, accepted_at, read, |requests, now| requests.refuse(&message, now)).await?
            }
        };
        let refusal = match outcome {
            Outcome::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let outcome = if refusal == Some(Refusal::Deferred) { Outcome::Deferred } else { outcome };
        let noted = self.table.note_arrival(tag, accepted_at, refusal).await;
        // Only `show` needs the note, so a note that fails does not fail a delivery.
        if refusal.is_some() {
            noted?;
        }
        Ok(outcome)
    }

    async fn step(
        &self,
        tag: &Tag,
        accepted_at: Timestamp,
        mut read: Requests,
        step: impl Fn(&Requests, Timestamp) -> Step,
    ) -> Result<Outcome, Unavailable> {
        for _ in 0..ATTEMPTS {
            match step(&read, (self.now)()) {
                Step::Deliver(next, claim) => {
                    if self.table.write_requests(tag, &next, read.revision).await? == WriteOutcome::Written {
                        return self.publish(tag, next, &claim, accepted_at).await;
                    }
                }
                Step::Refuse(None, refusal) => return Ok(Outcome::Refused(refusal)),
                Step::Refuse(Some(next), refusal) => {
                    if self.table.write_requests(tag, &next, read.revision).await? == WriteOutcome::Written {
                        return Ok(Outcome::Refused(refusal));
                    }
                }
                Step::AlreadyDelivered => return Ok(Outcome::AlreadyDelivered),
                Step::Retract(request, status) => {
                    self.statuses.publish(&request, &status).await?;
                    return Ok(Outcome::Refused(Refusal::OutsideWindow));
                }
                Step::Wait => tokio::time::sleep(RETRY_DELAY).await,
            }
            read = self.table.requests(tag).await?;
        }
        Err(contended())
    }

    /// Puts the claimed code into the status document, then checks whether it may stay there.
    async fn publish(
        &self,
        tag: &Tag,
        claimed: Requests,
        claim: &Claim,
        accepted_at: Timestamp,
    ) -> Result<Outcome, Unavailable> {
        self.statuses.publish(&claim.request, &claim.status).await?;
        let after = elapsed(accepted_at, (self.now)());
        let confirmed = transition(&self.table, tag, claimed, |requests| requests.confirmed(claim)).await?;
        if let Some(retraction) = confirmed.now.retraction(&claim.request) {
            self.statuses.publish(&claim.request, &retraction).await?;
        }
        Ok(Outcome::Delivered { after })
    }
}

fn pending(confirmation: Confirmation, accepted_at: Timestamp) -> PendingConfirmation {
    let Confirmation { link, code } = confirmation;
    let until = accepted_at.checked_add(CONFIRMATION_LIFETIME).unwrap_or(Timestamp::MAX);
    PendingConfirmation { link, code, until }
}

/// The time between two moments, 0 if the second is earlier: two clocks differ.
fn elapsed(earlier: Timestamp, now: Timestamp) -> Duration {
    earlier.duration_until(now).try_into().unwrap_or_default()
}
