//! Receive: a mail has come in. It is judged, its code goes to the request that waits for it, and the mail is removed.

mod deliver;

use crate::port::{Answer, FetchMail, Fetched, NoteArrivals, PublishStatus, ReadEnrolments, StepRequest};
use jiff::{SignedDuration, Timestamp};
use relay::address::Address;
use relay::confirmation::Confirmation;
use relay::enrolment::{KeptConfirmation, TagHolder};
use relay::evidence::{Evidence, Receiver};
use relay::id::MessageId;
use relay::mail::Mail;
use relay::mailbox::AddressKey;
use relay::refusal::Refusal;
use relay::relay_address::{Place, RelayAddress};
use relay::request::Request;
use relay::secret::Tag;
use relay::verdict::{Envelope, Letter, claimed_mailboxes, judge};
use std::time::Duration;

/// Places that one mail is looked at for. A forwarded mail has one.
pub const MOST_PLACES: usize = 4;

/// How long Gmail's confirmation waits for the owner.
const CONFIRMATION_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The job and what it needs.
pub struct Receive<T, B> {
    /// Enrolments, requests, and what has arrived.
    pub table: T,
    /// Stored mails and status documents.
    pub bucket: B,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// The clock.
    pub now: fn() -> Timestamp,
}

/// A mail as it was announced.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The accepting server's name for it.
    pub id: MessageId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The addresses of the envelope.
    pub recipients: Vec<Address>,
    /// The envelope sender, where there is one.
    pub sender: Option<Address>,
    /// The accepting server's own refusal, for spam or a virus.
    pub screened: Option<Refusal>,
    /// Where what is proven about it is found.
    pub proof: Proof,
}

/// Where the evidence about a mail comes from.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The accepting server wrote its report on top of the mail.
    Reported(&'static Receiver),
    /// It was checked while the mail came in.
    Checked(Evidence),
}

/// What became of a mail for one mailbox, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its code was put into the status of the request that waited.
    Delivered {
        /// How long after the mail was accepted.
        after: Duration,
    },
    /// Its code has stood there since an earlier announcement of it.
    DeliveredBefore,
    /// It was refused.
    Refused(Refusal),
    /// It is Gmail's confirmation, and was kept for the owner.
    Confirmation,
    /// No mailbox is enrolled that it could be for.
    NobodyEnrolled,
    /// It is gone: an earlier announcement of it has been dealt with.
    Gone,
}

impl Outcome {
    /// The outcome and its reason, as they stand in the log.
    pub fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Delivered { .. } => ("delivered", None),
            Self::DeliveredBefore => ("ignored", Some("delivered_before")),
            Self::Refused(refusal) => ("refused", Some(refusal.word())),
            Self::Confirmation => ("confirmation_kept", None),
            Self::NobodyEnrolled => ("ignored", Some("nobody_enrolled")),
            Self::Gone => ("ignored", Some("gone")),
        }
    }
}

/// Whose mail it is, and the request that may wait for it.
struct Addressee {
    place: Place,
    tag: Tag,
    holder: TagHolder,
    request: Option<Request>,
}

