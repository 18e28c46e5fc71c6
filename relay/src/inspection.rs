//! How the relay judges a stored mail, for `inspect`.
//!
//! There is no request and no enrolment for it, so [`verdict`](crate::verdict) is asked once for each trust, as
//! if the mail had come to the tagged address of the mailbox that its last hop belongs to.

use crate::address::Address;
use crate::confirmation::named_mailboxes;
use crate::enrolment::{TaggedMailbox, Trust};
use crate::evidence::{Evidence, Receiver};
use crate::forwarder::Forwarder;
use crate::id::MessageId;
use crate::mailbox::{AddressKey, Mailbox};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::relay_address::Destination;
use crate::secret::{Code, Tag};
use crate::verdict::Verdict;
use crate::verdict::mail::{Envelope, EvidenceSource, InboundMail, Recipient, Scan, provider_of};
use jiff::Timestamp;

/// A mail as the relay reads it.
#[derive(Debug)]
pub struct Inspection {
    /// The one address that wrote it.
    pub from: Option<Address>,
    /// The provider that this address belongs to.
    pub provider: Option<&'static Provider>,
    /// The hosts that forwarded it, by their own fields; the last hop first.
    pub forwarders: Vec<Forwarder>,
    /// What its receiver reports to have proven.
    pub evidence: Evidence,
    /// The verdict under trust `addressed`: what the mail holds, without any proof of its origin.
    pub content: Content,
    /// Every reason for which one trust or another refuses it, in the order of [`Refusal`].
    pub reasons: Vec<Refusal>,
}

/// What a mail holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A code.
    Code(Code),
    /// Gmail's forwarding confirmation.
    Confirmation,
    /// Nothing that the relay takes.
    Refused(Refusal),
}

impl Inspection {
    /// Inspects any bytes as a mail that `receiver` accepted.
    pub fn of(raw: &[u8], receiver: &Receiver) -> Self {
        let Some(envelope) = stored_envelope() else { return Self::refused(Refusal::Unreadable) };
        let mail = InboundMail::parse(&envelope, raw, &EvidenceSource::Report(receiver));
        let key = AddressKey::new("inspection");
        let verdicts: Vec<Content> = Trust::ALL
            .iter()
            .filter_map(|&trust| Some(mail.verdict(&recipient(&mail, trust, &key)?, &key).into()))
            .collect();
        let Some(content) = verdicts.last().cloned() else { return Self::refused(Refusal::Unreadable) };
        let mut reasons: Vec<Refusal> = verdicts.iter().filter_map(Content::refusal).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let Some(parsed) = mail.mail() else { return Self { content, reasons, ..Self::unread() } };
        Self {
            from: parsed.sole_from(),
            provider: provider_of(parsed),
            forwarders: Forwarder::named_in(parsed),
            evidence: mail.evidence(),
            content,
            reasons,
        }
    }

    /// The inspection of what was not read, for this reason.
    pub fn refused(reason: Refusal) -> Self {
        Self { content: Content::Refused(reason), reasons: vec![reason], ..Self::unread() }
    }

    /// `code`, `confirmation`, or the word for the refusal.
    pub fn outcome(&self) -> &'static str {
        match &self.content {
            Content::Code(_) => "code",
            Content::Confirmation => "confirmation",
            Content::Refused(refusal) => refusal.word(),
        }
    }

    fn unread() -> Self {
        Self {
            from: None,
            provider: None,
            forwarders: Vec::new(),
            evidence: Evidence::default(),
            content: Content::Refused(Refusal::Unreadable),
            reasons: Vec::new(),
        }
    }
}

impl Content {
    fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            Self::Code(_) | Self::Confirmation => None,
        }
    }
}

impl From<Verdict> for Content {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Code(message) => Self::Code(message.code),
            Verdict::Confirmation(_) => Self::Confirmation,
            Verdict::Refused(message) | Verdict::Deferred(message) => Self::Refused(message.reason),
        }
    }
}

/// The envelope is not stored with a mail. None of it decides anything at a tagged address.
fn stored_envelope() -> Option<Envelope> {
    Some(Envelope {
        id: MessageId::parse("stored")?,
        accepted_at: Timestamp::UNIX_EPOCH,
        recipients: Vec::new(),
        sender: None,
        scan: Scan::default(),
    })
}

