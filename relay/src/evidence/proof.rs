//! What the evidence proves about one mail: which domains vouch for which of its fields.

use super::Evidence;
use super::signature::Signatures;
use crate::address::Domain;
use crate::provider::Provider;
use jiff::Timestamp;

/// The evidence about a mail together with its own signatures, which say what a pass covers.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'m> {
    evidence: &'m Evidence,
    signatures: &'m Signatures,
}

impl<'m> Proof<'m> {
    /// Joins the evidence about a mail with the signatures of the same mail.
    pub fn new(evidence: &'m Evidence, signatures: &'m Signatures) -> Self {
        Self { evidence, signatures }
    }

    /// Whether the provider's own domain vouches for the mail, and so for its From.
    pub fn is_signed_by(&self, provider: &Provider) -> bool {
        self.vouches_for("from", |domain| provider.owns(domain))
    }

    /// Whether a domain that is `owned` vouches for a field of the mail, named in lower case.
    ///
    /// Its signature does if it covers the field (`signature`). DMARC says only that one of the domain's signatures
    /// passed, or SPF for a sender in it: so all its signatures must cover the field, or the mail came from its
    /// own servers, which wrote every field.
    pub(crate) fn vouches_for(&self, field: &str, owned: impl Fn(&Domain) -> bool) -> bool {
        let Self { evidence, signatures } = self;
        if evidence.dkim.iter().any(|domain| owned(domain) && signatures.cover(domain, field)) {
            return true;
        }
        if !evidence.dmarc.as_ref().is_some_and(&owned) {
            return false;
        }
        let mut signers = signatures.domains().filter(|domain| owned(domain)).peekable();
        let is_covered = signers.peek().is_some() && signers.all(|domain| signatures.cover(domain, field));
        is_covered || self.is_from_server_of(owned)
    }

    /// When a mail that an `owned` domain vouches for was written, by what the domain vouches for: the Date if a signature
    /// covers it, and the times at which its signatures were made. The earliest counts: anybody can add a signature that
    /// does not hold, and a report does not tell which of them passed. Returns `None` if nothing tells.
    pub(crate) fn written_at(&self, date: Option<Timestamp>, owned: impl Fn(&Domain) -> bool) -> Option<Timestamp> {
        let own: Vec<_> = self.signatures.of_domains(&owned).collect();
        let covers_date = own.iter().any(|signature| signature.covers("date")) || self.is_from_server_of(owned);
        own.iter().filter_map(|signature| signature.made_at).chain(date.filter(|_| covers_date)).min()
    }

    /// The signatures of `owned` domains as they stand in the mail (`b=`): no two mails have the same.
    pub(crate) fn signature_values(&self, owned: impl Fn(&Domain) -> bool) -> impl Iterator<Item = &'m str> {
        let values = self.signatures.of_domains(owned).map(|signature| &*signature.value);
        values.filter(|value| !value.is_empty())
    }

    /// The domains that vouch for the last hop.
    pub fn last_hop(&self) -> impl Iterator<Item = &'m Domain> {
        let Self { evidence, signatures } = *self;
        evidence.spf.iter().chain(evidence.dkim.iter().filter(|domain| signatures.cover(domain, "from")))
    }

    /// The envelope sender's domain, if SPF passed for it.
    pub(crate) fn spf(&self) -> Option<&'m Domain> {
        self.evidence.spf.as_ref()
    }

    /// Whether the mail came from a server that may send for an `owned` domain, which also vouches for From.
    fn is_from_server_of(&self, owned: impl Fn(&Domain) -> bool) -> bool {
        self.evidence.dmarc.as_ref().is_some_and(&owned) && self.evidence.spf.as_ref().is_some_and(&owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Mail;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn a_time_of_writing_is_what_the_domain_vouches_for() {
        let domain = |text| Domain::parse(text).expect("a domain");
        let signed = Evidence { dkim: vec![domain("arlo.com")], ..Evidence::default() };
        let sent = Evidence { dmarc: Some(domain("arlo.com")), spf: Some(domain("arlo.com")), ..Evidence::default() };
        for (about, evidence, signatures, date, expected) in [
            ("the Date that is covered", &signed, &["h=from:date"][..], Some(100), Some(100)),
            ("a Date that is not covered", &signed, &["h=from"], Some(100), None),
            ("the time of signing", &signed, &["h=from; t=90"], Some(100), Some(90)),
            ("the time of signing, without a Date", &signed, &["h=from:date; t=90"], None, Some(90)),
            ("the earlier of both", &signed, &["h=from:date; t=90"], Some(80), Some(80)),
            (
                "a signature that was added to hide an old Date",
                &signed,
                &["h=from:date", "h=from; t=900"],
                Some(100),
                Some(100),
            ),
            ("one that was added to cover a new Date", &signed, &["h=from; t=90", "h=from:date"], Some(900), Some(90)),
            ("another domain's time", &signed, &["h=from; d=other.example; t=10", "h=from"], None, None),
            ("no time at all", &signed, &["h=from; t=soon"], None, None),
            ("the Date of the domain's own server", &sent, &[], Some(100), Some(100)),
        ] {
            let field = |tags: &&str| {
                let domain = if tags.contains("d=") { "" } else { "d=arlo.com; " };
                format!("DKIM-Signature: a=rsa-sha256; {domain}{tags}\r\n")
            };
            let raw = format!("{}From: x@arlo.com\r\n\r\n", signatures.iter().map(field).collect::<String>());
            let signatures = Signatures::of(&Mail::parse(raw.as_bytes()).expect("a mail"));
            let proof = Proof::new(evidence, &signatures);
            let written = proof.written_at(date.map(at), |domain| domain.as_str() == "arlo.com");
            assert_eq!(written, expected.map(at), "{about}");
        }
    }
}
