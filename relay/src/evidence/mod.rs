//! What is proven about a mail, as the server that accepted it reports.

pub mod authentication_results;
mod proof;
mod signature;

pub use proof::Proof;
pub use signature::{MOST_COVERED, Signatures};

use crate::address::{Address, Domain};
use crate::mail::Mail;
use authentication_results::{AuthenticationResults, MethodResult};
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

/// How far the checks of a mail have come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// What has passed.
    pub passed: Evidence,
    /// What may still pass: its check has not been answered, and perhaps never is.
    pub open: Evidence,
}

impl Checks {
    /// Before any check: everything that the mail claims may pass.
    pub fn of_claims(mail: &Mail<'_>, signatures: &Signatures, sender: Option<&Address>) -> Self {
        let open = Evidence {
            spf: sender.map(Address::domain),
            dkim: signatures.domains().cloned().collect(),
            dmarc: mail.sole_from().map(|author| author.domain()),
        };
        Self { open, ..Self::default() }
    }

    /// What would be proven if every open check passed.
    pub fn at_best(&self) -> Evidence {
        let Self { passed, open } = self;
        Evidence {
            spf: passed.spf.clone().or_else(|| open.spf.clone()),
            dkim: passed.dkim.iter().chain(&open.dkim).cloned().collect(),
            dmarc: passed.dmarc.clone().or_else(|| open.dmarc.clone()),
        }
    }

    /// Whether there is nothing left to wait for.
    pub fn are_complete(&self) -> bool {
        self.open == Evidence::default()
    }
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
    /// A receiver of which only the name is known; it may be empty, as at Microsoft, or the domain of several names, as at
    /// Apple. It is assumed to follow RFC 8601 section 5: it removes reports in its own name from every mail that it accepts,
    /// so the topmost ones are its own.
    pub fn named(authserv_id: String) -> Self {
        Self { authserv_id: Cow::Owned(authserv_id), fields_above: None }
    }

    /// Whether its format is known to the letter.
    fn is_known(&self) -> bool {
        self.fields_above.is_some()
    }

    /// Whether a report is in its name.
    fn wrote(&self, report: &AuthenticationResults) -> bool {
        let (own, name) = (self.authserv_id.to_ascii_lowercase(), report.authserv_id.to_ascii_lowercase());
        let is_within = || name.strip_suffix(&own).is_some_and(|host| host.ends_with('.'));
        name == own || (!self.is_known() && !own.is_empty() && is_within())
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
    /// name, and only if nothing but the receiver's own fields stands above it (RFC 8601 section 7.1). A receiver of which
    /// only the name is known may write a field for each check: those that follow the topmost one in its name count as well.
    pub fn reported_by(receiver: &Receiver, mail: &Mail<'_>, signatures: &Signatures) -> Self {
        let mut above: Vec<String> = Vec::new();
        let mut null_sender = false;
        let mut results = Vec::new();
        for (name, value) in mail.fields() {
            let name = name.to_ascii_lowercase();
            if name == "authentication-results" {
                let Some(report) = AuthenticationResults::parse(&value).filter(|report| receiver.wrote(report)) else {
                    break;
                };
                results.extend(report.results);
                if receiver.is_known() {
                    break;
                }
            } else if !receiver.may_write(&name, &value, &above) {
                break;
            }
            null_sender |= name == "return-path" && value.trim() == "<>";
            above.push(name);
        }
        results.retain(|result| result.is_plain || !receiver.is_known());
        let evidence = Self::from_results(&results, signatures);
        // For a null sender, SPF checks the greeting and reports it as a sender (RFC 7208 section 2.4).
        Self { spf: evidence.spf.filter(|_| !null_sender), ..evidence }
    }

    fn from_results(results: &[MethodResult], signatures: &Signatures) -> Self {
        let passed = |method: &'static str| results.iter().filter(move |result| result.is(method, "pass"));
        let mut dkim: Vec<Domain> = passed("dkim")
            .filter_map(|result| match result.property("header.d") {
                Some(domain) => domain_in(domain),
                None => Some(signatures.signer_for(domain_in(result.property("header.i")?)?)),
            })
            .collect();
        // Each result is one signature's. More of them than signatures: somebody else's words are among them.
        if results.iter().filter(|result| result.is_about("dkim")).count() > signatures.fields().max(1) {
            dkim.clear();
        }
        // SES wrote `properties.from` in 2019.
        let dmarc = passed("dmarc")
            .find_map(|result| Domain::parse(result.property("header.from").or(result.property("properties.from"))?));
        // SES reports the envelope sender as a separate result, beside the one of SPF.
        let beside = results.iter().find_map(|result| result.property("envelope-from"));
        let spf = passed("spf").find_map(|result| envelope_domain(result, beside));
        Self { spf, dkim, dmarc }
    }
}

/// The domain of the envelope sender that SPF was asked about: `smtp.mailfrom` (RFC 8601 section 2.7.2), or an
/// `envelope-from` in the result or beside it. Without an envelope sender, SPF passed for a host's name and proves nothing.
fn envelope_domain(spf: &MethodResult, beside: Option<&str>) -> Option<Domain> {
    domain_in(spf.property("smtp.mailfrom").or_else(|| spf.property("envelope-from")).or(beside)?)
}

/// The domain in `@arlo.com`, `someone@arlo.com` or `arlo.com`.
fn domain_in(identity: &str) -> Option<Domain> {
    Domain::parse(identity.rsplit('@').next()?)
}

/// Whether a field that repeats the peer's own words holds what would read as syntax in the report below: a peer can
/// put `;dkim=pass` into its greeting or its envelope sender. The date of Received is set off by the one `;` it needs.
fn carries_syntax(name: &str, value: &str) -> bool {
    let (needed, comments) = match name {
        "received" => (1, true),
        // It has the syntax of the report itself, and nothing reads it.
        "received-spf" => return false,
        _ => (0, false),
    };
    let count = |signs: &[u8]| value.bytes().filter(|b| signs.contains(b)).count();
    count(b"\"\\") > 0 || count(b";") > needed || (!comments && count(b"()") > 0)
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
        let signatures = "DKIM-Signature: x\r\n".repeat(2);
        let raw = format!("{}\r\n{signatures}From: x@arlo.com\r\n\r\n", fields.join("\r\n"));
        evidence_in(&RECEIVER, &raw)
    }

