//! The verdict on a mail.

use super::trust::{check_plain, check_tagged};
use super::{CodeMessage, MessageIdentity, RefusedMessage, Verdict, Written};
use crate::address::{Address, Domain};
use crate::confirmation::Confirmation;
use crate::enrolment::TaggedMailbox;
use crate::evidence::{Checks, Evidence, Proof, Receiver, Signatures};
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
use std::sync::OnceLock;

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
    /// The relay checks the mail itself. So far nothing is known.
    OwnChecks,
}

/// A mail that came in, read as far as every verdict needs it.
pub struct InboundMail<'a> {
    envelope: &'a Envelope,
    content: Result<Readable<'a>, Refusal>,
}

/// A mail that can be read, and how far its checks have come.
struct Readable<'a> {
    mail: Mail<'a>,
    signatures: Signatures,
    checks: Checks,
    /// The code of the one provider that wrote the mail, once it was looked for.
    code: OnceLock<Result<Code, Refusal>>,
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
                let signatures = Signatures::of(&mail);
                let checks = match source {
                    EvidenceSource::Report(receiver) => {
                        Checks { passed: Evidence::reported_by(receiver, &mail, &signatures), ..Checks::default() }
                    }
                    EvidenceSource::OwnChecks => Checks::of_claims(&mail, &signatures, envelope.sender.as_ref()),
                };
                Ok(Readable { mail, signatures, checks, code: OnceLock::new() })
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

    /// Takes note of how far its checks have come.
    pub fn update(&mut self, checks: Checks) {
        if let Ok(readable) = &mut self.content {
            readable.checks = checks;
        }
    }

    /// The mail; `None` if it cannot be read.
    pub fn mail(&self) -> Option<&Mail<'a>> {
        self.content.as_ref().ok().map(|readable| &readable.mail)
    }

    /// What has passed of the checks of the mail.
    pub fn evidence(&self) -> Evidence {
        self.content.as_ref().map(|readable| readable.checks.passed.clone()).unwrap_or_default()
    }

    /// What is proven about the mail; `None` if it cannot be read.
    pub fn proof(&self) -> Option<Proof<'_>> {
        let readable = self.content.as_ref().ok()?;
        Some(Proof::new(&readable.checks.passed, &readable.signatures))
    }

    /// The mailboxes that a mail at the plain address may be for: the one that To names, and the one for which the last
    /// hop forwards. Both are claims; [`verdict`](Self::verdict) checks them.
    pub fn claimed_mailboxes(&self) -> Vec<Mailbox> {
        let to = self.mail().and_then(addressed_mailbox);
        let forwarder = self.envelope.sender.as_ref().and_then(forwarding_mailbox);
        let mut claimed: Vec<Mailbox> = to.into_iter().chain(forwarder).collect();
        claimed.dedup();
        claimed
    }

    /// The verdict on the mail for one mailbox.
    ///
    /// The first reason that applies refuses it, in this order: virus; too large or unreadable; spam; not from a
    /// provider; not signed or not forwarded; no code or several. It is deferred only if an open check could turn the
    /// refusal into an acceptance.
    pub fn verdict(&self, recipient: &Recipient, key: &AddressKey) -> Verdict {
        let author = self.mail().and_then(provider_of);
        if self.envelope.scan.has_virus {
            return self.refused(author, Refusal::Virus);
        }
        let readable = match &self.content {
            Ok(readable) => readable,
            Err(reason) => return self.refused(author, *reason),
        };
        let accept = |evidence: &Evidence| {
            let judgement = Judgement {
                envelope: self.envelope,
                readable,
                proof: Proof::new(evidence, &readable.signatures),
                recipient,
                key,
            };
            judgement.accept(author)
        };
        let Checks { passed, .. } = &readable.checks;
        match accept(passed) {
            Ok(accepted) => accepted,
            Err(_) if !readable.checks.are_complete() && accept(&readable.checks.at_best()).is_ok() => {
                Verdict::Deferred(self.refusal(author, Refusal::Deferred))
            }
            Err(reason) => self.refused(author, reason),
        }
    }

    fn refused(&self, author: Option<&'static Provider>, reason: Refusal) -> Verdict {
        Verdict::Refused(self.refusal(author, reason))
    }

    fn refusal(&self, provider: Option<&'static Provider>, reason: Refusal) -> RefusedMessage {
        let Envelope { id, accepted_at, .. } = self.envelope;
        RefusedMessage { id: id.clone(), reason, provider, accepted_at: *accepted_at }
    }
}

/// One mail judged for one mailbox by what is proven.
struct Judgement<'j, 'a> {
    envelope: &'j Envelope,
    readable: &'j Readable<'a>,
    proof: Proof<'j>,
    recipient: &'j Recipient,
    key: &'j AddressKey,
}