/// The mailbox that makes the mail `forwarded` if anything can: one at the domain of the last hop. If only the provider
/// vouches for that hop, the mail was sent directly and no mailbox forwarded it. A confirmation is for the mailbox that it
/// names first.
fn recipient(mail: &InboundMail<'_>, trust: Trust, key: &AddressKey) -> Option<Recipient> {
    let nobody = Mailbox::parse("nobody@invalid.invalid").ok()?;
    let provider = mail.mail().and_then(provider_of);
    let last_hop = mail.proof().zip(provider).and_then(|(proof, provider)| {
        let mut domains = proof.last_hop();
        domains.find(|domain| !provider.owns(domain))
    });
    let named = mail.mail().filter(|_| provider.is_none()).map(named_mailboxes).unwrap_or_default();
    let mailbox = named.first().unwrap_or(&nobody);
    let domain = last_hop.cloned().unwrap_or_else(|| nobody.domain());
    Some(Recipient {
        destination: Destination::Tagged(Tag::from_random([0; 10])),
        mailbox: TaggedMailbox { mailbox: key.mailbox(mailbox), domain: key.domain(&domain), trust },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::LARGEST_MAIL;
    use std::sync::LazyLock;

    static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| Receiver::named("mx.example".to_owned()));
    const REPORT: &str = "Authentication-Results: mx.example;";
    const ARLO: &str = "From: do_not_reply@arlo.com\r\n";

    fn inspect(raw: &str) -> String {
        let inspection = Inspection::of(raw.as_bytes(), &RECEIVER);
        let code = match &inspection.content {
            Content::Code(code) => code.reveal(),
            Content::Confirmation | Content::Refused(_) => "",
        };
        let reasons = inspection.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(",");
        format!("{} {code} {reasons}", inspection.outcome())
    }

    #[test]
    fn the_outcome_says_what_is_in_the_mail_and_the_reasons_what_refuses_it() {
        let signature = |domain: &str| format!("DKIM-Signature: a=rsa-sha256; d={domain}; h=from\r\n");
        let signed = format!("{REPORT} dkim=pass header.i=@arlo.com\r\n{}{ARLO}", signature("arlo.com"));
        let forwarded = format!("{REPORT} dkim=pass header.i=@gmail.com\r\n{}{ARLO}", signature("gmail.com"));
        let direct = format!("{REPORT} spf=pass smtp.mailfrom=arlo.com\r\n{ARLO}");
        let google = format!(
            "{REPORT} dkim=pass header.i=@google.com\r\n{}From: forwarding-noreply@google.com\r\n",
            signature("google.com")
        );
        for (raw, expected) in [
            (format!("{signed}\r\n467266\r\n"), "code 467266 "),
            (
                format!("{REPORT} dkim=pass header.i=@arlo.com\r\n{ARLO}\r\n467266\r\n"),
                "code 467266 not_signed,not_forwarded",
            ),
            (format!("{forwarded}\r\n467266\r\n"), "code 467266 not_signed"),
            (format!("{direct}\r\n467266\r\n"), "code 467266 not_signed,not_forwarded"),
            (format!("{ARLO}\r\n467266\r\n"), "code 467266 not_signed,not_forwarded"),
            (format!("{signed}\r\nHello\r\n"), "no_code  no_code"),
            (format!("{ARLO}\r\nHello\r\n"), "no_code  not_signed,not_forwarded,no_code"),
            (format!("{signed}\r\n467266\r\n482913\r\n"), "ambiguous  ambiguous"),
            (format!("{google}\r\nFor me@gmail.com: https://mail.google.com/mail/vf-x\r\n"), "confirmation  "),
            ("From: me@gmail.com\r\n\r\n467266\r\n".to_owned(), "not_from_provider  not_from_provider"),
            (String::new(), "unreadable  unreadable"),
            ("x".repeat(LARGEST_MAIL + 1), "too_large  too_large"),
        ] {
            assert_eq!(inspect(&raw), expected, "{}", raw.get(..raw.len().min(200)).unwrap_or_default());
        }
    }
}