    /// SPF, DKIM and DMARC domains that this receiver reports.
    fn evidence_in(receiver: &Receiver, raw: &str) -> String {
        let Ok(mail) = Mail::parse(raw.as_bytes()) else { return "unreadable".to_owned() };
        let evidence = Evidence::reported_by(receiver, &mail, &Signatures::of(&mail));
        let names = |domains: &[Domain]| domains.iter().map(Domain::as_str).collect::<Vec<_>>().join(",");
        let one = |domain: &Option<Domain>| names(domain.as_slice());
        format!("{} {} {}", one(&evidence.spf), names(&evidence.dkim), one(&evidence.dmarc))
    }

    #[test]
    fn the_receivers_own_report_counts() {
        assert_eq!(read(&["Return-Path: <x@gmail.com>", RECEIVED, PASS]), "gmail.com gmail.com,arlo.com arlo.com");
    }

    #[test]
    fn of_a_receiver_that_is_only_named_the_topmost_reports_count() {
        let signatures = "DKIM-Signature: x\r\nDKIM-Signature: y\r\n\r\n";
        let read =
            |name: &str, raw: &str| evidence_in(&Receiver::named(name.to_owned()), &format!("{raw}{signatures}"));
        let own = "Delivered-To: me@gmail.com\r\nReceived: by a\r\nReceived: by b\r\nAuthentication-Results: mx.google.com; dkim=pass header.i=@arlo.com header.b=\"a/b;c\"; spf=pass (google.com: domain of x) smtp.mailfrom=\"a b\"@arlo.com\r\n";
        assert_eq!(read("mx.google.com", own), "arlo.com arlo.com ");
        assert_eq!(read("mx.google.com", &format!("{PASS}\r\n{own}")), "  ");
        let microsoft = "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=arlo.com; dkim=pass (signature was verified) header.d=arlo.com;dmarc=pass action=none header.from=arlo.com;compauth=pass reason=100\r\n";
        assert_eq!(read("", microsoft), "arlo.com arlo.com arlo.com");
        assert_eq!(read("mx.google.com", microsoft), "  ");
        let fastmail = "Authentication-Results: mx1.messagingengine.com; dkim=pass header.d=arlo.com\r\nX-ME-Score: 1\r\nAuthentication-Results: mx1.messagingengine.com; spf=pass smtp.mailfrom=arlo.com\r\n";
        assert_eq!(read("mx1.messagingengine.com", fastmail), "arlo.com arlo.com ");
        let icloud = "Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=arlo.com\r\nAuthentication-Results: dkim-verifier.icloud.com; dkim=pass header.d=arlo.com\r\n";
        assert_eq!(read("icloud.com", icloud), " arlo.com arlo.com");
        assert_eq!(read("loud.com", icloud), "  ");
    }

    #[test]
    fn a_signature_that_is_reported_by_its_agent_is_its_domains() {
        let read = |signatures: &[&str]| {
            let fields: Vec<_> = signatures.iter().map(|tags| format!("DKIM-Signature: {tags}\r\n")).collect();
            let report = "Authentication-Results: amazonses.com; dkim=pass header.i=@mail.arlo.com";
            evidence_in(&RECEIVER, &format!("{report}\r\n{}From: x@arlo.com\r\n\r\n", fields.concat()))
        };
        assert_eq!(read(&["d=arlo.com; i=@mail.arlo.com"]), " arlo.com ");
        assert_eq!(read(&["d=mail.arlo.com"]), " mail.arlo.com ");
        assert_eq!(read(&["d=arlo.com; i=@mail.arlo.com", "d=mail.arlo.com"]), " mail.arlo.com ", "it may be either");
        assert_eq!(read(&["d=arlo.com"]), " mail.arlo.com ");
    }

    #[test]
    fn more_results_than_signatures_prove_no_signature() {
        let two = "Authentication-Results: amazonses.com; dkim=pass header.i=@gmail.com; dkim=pass header.i=@arlo.com";
        assert_eq!(read(&[two]), " gmail.com,arlo.com ");
        assert_eq!(read(&[&format!("{two}; dkim=pass header.i=@a.example")]), "  ");
        assert_eq!(read(&[&format!("{two}; dkim=fail header.i=@a.example")]), "  ");
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
            ("dkim=pass header.i=someone@arlo.com", " arlo.com "),
            ("dkim=pass header.i=@arlo.com dkim=pass header.i=@gmail.com", "  "),
            // Blanks, quotes and a second comment void the result that they stand in, and no other.
            ("dkim = pass header.i = @arlo.com; dmarc=pass header.from=arlo.com", "  arlo.com"),
            ("dkim=pass header.i=@arlo.com x; dmarc=pass header.from=arlo.com", "  arlo.com"),
            ("dkim=pass header.i=\"@arlo.com\"; dmarc=pass header.from=arlo.com", "  arlo.com"),
            ("dkim=pass header.i=@arlo.com (x); dmarc=pass header.from=arlo.com", "  arlo.com"),
            ("spf=pass (domain of x) smtp.mailfrom=arlo.com (y designates)", "  "),
            ("dmarc=pass properties.from=arlo.com", "  arlo.com"),
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
