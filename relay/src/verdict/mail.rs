//! The verdict on a mail.

use super::trust::{check_plain, check_tagged};
use super::{CodeMessage, MessageIdentity, RefusedMessage, Verdict, Written};
use crate::address::{Address, Domain};
use crate::confirmation::Confirmation;
use crate::enrolment::TaggedMailbox;
use crate::evidence::{Evidence, Receiver};
use crate::extract;
use crate::forwarder::forwarding_mailbox;
use crate::id::MessageId;
use crate::mail::{LARGEST_MAIL, Mail};
use crate::mailbox::{AddressKey, Mailbox};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::relay_address::Destination;
use crate::secret::Code;
use jiff::Timestamp;

/// What the accepting server knows of a mail without reading it.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The server's identifier of the mail.
    pub id: MessageId,
    /// When the server accepted it.
    pub accepted_at: Timestamp,
    /// The envelope recipients (RFC 5321 section 2.3.1).
    pub recipients: Vec<Address>,
    /// The envelope sender; `None` for the null sender and for what is not an address.
    pub sender: Option<Address>,
    /// What the server's scanner says.
    pub scan: Scan,
}

/// The accepting server's scan of a mail. A scan that did not take place, or is not sure, finds nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scan {
    /// It classifies the mail as spam.
    pub is_spam: bool,
    /// It found a virus.
    pub has_virus: bool,
}

/// Where the evidence about a mail is found.
#[derive(Debug, Clone)]
pub enum EvidenceSource<'r> {
    /// The accepting server wrote its report on top of the mail.
    Report(&'r Receiver),
    /// The mail was checked while it came in.
    Checked(Evidence),
}

/// A mail that came in, read as far as every verdict needs it.
pub struct InboundMail<'a> {
    envelope: &'a Envelope,
    content: Result<(Mail<'a>, Evidence), Refusal>,
}

/// A mailbox that a mail may be for, and by which of the relay's addresses.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The address that the mail was sent to.
    pub destination: Destination,
    /// The mailbox.
    pub mailbox: TaggedMailbox,
}

impl<'a> InboundMail<'a> {
    /// Reads any bytes as a mail.
    pub fn parse(envelope: &'a Envelope, raw: &'a [u8], source: &EvidenceSource<'_>) -> Self {
        let content = match Mail::parse(raw) {
            Ok(mail) => {
                let evidence = match source {
                    EvidenceSource::Report(receiver) => Evidence::reported_by(receiver, &mail),
                    EvidenceSource::Checked(evidence) => evidence.clone(),
                };
                Ok((mail, evidence))
            }
            Err(_) if raw.len() > LARGEST_MAIL => Err(Refusal::TooLarge),
            Err(_) => Err(Refusal::Unreadable),
        };
        Self { envelope, content }
    }

    /// A mail whose bytes were not read because there are more than [`LARGEST_MAIL`].
    pub fn too_large(envelope: &'a Envelope) -> Self {
        Self { envelope, content: Err(Refusal::TooLarge) }
    }

    /// The mail and what is proven about it; `None` if it cannot be read.
    pub fn readable(&self) -> Option<(&Mail<'a>, &Evidence)> {
        self.content.as_ref().ok().map(|(mail, evidence)| (mail, evidence))
    }

    /// The mailboxes that a mail at the plain address may be for: the one that To names, and the one for which the last
    /// hop forwards. Both are claims; [`verdict`](Self::verdict) checks them.
    pub fn claimed_mailboxes(&self) -> Vec<Mailbox> {
        let to = self.readable().and_then(|(mail, _)| addressed_mailbox(mail));
        let forwarder = self.envelope.sender.as_ref().and_then(forwarding_mailbox);
        let mut claimed: Vec<Mailbox> = to.into_iter().chain(forwarder).collect();
        claimed.dedup();
        claimed
    }