impl<T, B> Receive<T, B>
where
    T: ReadEnrolments + StepRequest + NoteArrivals,
    B: FetchMail + PublishStatus,
{
    /// Deals with a mail, and says what became of it for each mailbox that it was for. A mail that can never succeed is
    /// no error.
    ///
    /// # Errors
    /// Something did not answer. The mail is still stored; announce it again.
    pub async fn take(&self, mail: &Announcement) -> Answer<Vec<Outcome>> {
        let (fetched, tagged) = tokio::join!(self.bucket.fetch(&mail.id), self.tagged(mail));
        let (fetched, mut addressees) = (fetched?, tagged?);
        let raw = match &fetched {
            Fetched::Gone => return Ok(vec![Outcome::Gone]),
            Fetched::TooLarge => Err(Refusal::TooLarge),
            Fetched::Mail(raw) => Mail::parse(raw).map_err(|_| Refusal::Unreadable),
        };
        if let Ok(parsed) = &raw {
            addressees.extend(self.named_at_plain_address(mail, parsed).await?);
        }
        let mut outcomes = Vec::new();
        for addressee in &addressees {
            outcomes.push(self.deal(mail, raw.as_ref().map_err(|&refusal| refusal), addressee).await?);
        }
        self.bucket.remove(&mail.id).await?;
        if outcomes.is_empty() {
            outcomes.push(Outcome::NobodyEnrolled);
        }
        Ok(outcomes)
    }

    /// Deals with a mail for one mailbox.
    async fn deal(&self, mail: &Announcement, raw: Result<&Mail<'_>, Refusal>, to: &Addressee) -> Answer<Outcome> {
        let judged = match raw {
            Ok(parsed) => {
                let evidence = match &mail.proof {
                    Proof::Reported(receiver) => Evidence::reported_by(receiver, parsed),
                    Proof::Checked(evidence) => evidence.clone(),
                };
                if let Some(confirmation) = confirmation(mail, parsed, &evidence, to) {
                    self.table.keep_confirmation(&to.tag, mail.accepted_at, &confirmation).await?;
                    return Ok(Outcome::Confirmation);
                }
                judge(&mail.envelope(&to.place), parsed, &evidence, &to.holder, &self.key)
            }
            Err(refusal) => Err(mail.screened.unwrap_or(refusal)),
        };
        self.hand_over(mail, &judged, to).await
    }

    /// The mailboxes whose tagged addresses the mail was sent to.
    async fn tagged(&self, mail: &Announcement) -> Answer<Vec<Addressee>> {
        let mut found = Vec::new();
        for place in self.places(mail) {
            if let Place::Tagged(tag) = &place {
                found.extend(self.addressee(tag.clone(), place).await?);
            }
        }
        Ok(found)
    }

    async fn addressee(&self, tag: Tag, place: Place) -> Answer<Option<Addressee>> {
        let (holder, request) = tokio::join!(self.table.holder(&tag), self.table.request(&tag));
        let request = request?;
        Ok(holder?.map(|holder| Addressee { place, tag, holder, request }))
    }

    /// The mailbox that a mail at the plain address claims to be for.
    async fn named_at_plain_address(&self, mail: &Announcement, parsed: &Mail<'_>) -> Answer<Option<Addressee>> {
        if !self.places(mail).contains(&Place::Plain) {
            return Ok(None);
        }
        for mailbox in claimed_mailboxes(&mail.envelope(&Place::Plain), parsed) {
            if let Some(enrolment) = self.table.enrolment(&self.key.mailbox(&mailbox)).await? {
                return self.addressee(enrolment.tag, Place::Plain).await;
            }
        }
        Ok(None)
    }

    /// The places at this relay that the mail was sent to, each once.
    fn places(&self, mail: &Announcement) -> Vec<Place> {
        let mut places = Vec::new();
        for place in mail.recipients.iter().filter_map(|recipient| self.relay_address.place(recipient)) {
            if !places.contains(&place) && places.len() < MOST_PLACES {
                places.push(place);
            }
        }
        places
    }
}

/// Gmail's confirmation, which comes to a tagged address only.
fn confirmation(
    mail: &Announcement,
    parsed: &Mail<'_>,
    evidence: &Evidence,
    to: &Addressee,
) -> Option<KeptConfirmation> {
    if mail.screened.is_some() || to.place == Place::Plain {
        return None;
    }
    let Confirmation { link, code } = Confirmation::read(parsed, evidence)?;
    let until = mail.accepted_at.checked_add(CONFIRMATION_KEPT).unwrap_or(Timestamp::MAX);
    Some(KeptConfirmation { link, code, until })
}

impl Announcement {
    fn envelope(&self, place: &Place) -> Envelope {
        Envelope {
            id: self.id.clone(),
            accepted_at: self.accepted_at,
            place: place.clone(),
            sender: self.sender.clone(),
            screened: self.screened,
        }
    }
}

#[cfg(test)]
mod tests;
