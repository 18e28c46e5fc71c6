//! The life of a request, as a pure state machine.
//!
//! ```text
//! open ──code──▶ complete ──newer code──▶ complete
//!   │                │
//!   ├─ window's end ─┼─▶ timed_out / expired
//!   ├─ newer request ┼─▶ superseded
//!   └─ revocation ───┴─▶ revoked
//! ```
//!
//! Nothing here writes. Every step takes the request as it was read and gives the request as it shall be; a store
//! keeps it only where id and revision are still what was read, and otherwise the step is taken anew.

use crate::id::{MessageId, RequestId};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::secret::Code;
use crate::status::{End, Ending, Status};
use crate::verdict::Letter;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How much older than the request a mail may say it is: clocks differ.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// How far a mail's Date may be from its acceptance and still order codes.
const PLAUSIBLE_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// How long one mail's code may be on its way into the status before a newer one goes ahead: longer than a function
/// is let run.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// How long after its window a request may still stand open: a one-shot schedule of EventBridge runs up to a minute late
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>), and a run that fails is tried again.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_secs(120);

/// Refused mails that are counted in one request. More say nothing new, and the record must stay small.
const MOST_COUNTED: usize = 50;

/// One login's wait for one code. A mailbox has one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its name, and the status document's.
    pub id: RequestId,
    /// Grows with every step; what a store compares before it keeps one.
    pub revision: u32,
    /// Whose code is waited for.
    pub provider: String,
    /// When the client asked, in whole seconds.
    pub opened_at: Timestamp,
    /// When the window ends, in whole seconds.
    pub expires_at: Timestamp,
    /// How many mails were refused, and why.
    #[serde(default)]
    pub refused: BTreeMap<Refusal, u32>,
    /// The refused mails, so that one announced twice counts once.
    #[serde(default)]
    pub seen: BTreeSet<MessageId>,
    /// Why it ended.
    #[serde(default)]
    pub end: Option<End>,
    /// The last code that went to this mailbox, be it to this request or to the one before: no mail serves two.
    #[serde(default)]
    pub delivery: Option<Delivery>,
}

/// That a mail's code went to a request. The code itself stands in the status document only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The request.
    pub request: RequestId,
    /// The mail.
    pub mail: MessageId,
    /// When the mail was written: what orders codes.
    pub written_at: Timestamp,
    /// When the mail was accepted: what orders codes that were written in the same second.
    pub accepted_at: Timestamp,
    /// When the code was about to be published.
    pub claimed_at: Timestamp,
    /// Whether it is known to stand in the status document.
    pub published: bool,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Pending,
    /// It has a code.
    Complete,
    /// It has ended.
    Ended(End),
}

/// What a mail does to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Keep this request, publish the mail's code, then keep [`Request::confirmed`].
    Deliver(Request),
    /// The same mail came again, and its code stands in the status document already.
    Done,
    /// The same mail came again after the request's end, and its code may stand where the end should: publish this.
    Retract(Status),
    /// The mail is refused. Keep this request where there is one; otherwise nothing changes.
    Refuse(Option<Request>, Refusal),
    /// Another mail's code is being published this moment: look again soon.
    Wait,
}

impl Request {
    /// Opens a request. A store that replaces an older one keeps that one's `delivery`.
    pub fn open(id: RequestId, provider: &Provider, opened_at: Timestamp, window_seconds: u16) -> Self {
        // In whole seconds, which read the same in every store and every client.
        let opened = opened_at.as_second();
        let second = |at| Timestamp::from_second(at).unwrap_or(Timestamp::MAX);
        Self {
            id,
            revision: 1,
            provider: provider.name.to_owned(),
            opened_at: second(opened),
            expires_at: second(opened.saturating_add(i64::from(window_seconds))),
            refused: BTreeMap::new(),
            seen: BTreeSet::new(),
            end: None,
            delivery: None,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match (self.end, &self.delivery) {
            (Some(end), _) => State::Ended(end),
            (None, Some(delivery)) if delivery.request == self.id => State::Complete,
            (None, _) => State::Pending,
        }
    }

    /// Whether it should have ended long ago: what ends requests has failed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.end.is_none() && self.expires_at.duration_until(now) > OVERDUE_AFTER
    }

    /// What its status document says while no code is there.
    pub fn pending(&self) -> Status {
        Status::Pending { expires_at: self.expires_at }
    }

    /// What its status document says once this mail's code is there.
    pub fn complete(&self, code: Code, accepted_at: Timestamp) -> Status {
        Status::Complete {
            code,
            provider: self.provider.clone(),
            received_at: accepted_at,
            expires_at: self.expires_at,
        }
    }

    /// What its status document says after its end.
    pub fn ended(&self) -> Option<Status> {
        let window = self.expires_at.as_second() - self.opened_at.as_second();
        self.end.map(|end| Status::Ended(Ending::of(end, window, &self.refused)))
    }

    /// What a trusted mail does to it.
    pub fn receive(&self, letter: &Letter, now: Timestamp) -> Step {
        let own = self.delivery.as_ref().filter(|delivery| delivery.request == self.id);
        if let Some(delivery) = own.filter(|delivery| delivery.mail == letter.id) {
            match self.ended() {
                None if delivery.published => return Step::Done,
                // The last try broke off between its claim and its confirmation: claimed anew, so that this try's
                // publishing is watched over like the first.
                None => return Step::Deliver(self.claimed_for(letter, now)),
                Some(ended) if !delivery.published => return Step::Retract(ended),
                Some(_) => {}
            }
        }
        match self.admit(letter, now) {
            Err(refusal) => self.refuse(&letter.id, refusal),
            Ok(()) if own.is_some_and(|delivery| delivery.is_under_way(now)) => Step::Wait,
            Ok(()) => Step::Deliver(self.claimed_for(letter, now)),
        }
    }