    /// The verdict on the mail for one mailbox.
    ///
    /// The first reason that applies refuses it, in this order: virus; too large or unreadable; spam; not from a
    /// provider; not signed or not forwarded; no code or several.
    pub fn verdict(&self, recipient: &Recipient, key: &AddressKey) -> Verdict {
        let author = self.readable().and_then(|(mail, _)| provider_of(mail));
        self.accept(author, recipient, key).unwrap_or_else(|reason| {
            Verdict::Refused(RefusedMessage {
                id: self.envelope.id.clone(),
                reason,
                provider: author,
                accepted_at: self.envelope.accepted_at,
            })
        })
    }

    fn accept(
        &self,
        author: Option<&'static Provider>,
        recipient: &Recipient,
        key: &AddressKey,
    ) -> Result<Verdict, Refusal> {
        let Scan { is_spam, has_virus } = self.envelope.scan;
        if has_virus {
            return Err(Refusal::Virus);
        }
        let (mail, evidence) = self.content.as_ref().map_err(|&refusal| refusal)?;
        let is_signed = author.is_some_and(|provider| evidence.is_signed_by(provider, mail));
        if is_spam && !is_signed {
            return Err(Refusal::Spam);
        }
        if matches!(recipient.destination, Destination::Tagged(_))
            && let Some(confirmation) = Confirmation::parse(mail, evidence)
        {
            return Ok(Verdict::Confirmation(confirmation));
        }
        let provider = author.ok_or(Refusal::NotFromProvider)?;
        match recipient.destination {
            Destination::Tagged(_) => {
                let is_forwarded = evidence
                    .last_hop()
                    .flat_map(Domain::and_parents)
                    .any(|domain| key.domain(&domain) == recipient.mailbox.domain);
                check_tagged(recipient.mailbox.trust, is_signed, is_forwarded)?;
            }
            Destination::Plain => {
                // To says whose the mail is, so the provider must vouch for it as well.
                let is_signed = is_signed && evidence.vouches_for("to", mail, |domain| provider.owns(domain));
                check_plain(is_signed, self.names_mailbox(mail, evidence, recipient, key))?;
            }
        }
        let body = mail.body().map_err(|_| Refusal::Unreadable)?;
        let code = extract::code(provider, &body)?;
        let accepted_at = self.envelope.accepted_at;
        let written = Written::of(mail.date(), accepted_at);
        let identity = identity(mail, &code, written, key);
        Ok(Verdict::Code(CodeMessage { id: self.envelope.id.clone(), provider, code, written, accepted_at, identity }))
    }

    /// Whether a mail at the plain address is this mailbox's: To names it, or the last hop forwards for it and SPF passed
    /// for that envelope sender.
    fn names_mailbox(&self, mail: &Mail<'_>, evidence: &Evidence, recipient: &Recipient, key: &AddressKey) -> bool {
        let is_recipients = |mailbox: &Mailbox| key.mailbox(mailbox) == recipient.mailbox.mailbox;
        let to = addressed_mailbox(mail);
        let sender = self.envelope.sender.as_ref();
        let proven = sender.filter(|sender| evidence.spf.as_ref() == Some(&sender.domain()));
        to.iter().chain(&proven.and_then(forwarding_mailbox)).any(is_recipients)
    }
}

/// The provider whose domain the one author writes from.
pub fn provider_of(mail: &Mail<'_>) -> Option<&'static Provider> {
    Provider::writing_from(&mail.sole_from()?.domain())
}

fn addressed_mailbox(mail: &Mail<'_>) -> Option<Mailbox> {
    Mailbox::of(&mail.sole_to()?).ok()
}

fn identity(mail: &Mail<'_>, code: &Code, written: Written, key: &AddressKey) -> MessageIdentity {
    let message_id = mail.fields().find(|(name, _)| name.eq_ignore_ascii_case("message-id"));
    MessageIdentity {
        message_id: message_id.map(|(_, value)| key.fingerprint("message-id", value.trim())),
        code: key.fingerprint("code", code.reveal()),
        written_at: written.earliest,
    }
}
