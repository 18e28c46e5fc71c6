//! What is proven about a mail, as the server that accepted it reports.

pub mod authentication_results;
mod signature;

use crate::address::{Address, Domain};
use crate::mail::Mail;
use crate::provider::Provider;
use authentication_results::{AuthenticationResults, MethodResult};
use signature::Signatures;
use std::borrow::Cow;

/// The domains for which a check has passed. A check that failed or was not made proves nothing and is not here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The envelope sender's domain, if SPF passed for it (RFC 7208).
    pub spf: Option<Domain>,
    /// The domains whose DKIM signature holds (RFC 6376).
    pub dkim: Vec<Domain>,
    /// The domain of From, if DMARC passed for it (RFC 7489).
    pub dmarc: Option<Domain>,
}

/// The server that accepts mail for the relay, and how its own header fields are told from the sender's.
#[derive(Debug)]
pub struct Receiver {
    /// The name under which it reports (RFC 8601 section 2.5).
    pub authserv_id: Cow<'static, str>,
    /// The fields that it writes above its report, each at most once, in lower case. Anything else up there means
    /// that the report is not its own. `None` if they are not known.
    pub fields_above: Option<&'static [&'static str]>,
}

impl Receiver {
    /// A receiver of which only the name is known. It is assumed to follow RFC 8601 section 5: it removes reports in its own
    /// name from every mail that it accepts, so the topmost one is its own.
    pub fn named(authserv_id: String) -> Self {
        Self { authserv_id: Cow::Owned(authserv_id), fields_above: None }
    }

    /// Whether a field may stand above the report, below those others.
    fn may_write(&self, name: &str, value: &str, above: &[String]) -> bool {
        let Some(own) = self.fields_above else { return true };
        own.contains(&name) && !above.iter().any(|other| other == name) && !carries_syntax(name, value)
    }
}

impl Evidence {
    /// Reads the receiver's own report from the top of a mail.
    ///
    /// Anyone can write `Authentication-Results` into a mail, so only the topmost counts, only with the receiver's
    /// name, and only if nothing but the receiver's own fields stands above it (RFC 8601 section 7.1).
    pub fn reported_by(receiver: &Receiver, mail: &Mail<'_>) -> Self {
        let mut above: Vec<String> = Vec::new();
        let mut null_sender = false;
        for (name, value) in mail.fields() {
            let name = name.to_ascii_lowercase();
            if name == "authentication-results" {
                let report = AuthenticationResults::parse(&value)
                    .filter(|report| report.authserv_id.eq_ignore_ascii_case(&receiver.authserv_id));
                let evidence = report.map(|report| Self::from_results(&report.results)).unwrap_or_default();
                // For a null sender, SPF checks the greeting and reports it as a sender (RFC 7208 section 2.4).
                return Self { spf: evidence.spf.filter(|_| !null_sender), ..evidence };
            }
            if !receiver.may_write(&name, &value, &above) {
                break;
            }
            null_sender |= name == "return-path" && value.trim() == "<>";
            above.push(name);
        }
        Self::default()
    }

    /// Whether the provider's own domain vouches for the mail, and so for its From.
    pub fn is_signed_by(&self, provider: &Provider, mail: &Mail<'_>) -> bool {
        self.vouches_for("from", mail, |domain| provider.owns(domain))
    }

    /// Whether a domain that is `owned` vouches for a field of the mail, named in lower case.
    ///
    /// Its signature does if it covers the field (`signature`). DMARC says only that one of the domain's signatures
    /// passed, or SPF for a sender in it: so all its signatures must cover the field, or the mail came from its
    /// own servers, which wrote every field.
    pub(crate) fn vouches_for(&self, field: &str, mail: &Mail<'_>, owned: impl Fn(&Domain) -> bool) -> bool {
        let signatures = Signatures::of(mail);
        if self.dkim.iter().any(|domain| owned(domain) && signatures.cover(domain, field)) {
            return true;
        }
        if !self.dmarc.as_ref().is_some_and(&owned) {
            return false;
        }
        let mut signers = signatures.domains().filter(|domain| owned(domain)).peekable();
        let is_covered = signers.peek().is_some() && signers.all(|domain| signatures.cover(domain, field));
        is_covered || self.spf.as_ref().is_some_and(&owned)
    }