impl Judgement<'_, '_> {
    fn accept(&self, author: Option<&'static Provider>) -> Result<Verdict, Refusal> {
        let is_signed = author.is_some_and(|provider| self.is_signed_by(provider));
        if self.envelope.scan.is_spam && !is_signed {
            return Err(Refusal::Spam);
        }
        if matches!(self.recipient.destination, Destination::Tagged(_))
            && let Some(confirmation) = self.confirmation()
        {
            return Ok(Verdict::Confirmation(confirmation));
        }
        let provider = author.ok_or(Refusal::NotFromProvider)?;
        self.check_trust(provider, is_signed)?;
        let code = self.readable.code.get_or_init(|| code_in(&self.readable.mail, provider)).clone()?;
        Ok(Verdict::Code(self.message(provider, is_signed, code)))
    }

    /// Whether the provider vouches for the mail: for its author, and for how its body is to be read.
    fn is_signed_by(&self, provider: &Provider) -> bool {
        let (proof, mail) = (&self.proof, &self.readable.mail);
        let covers = |field| proof.vouches_for(field, |domain| provider.owns(domain));
        proof.is_signed_by(provider)
            && (covers("content-type") || mail.shows_its_type())
            && (covers("content-transfer-encoding") || mail.shows_its_encoding())
    }

    fn check_trust(&self, provider: &Provider, is_signed: bool) -> Result<(), Refusal> {
        let Recipient { destination, mailbox } = self.recipient;
        match destination {
            Destination::Tagged(_) => {
                let mut last_hop = self.proof.last_hop().flat_map(Domain::and_parents);
                check_tagged(
                    mailbox.trust,
                    is_signed,
                    last_hop.any(|domain| self.key.domain(&domain) == mailbox.domain),
                )
            }
            Destination::Plain => {
                // To says whose the mail is, so the provider must vouch for it as well.
                let is_signed = is_signed && self.proof.vouches_for("to", |domain| provider.owns(domain));
                check_plain(is_signed, self.names_mailbox())
            }
        }
    }

    fn confirmation(&self) -> Option<Confirmation> {
        Confirmation::parse(&self.readable.mail, &self.proof, |mailbox| self.is_recipients(mailbox))
    }

    fn message(&self, provider: &'static Provider, is_signed: bool, code: Code) -> CodeMessage {
        let Envelope { id, accepted_at, .. } = self.envelope;
        let mail = &self.readable.mail;
        // Nobody vouches for the Date of a mail that is not signed; its forwarder or the tag is trusted with it.
        let date =
            if is_signed { self.proof.written_at(mail.date(), |domain| provider.owns(domain)) } else { mail.date() };
        let written = Written::of(date, *accepted_at);
        let signatures = self.proof.signature_values(|domain| is_signed && provider.owns(domain));
        let message_id = mail.fields().find(|(name, _)| name.eq_ignore_ascii_case("message-id"));
        let identity = MessageIdentity {
            message_id: message_id.map(|(_, value)| self.key.fingerprint("message-id", value.trim())),
            signatures: signatures.map(|value| self.key.fingerprint("signature", value)).collect(),
            code: self.key.fingerprint("code", code.reveal()),
            written_at: written.earliest,
        };
        CodeMessage { id: id.clone(), provider, code, written, accepted_at: *accepted_at, identity }
    }

    /// Whether a mail at the plain address is this mailbox's: To names it, or the last hop forwards for it and SPF passed
    /// for that envelope sender.
    fn names_mailbox(&self) -> bool {
        let to = addressed_mailbox(&self.readable.mail);
        let sender = self.envelope.sender.as_ref();
        let proven = sender.filter(|sender| self.proof.spf() == Some(&sender.domain()));
        to.iter().chain(&proven.and_then(forwarding_mailbox)).any(|mailbox| self.is_recipients(mailbox))
    }

    fn is_recipients(&self, mailbox: &Mailbox) -> bool {
        self.key.mailbox(mailbox) == self.recipient.mailbox.mailbox
    }
}

/// The provider whose domain the one author writes from.
pub fn provider_of(mail: &Mail<'_>) -> Option<&'static Provider> {
    Provider::writing_from(&mail.sole_from()?.domain())
}

fn addressed_mailbox(mail: &Mail<'_>) -> Option<Mailbox> {
    Mailbox::of(&mail.sole_to()?).ok()
}

fn code_in(mail: &Mail<'_>, provider: &Provider) -> Result<Code, Refusal> {
    let body = mail.body().map_err(|_| Refusal::Unreadable)?;
    extract::code(provider, &body)
}
