//! Receive: a message has come in. It is judged, and its code goes to the login that caused it.
//!
//! A way in has a method that finds the mailboxes a message may be for and asks [`relay::verdict`] for each:
//! [`Receive::mail`] so far. What follows the verdict (`deliver`) does not ask where the message came from.

mod deliver;

use crate::decision::{Decision, Metric};
use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore, StatusStore, Unavailable};
use jiff::Timestamp;
use relay::evidence::{Checks, Receiver};
use relay::mailbox::AddressKey;
use relay::refusal::Refusal;
use relay::relay_address::{Destination, RelayAddress};
use relay::request::Requests;
use relay::secret::Tag;
use relay::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient};
use relay::verdict::{CodeMessage, RefusedMessage, Verdict};
use std::sync::Arc;
use std::time::Duration;

/// The most of the relay's addresses that one mail is judged for. A forwarded mail has one.
pub const MOST_DESTINATIONS: usize = 4;

/// The job and the ports it uses.
pub struct Receive<T, S> {
    /// Enrolments, requests and arrivals.
    pub table: T,
    /// Status documents.
    pub statuses: S,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// The clock.
    pub now: fn() -> Timestamp,
}

/// What an edge has of a mail.
#[derive(Debug)]
pub enum MailContent<C> {
    /// Its bytes, with the report of the server that accepted it on top.
    Reported(Vec<u8>, &'static Receiver),
    /// Its bytes, and the checks that the edge makes of it.
    Unchecked(Arc<[u8]>, C),
    /// It is larger than [`LARGEST_MAIL`](relay::mail::LARGEST_MAIL) and was not read.
    TooLarge,
}

/// The checks that an edge makes of one mail: SPF, DKIM and DMARC, over DNS.
pub trait OwnChecks: Send {
    /// Waits for the next answer. Returns how far the checks have come, or `None` if nothing more will be answered. It is
    /// asked only as long as an answer can change a verdict.
    fn next(&mut self) -> impl Future<Output = Option<Checks>> + Send;
}

/// The checks of an edge that makes none, because its mails are reported on.
#[derive(Debug, Clone, Copy)]
pub enum NoChecks {}

impl OwnChecks for NoChecks {
    async fn next(&mut self) -> Option<Checks> {
        match *self {}
    }
}

/// What was decided on a message for one mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its code is in the status document of the login that caused it.
    Delivered {
        /// The time since its acceptance.
        after: Duration,
    },
    /// Its code was delivered before: it is the same message again, or a copy.
    AlreadyDelivered,
    /// It was refused.
    Refused(Refusal),
    /// It is a forwarding confirmation, and waits for the owner.
    Confirmation,
    /// DNS did not answer what decides. Hand in the same mail again.
    Deferred,
    /// No enrolled mailbox is named by it.
    NotEnrolled,
}

impl From<&Outcome> for Decision {
    fn from(outcome: &Outcome) -> Self {
        let decision = |outcome| Self::new("receive", outcome);
        match *outcome {
            Outcome::Delivered { after } => {
                decision("delivered").counting([Metric::CodesDelivered, Metric::DeliverySeconds(after)])
            }
            Outcome::AlreadyDelivered => decision("ignored").because("delivered_before"),
            Outcome::Refused(refusal) => {
                decision("refused").because(refusal.word()).counting([Metric::Refused(refusal)])
            }
            Outcome::Confirmation => decision("confirmation_kept"),
            Outcome::Deferred => decision("deferred").because("dns"),
            Outcome::NotEnrolled => decision("ignored").because("nobody_enrolled"),
        }
    }
}

/// A mailbox that a mail may be for, with its tag and its requests.
struct Candidate {
    tag: Tag,
    recipient: Recipient,
    requests: Requests,
}

