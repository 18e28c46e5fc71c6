//! Handing a judged mail over to the request that waits.
//!
//! The store is the state machine and the status document its view: the request is kept first, the document is put
//! after it, and then the request notes that the document stands. A crash in between is healed by the retry.

use super::{Addressee, Announcement, Letter, NoteArrivals, Outcome, Receive, Refusal};
use crate::advance::{advance_from, contended};
use crate::port::{Answer, FetchMail, Kept, PublishStatus, ReadEnrolments, StepRequest};
use jiff::Timestamp;
use relay::request::{Request, Step};
use relay::secret::Tag;
use std::time::Duration;

/// How often the request is looked at anew, and how long between: two seconds in all, well below a function's limit.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

impl<T, B> Receive<T, B>
where
    T: ReadEnrolments + StepRequest + NoteArrivals,
    B: FetchMail + PublishStatus,
{
    /// Hands a judged mail over, and notes for the owner what became of it.
    pub(super) async fn hand_over(
        &self,
        mail: &Announcement,
        judged: &Result<Letter, Refusal>,
        to: &Addressee,
    ) -> Answer<Outcome> {
        let outcome = self.step(mail, judged, to).await?;
        let refusal = match outcome {
            Outcome::Refused(refusal) => Some(refusal),
            _ => None,
        };
        self.table.note(&to.tag, mail.accepted_at, refusal).await?;
        Ok(outcome)
    }

    async fn step(&self, mail: &Announcement, judged: &Result<Letter, Refusal>, to: &Addressee) -> Answer<Outcome> {
        let tag = &to.tag;
        let mut found = to.request.clone();
        for _ in 0..ATTEMPTS {
            let Some(request) = found else {
                return Ok(Outcome::Refused(judged.as_ref().err().copied().unwrap_or(Refusal::OutsideWindow)));
            };
            let step = match judged {
                Ok(letter) => request.receive(letter, (self.now)()),
                Err(refusal) => request.refuse(&mail.id, *refusal),
            };
            match (step, judged) {
                (Step::Deliver(next), Ok(letter)) => {
                    if self.table.keep(tag, &next, &request).await? == Kept::Yes {
                        return self.publish(&next, letter, tag).await;
                    }
                }
                (Step::Done, _) => return Ok(Outcome::DeliveredBefore),
                (Step::Retract(status), _) => {
                    self.bucket.publish(&request.id, &status).await?;
                    return Ok(Outcome::Refused(Refusal::OutsideWindow));
                }
                (Step::Refuse(None, refusal), _) => return Ok(Outcome::Refused(refusal)),
                (Step::Refuse(Some(next), refusal), _) => {
                    if self.table.keep(tag, &next, &request).await? == Kept::Yes {
                        return Ok(Outcome::Refused(refusal));
                    }
                }
                (Step::Wait | Step::Deliver(_), _) => tokio::time::sleep(PAUSE).await,
            }
            found = self.table.request(tag).await?;
        }
        Err(contended())
    }

    /// Puts a mail's code into the status document, then looks whether it may stand there still.
    async fn publish(&self, request: &Request, letter: &Letter, tag: &Tag) -> Answer<Outcome> {
        let code = match &letter.content {
            Ok(code) => code.clone(),
            Err(refusal) => return Ok(Outcome::Refused(*refusal)),
        };
        self.bucket.publish(&request.id, &request.complete(code, letter.accepted_at)).await?;
        let after = since(letter.accepted_at, (self.now)());
        let advanced = advance_from(&self.table, tag, request.clone(), |current| {
            request.delivery.as_ref().and_then(|claim| current.confirmed(claim))
        })
        .await?;
        if let Some(retraction) = advanced.and_then(|advanced| request.retraction(&advanced.now, (self.now)())) {
            self.bucket.publish(&request.id, &retraction).await?;
        }
        Ok(Outcome::Delivered { after })
    }
}

/// How long ago that was. Two clocks differ, so that a moment may seem to lie ahead.
fn since(earlier: Timestamp, now: Timestamp) -> Duration {
    earlier.duration_until(now).try_into().unwrap_or_default()
}
