//! How a message changes a mailbox's requests, in steps: after a crash between any two, the retry completes it.
//!
//! The record is the state machine and the status document its view. A code is delivered in three steps: the record
//! *claims* the request for the message, the status document is put, the record *confirms* that it was. A claim that is
//! never confirmed lapses after [`LEASE`].

use super::attribution::owner;
use super::requests::CodeMail;
use super::{Delivery, Request, Requests};
use crate::id::{MessageId, RequestId};
use crate::refusal::Refusal;
use crate::secret::Code;
use crate::status::{End, Status};
use crate::verdict::{CodeMessage, MessageIdentity, RefusedMessage};
use jiff::{SignedDuration, Timestamp};

/// How long a claim holds before a newer code goes ahead, in seconds: longer than a function may run.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Refused messages that are counted in one request. More say nothing new, and the record must stay small.
const MOST_COUNTED: usize = 50;

/// Delivered messages that one request remembers. A login causes one.
const MOST_SERVED: usize = 16;

/// What a message does to the requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write this record, publish the code, then write [`Requests::confirmed`].
    Deliver(Requests, Claim),
    /// The same message, or a copy of it, came again, and its code was published already.
    AlreadyDelivered,
    /// The same message came again after the request's end, and its code may be where the end should be: publish this.
    Retract(RequestId, Status),
    /// The message is refused. Write this record if there is one; otherwise nothing changes.
    Refuse(Option<Requests>, Refusal),
    /// Another message's code is being published right now: read again soon.
    Wait,
}

/// A claim of a request for a message's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The request.
    pub request: RequestId,
    /// What the record says of the delivery.
    delivery: Delivery,
    /// What the status document says once the code is in it.
    pub status: Status,
}

impl Requests {
    /// What a code message does.
    pub fn receive(&self, message: &CodeMessage, now: Timestamp) -> Step {
        let current = self.settled(now);
        match current.served_by(message) {
            Some(request) => current.receive_again(self, request, message, now),
            None => current.receive_new(self, message, now),
        }
    }

    /// Counts a refused message in every open request that could have waited for it.
    pub fn refuse(&self, message: &RefusedMessage, now: Timestamp) -> Step {
        let current = self.settled(now);
        let provider = message.provider.map(|provider| provider.name);
        let next = current.counting(&message.id, message.reason, message.accepted_at, now, |request| {
            provider.is_none_or(|provider| request.provider == provider)
        });
        Step::Refuse(next.as_next_of(self), message.reason)
    }

    /// The record once the claimed code is in the status document. Returns `None` if the claim no longer counts: the
    /// request has ended, or a newer claim took its place.
    pub fn confirmed(&self, claim: &Claim) -> Option<Self> {
        let request = self.get(&claim.request)?;
        let counts =
            request.end.is_none() && request.delivery.as_ref() == Some(&claim.delivery) && !claim.delivery.published;
        counts.then(|| {
            self.changed(|record| {
                record.update(&claim.request, |request| {
                    if let Some(delivery) = &mut request.delivery {
                        delivery.published = true;
                    }
                });
            })
        })
    }

    /// What must be published over a code that was published while its claim lapsed. Returns `None` if the code may stay.
    pub fn retraction(&self, request: &RequestId) -> Option<Status> {
        match self.get(request) {
            Some(request) => request.ended(),
            None => Some(Status::ended(End::Expired)),
        }
    }

    /// The request that this message, or a copy of it, has been delivered to.
    fn served_by(&self, message: &CodeMessage) -> Option<&Request> {
        self.iter().find(|request| request.served.iter().any(|served| served.is_copy_of(&message.identity)))
    }

    /// The message was delivered to `request` before: completes what an earlier try left undone, and nothing else.
    fn receive_again(&self, read: &Self, request: &Request, message: &CodeMessage, now: Timestamp) -> Step {
        let is_last = request.served.last().is_some_and(|last| last.is_copy_of(&message.identity));
        let unconfirmed = request.delivery.as_ref().filter(|delivery| is_last && !delivery.published);
        if request.delivery.is_none() {
            return Step::Refuse(None, self.reason(message, now));
        }
        match (unconfirmed, request.ended()) {
            (Some(delivery), None) if delivery.message != message.id && delivery.holds(now) => Step::Wait,
            // The earlier try broke off between claim and confirmation. A new claim is watched like the first.
            (Some(_), None) => self.claim(read, request, message, now),
            (Some(_), Some(ended)) => Step::Retract(request.id.clone(), ended),
            (None, _) => Step::AlreadyDelivered,
        }
    }