    /// Notes that a mail was refused.
    pub fn refuse(&self, mail: &MessageId, refusal: Refusal) -> Step {
        let counts = self.end.is_none() && self.seen.len() < MOST_COUNTED && !self.seen.contains(mail);
        let next = counts.then(|| {
            self.next(|request| {
                request.seen.insert(mail.clone());
                *request.refused.entry(refusal).or_default() += 1;
            })
        });
        Step::Refuse(next, refusal)
    }

    /// The request once the code that was claimed for stands in its status document; nothing when the claim is no
    /// longer the one that counts.
    pub fn confirmed(&self, claim: &Delivery) -> Option<Self> {
        let counts = self.state() == State::Complete && self.delivery.as_ref() == Some(claim) && !claim.published;
        counts.then(|| {
            self.next(|request| {
                if let Some(delivery) = &mut request.delivery {
                    delivery.published = true;
                }
            })
        })
    }

    /// What must be put over a code that was published while the request ended or gave way; `current` is what the
    /// store holds now.
    pub fn retraction(&self, current: &Self, now: Timestamp) -> Option<Status> {
        if current.id == self.id {
            current.ended()
        } else {
            (now >= self.expires_at).then(|| Status::ended(End::Expired))
        }
    }

    /// The request after its window. What had ended stays as it was.
    #[must_use]
    pub fn close(&self) -> Self {
        match self.state() {
            State::Pending => self.next(|request| request.end = Some(End::TimedOut)),
            State::Complete => self.next(|request| request.end = Some(End::Expired)),
            State::Ended(_) => self.clone(),
        }
    }

    /// The request after its enrolment is gone. What had ended stays as it was.
    #[must_use]
    pub fn revoke(&self) -> Self {
        match self.state() {
            State::Pending | State::Complete => self.next(|request| request.end = Some(End::Revoked)),
            State::Ended(_) => self.clone(),
        }
    }

    /// What a newer request puts into the status document of this one. A code that is there stays until its own
    /// window's end.
    pub fn superseded(&self) -> Option<Status> {
        let waits = self.end.is_none() && !self.has_shown_code_of(&self.id);
        waits.then(|| Status::ended(End::Superseded))
    }

    /// How an older request ended, which this one has replaced. Of requests before that one nothing is known any more
    /// but that a newer one took their place, which is true of each.
    pub fn end_of_replaced(&self, replaced: &RequestId) -> End {
        if self.has_shown_code_of(replaced) { End::Expired } else { End::Superseded }
    }

    /// Whether the last code stood in this request's status document.
    fn has_shown_code_of(&self, id: &RequestId) -> bool {
        self.delivery.as_ref().is_some_and(|delivery| delivery.request == *id && delivery.published)
    }

    /// The request with this mail's code on its way into the status document.
    fn claimed_for(&self, letter: &Letter, now: Timestamp) -> Self {
        self.next(|request| {
            request.delivery = Some(Delivery {
                request: request.id.clone(),
                mail: letter.id.clone(),
                written_at: written_at(letter),
                accepted_at: letter.accepted_at,
                claimed_at: now,
                published: false,
            });
        })
    }

    /// Whether a code may come from this mail.
    fn admit(&self, letter: &Letter, now: Timestamp) -> Result<(), Refusal> {
        let in_window = (self.opened_at..self.expires_at).contains(&letter.accepted_at) && now < self.expires_at;
        if self.end.is_some() || !in_window {
            return Err(Refusal::OutsideWindow);
        }
        if letter.provider.name != self.provider {
            return Err(Refusal::NotFromProvider);
        }
        let too_old = letter.date.is_some_and(|date| date.duration_until(self.opened_at) > GRACE);
        let outdated = self.delivery.as_ref().is_some_and(|last| self.is_outdated(letter, last));
        if too_old || (outdated && letter.content.is_ok()) {
            return Err(Refusal::Stale);
        }
        letter.content.as_ref().map(|_| ()).map_err(|&refusal| refusal)
    }

    /// Whether a mail's code is older than the last one that was delivered. Written in the same second as a code of the
    /// request before, it is that code again: a mail forwarded twice has two names and one Date.
    fn is_outdated(&self, letter: &Letter, last: &Delivery) -> bool {
        let written_at = written_at(letter);
        if last.request == self.id {
            (written_at, letter.accepted_at) <= (last.written_at, last.accepted_at)
        } else {
            written_at <= last.written_at
        }
    }

    fn next(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        next.revision = next.revision.saturating_add(1);
        next
    }
}

impl Delivery {
    fn is_under_way(&self, now: Timestamp) -> bool {
        !self.published && self.claimed_at.duration_until(now) < LEASE
    }
}

/// When a mail was written, for the order of codes: by its Date, or by its acceptance where Date is missing or
/// implausible.
fn written_at(letter: &Letter) -> Timestamp {
    letter
        .date
        .filter(|date| date.duration_until(letter.accepted_at).abs() <= PLAUSIBLE_DELAY)
        .unwrap_or(letter.accepted_at)
}

#[cfg(test)]
mod tests;
