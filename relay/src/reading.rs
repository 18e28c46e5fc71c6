//! What a mail says by itself: who wrote it, and which code is in it. No request waits for it and nobody's trust is
//! asked; [`verdict`](crate::verdict) does both.

use crate::address::Address;
use crate::evidence::{Evidence, Receiver};
use crate::extract;
use crate::forwarder::Forwarder;
use crate::mail::{LARGEST_MAIL, Mail};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::secret::Code;
use crate::verdict::provider_of;

/// A mail, read for a person who wants to know what the relay makes of it.
#[derive(Debug)]
pub struct Reading {
    /// The one address that wrote it.
    pub from: Option<Address>,
    /// The provider that this address belongs to.
    pub provider: Option<&'static Provider>,
    /// The hosts that passed it on, by their own word; the last one first.
    pub forwarders: Vec<Forwarder>,
    /// What its receiver reports to have proven.
    pub evidence: Evidence,
    /// The code, or the first reason why there is none: [`Refusal::Unreadable`], [`Refusal::NotFromProvider`],
    /// [`Refusal::NoCode`] or [`Refusal::Ambiguous`].
    pub content: Result<Code, Refusal>,
    /// Everything that stands against delivering it under one trust or another, in the order of [`Refusal`].
    pub reasons: Vec<Refusal>,
}

impl Reading {
    /// Reads any bytes as a mail that this receiver accepted.
    pub fn of(raw: &[u8], receiver: &Receiver) -> Self {
        match Mail::parse(raw) {
            Ok(mail) => Self::of_mail(&mail, receiver),
            Err(_) if raw.len() > LARGEST_MAIL => Self::unreadable(Refusal::TooLarge),
            Err(_) => Self::unreadable(Refusal::Unreadable),
        }
    }

    /// The reading of what cannot be read, and why it cannot.
    pub fn unreadable(reason: Refusal) -> Self {
        Self {
            from: None,
            provider: None,
            forwarders: Vec::new(),
            evidence: Evidence::default(),
            content: Err(Refusal::Unreadable),
            reasons: vec![reason],
        }
    }

    /// `code`, or the word for the reason why there is none.
    pub fn outcome(&self) -> &'static str {
        self.content.as_ref().map_or_else(|refusal| refusal.word(), |_| "code")
    }

    fn of_mail(mail: &Mail<'_>, receiver: &Receiver) -> Self {
        let provider = provider_of(mail);
        let evidence = Evidence::reported_by(receiver, mail);
        let content = provider.ok_or(Refusal::NotFromProvider).and_then(|provider| code_in(mail, provider));
        let mut reasons: Vec<Refusal> = content.as_ref().err().copied().into_iter().collect();
        reasons.extend(provider.into_iter().flat_map(|provider| unproven(provider, &evidence)));
        reasons.sort_unstable();
        Self { from: mail.sole_from(), provider, forwarders: Forwarder::told_by(mail), evidence, content, reasons }
    }
}

fn code_in(mail: &Mail<'_>, provider: &Provider) -> Result<Code, Refusal> {
    extract::code(provider, &mail.body().map_err(|_| Refusal::Unreadable)?)
}

/// What the evidence lacks. A mail that is not signed may still be forwarded: whether the last hop's domain is the
/// mailbox's own is known only where there is a mailbox, but a last hop that nobody vouches for is nobody's.
fn unproven(provider: &Provider, evidence: &Evidence) -> Vec<Refusal> {
    match (evidence.is_signed_by(provider), evidence.last_hop().any(|domain| !provider.owns(domain))) {
        (true, _) => vec![],
        (false, true) => vec![Refusal::NotSigned],
        (false, false) => vec![Refusal::NotSigned, Refusal::NotForwarded],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::AMAZON_SES;

    const REPORT: &str = "Authentication-Results: amazonses.com;";
    const ARLO: &str = "From: do_not_reply@arlo.com\r\n";

    fn read(raw: &str) -> String {
        let reading = Reading::of(raw.as_bytes(), &AMAZON_SES);
        let code = reading.content.as_ref().map(Code::reveal).unwrap_or_default();
        let reasons = reading.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(",");
        format!("{} {code} {reasons}", reading.outcome())
    }

    #[test]
    fn the_outcome_says_what_is_in_the_mail_and_the_reasons_what_is_against_it() {
        let signed = format!("{REPORT} dkim=pass header.i=@arlo.com\r\n{ARLO}");
        let forwarded = format!("{REPORT} dkim=pass header.i=@gmail.com\r\n{ARLO}");
        let direct = format!("{REPORT} spf=pass smtp.mailfrom=arlo.com\r\n{ARLO}");
        for (raw, expected) in [
            (format!("{signed}\r\n467266\r\n"), "code 467266 "),
            (format!("{forwarded}\r\n467266\r\n"), "code 467266 not_signed"),
            (format!("{direct}\r\n467266\r\n"), "code 467266 not_signed,not_forwarded"),
            (format!("{ARLO}\r\n467266\r\n"), "code 467266 not_signed,not_forwarded"),
            (format!("{signed}\r\nHello\r\n"), "no_code  no_code"),
            (format!("{ARLO}\r\nHello\r\n"), "no_code  not_signed,not_forwarded,no_code"),
            (format!("{signed}\r\n467266\r\n482913\r\n"), "ambiguous  ambiguous"),
            (
                format!("{signed}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n467266\r\n"),
                "unreadable  unreadable",
            ),
            ("From: me@gmail.com\r\n\r\n467266\r\n".to_owned(), "not_from_provider  not_from_provider"),
            ("\0\u{1}\u{2}".to_owned(), "not_from_provider  not_from_provider"),
            (String::new(), "unreadable  unreadable"),
            ("x".repeat(LARGEST_MAIL + 1), "unreadable  too_large"),
        ] {
            assert_eq!(read(&raw), expected, "{}", raw.get(..raw.len().min(200)).unwrap_or_default());
        }
    }
}