    fn receive_new(&self, read: &Self, message: &CodeMessage, now: Timestamp) -> Step {
        let line = self.of_provider(message.provider.name);
        let Some(request) = owner(&line, message, now) else { return self.refuse_code(read, message, None, now) };
        if request.waits(message.accepted_at, now) {
            return self.claim(read, request, message, now);
        }
        let is_newer =
            |last: &Delivery| (message.written.earliest, message.accepted_at) > (last.written_at, last.accepted_at);
        match &request.delivery {
            None => {
                let has_ended = request.end.is_some() || now >= request.expires_at;
                self.refuse_code(read, message, has_ended.then_some(&request.id), now)
            }
            Some(last) if !is_newer(last) || !request.is_open(message.accepted_at, now) => {
                self.refuse_code(read, message, None, now)
            }
            Some(last) if last.holds(now) => Step::Wait,
            Some(_) => self.claim(read, request, message, now),
        }
    }

    /// Refuses a code that no request may have. If it belongs to a request that has `ended`, that is noted there.
    fn refuse_code(&self, read: &Self, message: &CodeMessage, ended: Option<&RequestId>, now: Timestamp) -> Step {
        let reason = self.reason(message, now);
        let provider = message.provider.name;
        let mut next = self.counting(&message.id, reason, message.accepted_at, now, |request| {
            reason == Refusal::NotFromProvider || request.provider == provider
        });
        if let Some(ended) = ended {
            next.update(ended, |request| request.remember(&message.identity));
        }
        next.remember_code_mail(code_mail(message, ended.is_some()));
        Step::Refuse(next.as_next_of(read), reason)
    }

    /// Why no request may have a code: the reason that says most to the owner.
    fn reason(&self, message: &CodeMessage, now: Timestamp) -> Refusal {
        let open = |request: &&Request| request.is_open(message.accepted_at, now);
        match (self.iter().find(open), self.of_provider(message.provider.name).into_iter().find(open)) {
            (None, _) => Refusal::OutsideWindow,
            (Some(_), None) => Refusal::NotFromProvider,
            (Some(_), Some(_)) => Refusal::Stale,
        }
    }

    /// The record with a refused message counted in the open requests that `could_wait` selects.
    fn counting(
        &self,
        message: &MessageId,
        reason: Refusal,
        accepted_at: Timestamp,
        now: Timestamp,
        could_wait: impl Fn(&Request) -> bool,
    ) -> Self {
        let mut next = self.clone();
        next.update_all(|request| {
            if request.is_open(accepted_at, now) && could_wait(request) {
                request.count(message, reason);
            }
        });
        next
    }

    fn claim(&self, read: &Self, request: &Request, message: &CodeMessage, now: Timestamp) -> Step {
        let delivery = Delivery {
            message: message.id.clone(),
            written_at: message.written.earliest,
            accepted_at: message.accepted_at,
            claimed_at: now,
            published: false,
        };
        let claim = Claim {
            request: request.id.clone(),
            delivery: delivery.clone(),
            status: request.complete(message.code.clone(), message.accepted_at),
        };
        let mut next = self.clone();
        next.update(&request.id, |request| {
            request.delivery = Some(delivery);
            request.remember(&message.identity);
        });
        next.remember_code_mail(code_mail(message, true));
        Step::Deliver(next.after(read), claim)
    }
}

fn code_mail(message: &CodeMessage, owned: bool) -> CodeMail {
    CodeMail { provider: message.provider.name.to_owned(), accepted_at: message.accepted_at, owned }
}

impl Request {
    /// Counts a refused message, once however often it is announced.
    fn count(&mut self, message: &MessageId, reason: Refusal) {
        if reason == Refusal::Deferred {
            if self.deferred.len() < MOST_COUNTED && !self.seen.contains(message) {
                self.deferred.insert(message.clone());
            }
            return;
        }
        self.deferred.remove(message);
        if self.seen.len() < MOST_COUNTED && self.seen.insert(message.clone()) {
            let count = self.refused.entry(reason).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Notes that a message belongs to this request, as the last one.
    fn remember(&mut self, identity: &MessageIdentity) {
        self.served.retain(|served| !served.is_copy_of(identity));
        self.served.push(identity.clone());
        let excess = self.served.len().saturating_sub(MOST_SERVED);
        self.served.drain(..excess);
    }

    fn complete(&self, code: Code, accepted_at: Timestamp) -> Status {
        Status::Complete {
            code,
            provider: self.provider.clone(),
            received_at: accepted_at,
            expires_at: self.expires_at,
        }
    }
}

impl Delivery {
    /// Whether its claim still keeps newer codes waiting.
    fn holds(&self, now: Timestamp) -> bool {
        !self.published && self.claimed_at.duration_until(now) < LEASE
    }
}