    /// The domains that vouch for the last hop.
    pub fn last_hop(&self) -> impl Iterator<Item = &Domain> {
        self.spf.iter().chain(&self.dkim)
    }

    fn from_results(results: &[MethodResult]) -> Self {
        let passed = |method: &'static str| results.iter().filter(move |result| result.is(method, "pass"));
        let dkim =
            passed("dkim").filter_map(|result| domain_in(result.property("header.d").or(result.property("header.i"))?));
        let dmarc = passed("dmarc").find_map(|result| Domain::parse(result.property("header.from")?));
        // SES reports the envelope sender as a separate result, beside the one of SPF.
        let beside = results.iter().find_map(|result| result.property("envelope-from"));
        let spf = passed("spf").find_map(|result| envelope_domain(result, beside));
        Self { spf, dkim: dkim.collect(), dmarc }
    }
}

/// The envelope sender that SPF was asked about: `smtp.mailfrom` (RFC 8601 section 2.7.2), or an `envelope-from` in the
/// result or beside it. Without an envelope sender, SPF passed for a host's name and proves nothing here.
fn envelope_domain(spf: &MethodResult, beside: Option<&str>) -> Option<Domain> {
    let sender = spf.property("smtp.mailfrom").or_else(|| spf.property("envelope-from")).or(beside)?;
    if sender.contains('@') { Address::parse(sender).map(|address| address.domain()) } else { Domain::parse(sender) }
}

/// The domain in `@arlo.com`, `someone@arlo.com` or `arlo.com`.
fn domain_in(identity: &str) -> Option<Domain> {
    Domain::parse(identity.rsplit('@').next()?)
}