impl<T, S> Receive<T, S>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore,
{
    /// Judges a mail, delivers its code, and returns what was decided for each mailbox that it may be for. `content` is
    /// awaited while the mailboxes are looked up. A mail that can never succeed is no error.
    ///
    /// # Errors
    /// `content` failed, or the store did not answer. Hand in the same mail again.
    pub async fn mail<E: From<Unavailable>, C: OwnChecks>(
        &self,
        envelope: &Envelope,
        content: impl Future<Output = Result<MailContent<C>, E>>,
    ) -> Result<Vec<Outcome>, E> {
        let (content, tagged) = tokio::join!(content, self.tagged(envelope));
        let (mut content, mut candidates) = (content?, tagged?);
        let (mut mail, checks) = match &mut content {
            MailContent::Reported(raw, receiver) => {
                (InboundMail::parse(envelope, raw, &EvidenceSource::Report(receiver)), None)
            }
            MailContent::Unchecked(raw, checks) => {
                (InboundMail::parse(envelope, raw, &EvidenceSource::OwnChecks), Some(checks))
            }
            MailContent::TooLarge => (InboundMail::too_large(envelope), None),
        };
        candidates.extend(self.named_at_plain_address(envelope, &mail).await?);
        let verdicts = self.verdicts(&mut mail, checks, &candidates).await;
        let mut outcomes = Vec::new();
        for (Candidate { tag, requests, .. }, verdict) in candidates.into_iter().zip(verdicts) {
            // One mail is one login's, so its code goes to one of the mailboxes.
            let has_served =
                outcomes.iter().any(|outcome| matches!(outcome, Outcome::Delivered { .. } | Outcome::AlreadyDelivered));
            let verdict = if has_served { refused_as_anothers(verdict) } else { verdict };
            outcomes.push(self.deliver(&tag, verdict, envelope.accepted_at, requests).await?);
        }
        if outcomes.is_empty() {
            outcomes.push(Outcome::NotEnrolled);
        }
        Ok(outcomes)
    }

    /// The verdict for each candidate, once no check that is still open can change one.
    async fn verdicts<C: OwnChecks>(
        &self,
        mail: &mut InboundMail<'_>,
        mut checks: Option<&mut C>,
        candidates: &[Candidate],
    ) -> Vec<Verdict> {
        loop {
            let verdicts: Vec<_> =
                candidates.iter().map(|candidate| mail.verdict(&candidate.recipient, &self.key)).collect();
            let is_open = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Deferred(_)));
            let Some(checks) = checks.as_mut().filter(|_| is_open) else { return verdicts };
            match checks.next().await {
                Some(answered) => mail.update(answered),
                None => return verdicts,
            }
        }
    }

    /// The mailboxes whose tagged addresses the mail was sent to.
    async fn tagged(&self, envelope: &Envelope) -> Result<Vec<Candidate>, Unavailable> {
        let mut found = Vec::new();
        for destination in self.destinations(envelope) {
            if let Destination::Tagged(tag) = &destination {
                found.extend(self.candidate(tag.clone(), destination).await?);
            }
        }
        Ok(found)
    }

    /// The enrolled mailbox that a mail at the plain address claims to be for.
    async fn named_at_plain_address(
        &self,
        envelope: &Envelope,
        mail: &InboundMail<'_>,
    ) -> Result<Option<Candidate>, Unavailable> {
        if !self.destinations(envelope).contains(&Destination::Plain) {
            return Ok(None);
        }
        for mailbox in mail.claimed_mailboxes() {
            if let Some(enrolment) = self.table.enrolment(&self.key.mailbox(&mailbox)).await? {
                return self.candidate(enrolment.tag, Destination::Plain).await;
            }
        }
        Ok(None)
    }

    async fn candidate(&self, tag: Tag, destination: Destination) -> Result<Option<Candidate>, Unavailable> {
        let (mailbox, requests) = tokio::join!(self.table.tagged_mailbox(&tag), self.table.requests(&tag));
        let requests = requests?;
        Ok(mailbox?.map(|mailbox| Candidate { tag, recipient: Recipient { destination, mailbox }, requests }))
    }

    /// Which of the relay's addresses the mail was sent to, each once.
    fn destinations(&self, envelope: &Envelope) -> Vec<Destination> {
        let mut destinations = Vec::new();
        for destination in envelope.recipients.iter().filter_map(|address| self.relay_address.destination(address)) {
            if !destinations.contains(&destination) && destinations.len() < MOST_DESTINATIONS {
                destinations.push(destination);
            }
        }
        destinations
    }
}

/// The verdict for one more mailbox on a mail whose code has gone to another.
fn refused_as_anothers(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Code(CodeMessage { id, provider, accepted_at, .. }) => {
            Verdict::Refused(RefusedMessage { id, reason: Refusal::Stale, provider: Some(provider), accepted_at })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