/// Whether a field that repeats the peer's own words holds what would read as syntax in the report below: a peer can
/// put `;dkim=pass` into its greeting or its envelope sender. The date of Received is set off by the one `;` it needs.
fn carries_syntax(name: &str, value: &str) -> bool {
    let needed = match name {
        "received" => 1,
        // It has the syntax of the report itself, and nothing reads it.
        "received-spf" => return false,
        _ => 0,
    };
    let count = |sign: u8| value.bytes().filter(|&b| b == sign).count();
    count(b'"') + count(b'\\') > 0 || count(b';') > needed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes its report as SES does (FACTS section 3).
    static RECEIVER: Receiver = Receiver {
        authserv_id: Cow::Borrowed("amazonses.com"),
        fields_above: Some(&["return-path", "received", "received-spf"]),
    };

    const RECEIVED: &str = "Received: from mail.example ([192.0.2.1]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id x for arlo@mfa.example.com; Sat, 21 Nov 2026 20:01:12 +0000 (UTC)";
    const PASS: &str = "Authentication-Results: amazonses.com; spf=pass (spfCheck: domain of gmail.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1; envelope-from=me+caf_=arlo=mfa.example.com@gmail.com; helo=mail.example; dkim=pass header.i=@gmail.com; dkim=pass header.i=@arlo.com; dmarc=pass header.from=arlo.com;";

    /// SPF, DKIM and DMARC domains read from a mail with these fields on top.
    fn read(fields: &[&str]) -> String {
        let raw = format!("{}\r\nFrom: x@arlo.com\r\n\r\n", fields.join("\r\n"));
        let Ok(mail) = Mail::parse(raw.as_bytes()) else { return "unreadable".to_owned() };
        let evidence = Evidence::reported_by(&RECEIVER, &mail);
        let names = |domains: &[Domain]| domains.iter().map(Domain::as_str).collect::<Vec<_>>().join(",");
        let one = |domain: &Option<Domain>| names(domain.as_slice());
        format!("{} {} {}", one(&evidence.spf), names(&evidence.dkim), one(&evidence.dmarc))
    }

    #[test]
    fn the_receivers_own_report_counts() {
        assert_eq!(read(&["Return-Path: <x@gmail.com>", RECEIVED, PASS]), "gmail.com gmail.com,arlo.com arlo.com");
    }

    #[test]
    fn of_a_receiver_that_is_only_named_the_topmost_report_counts() {
        let google = Receiver::named("mx.google.com".to_owned());
        let read = |raw: &str| Evidence::reported_by(&google, &Mail::parse(raw.as_bytes()).expect("a mail")).dkim;
        let own = "Delivered-To: me@gmail.com\r\nReceived: by a\r\nReceived: by b\r\nAuthentication-Results: mx.google.com; dkim=pass header.i=@arlo.com\r\n";
        assert_eq!(read(&format!("{own}\r\n")), [Domain::parse("arlo.com").expect("a domain")]);
        assert_eq!(read(&format!("{PASS}\r\n{own}\r\n")), []);
    }

    #[test]
    fn spf_for_a_greeting_proves_nothing_about_a_sender() {
        let greeting =
            "Authentication-Results: amazonses.com; spf=pass; envelope-from=postmaster@gmail.com; helo=gmail.com;";
        assert_eq!(read(&["Return-Path: <>", RECEIVED, greeting]), "  ");
    }

    #[test]
    fn a_report_below_anything_of_the_senders_does_not_count() {
        let none = "  ";
        let other = "Authentication-Results: amazonses.com; dkim=none; dmarc=none";
        for fields in [
            &["X-SES-RECEIPT: x", PASS][..],
            &[RECEIVED, "Received: from a by b; Sat, 21 Nov 2026 20:01:12 +0000", PASS],
            &["Subject: x", PASS],
            &[other, PASS],
            &["Authentication-Results: mx.google.com; dkim=pass header.i=@arlo.com", PASS],
            &["From: a@arlo.com", PASS],
        ] {
            assert_eq!(read(fields), none, "{fields:?}");
        }
    }

    #[test]
    fn a_peer_cannot_write_the_report_by_its_greeting_or_its_envelope_sender() {
        let greeting = RECEIVED.replace("from mail.example", "from x;dkim=pass header.i=@arlo.com");
        let roundabout = RECEIVED.replace("from mail.example", "from x by y;dkim=pass header.i=@arlo.com");
        let sender = "Return-Path: <\"x; dkim=pass header.i=@arlo.com; \"@evil.example>";
        let unquoted = "Return-Path: <x;dkim=pass@evil.example>";
        for fields in [&[&*greeting, PASS][..], &[&roundabout, PASS], &[sender, PASS], &[unquoted, PASS]] {
            assert_eq!(read(fields), "  ", "{fields:?}");
        }
    }

    #[test]
    fn only_a_pass_proves_anything_and_only_for_its_own_domain() {
        for (results, expected) in [
            ("dkim=fail header.i=@arlo.com; dkim=pass header.i=@evil.example", " evil.example "),
            ("dkim=none (dkim=pass header.i=@arlo.com)", "  "),
            ("dkim=pass (good; really) header.d=mail.arlo.com header.i=@mail.arlo.com", " mail.arlo.com "),
            ("dkim = pass header.i = someone@arlo.com", " arlo.com "),
            ("dkim=pass", "  "),
            ("spf=pass client-ip=192.0.2.1; envelope-from=; helo=arlo.com", "  "),
            ("spf=pass client-ip=192.0.2.1; envelope-from=<>; helo=arlo.com", "  "),
            ("spf=pass smtp.mailfrom=gmail.com", "gmail.com  "),
            ("spf=pass smtp.mailfrom=me@gmail.com smtp.helo=x", "gmail.com  "),
            ("spf=softfail; envelope-from=me@gmail.com", "  "),
            ("spf=pass; envelope-from=\"x; dkim=pass header.i=@arlo.com; \"@evil.example", "  "),
            ("dmarc=pass (p=reject) header.from=arlo.com", "  arlo.com"),
            ("dmarc=fail header.from=arlo.com", "  "),
        ] {
            assert_eq!(read(&[&format!("Authentication-Results: amazonses.com; {results}")]), expected, "{results}");
        }
    }
}
