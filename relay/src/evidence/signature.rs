//! What a mail's own DKIM signatures cover (RFC 6376 section 3.5).
//!
//! A server that verifies signatures reports which domains signed, not what. So a reported domain counts only by the
//! mail's own `DKIM-Signature` fields of that domain: there is one, and *every* one of them is complete. A report does not
//! tell which of several it means, and a complete one that fails could otherwise lend its coverage to a weak one that
//! passes.

use crate::address::Domain;
use crate::mail::Mail;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The most tags of a signature; one with more does not count. The standard has 14.
const MOST_TAGS: usize = 32;

/// The most fields that a signature covers; one with more does not count. Of 7,909 real mails none had more than 156.
pub const MOST_COVERED: usize = 256;

/// The most signatures that are looked at; a mail with more counts as unsigned. A genuine mail has one for each host
/// that handled it.
const MOST_SIGNATURES: usize = 16;

/// The most signatures of one domain; a domain with more does not count. Real ones sign once for each kind of key.
const MOST_OF_ONE_DOMAIN: usize = 4;

/// The algorithms whose signatures prove anything. RFC 8301 section 3.1 ended `rsa-sha1`.
const ALGORITHMS: [&str; 2] = ["rsa-sha256", "ed25519-sha256"];

/// The signatures of a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// How many fields the mail has, also those that are no signature.
    fields: usize,
    parsed: Vec<Signature>,
}

/// One signature, as far as it decides anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    domain: Domain,
    /// The domain of the user or host that it was made for (`i=`): inside `domain`, or the same.
    agent: Domain,
    /// When it was made (`t=`), in whole seconds.
    pub(super) made_at: Option<Timestamp>,
    /// The signature itself (`b=`), in base64.
    pub(super) value: String,
    /// The names of the fields that it covers, in lower case. `None` if it is not complete.
    covers: Option<Vec<String>>,
}

impl Signatures {
    /// Parses the signatures of a mail.
    pub fn of(mail: &Mail<'_>) -> Self {
        let values = mail.fields().filter(|(name, _)| name.eq_ignore_ascii_case("dkim-signature"));
        let parsed: Vec<_> = values.take(MOST_SIGNATURES + 1).map(|(_, value)| Signature::parse(&value)).collect();
        let fields = parsed.len();
        let parsed = if fields > MOST_SIGNATURES { Vec::new() } else { parsed.into_iter().flatten().collect() };
        Self { fields, parsed }
    }

    /// The domain that signed for an agent (`i=`), which is all that some servers report. It is the agent's own domain unless
    /// exactly one other signed for it.
    pub(super) fn signer_for(&self, agent: Domain) -> Domain {
        let mut signers = self.parsed.iter().filter(|signature| signature.agent == agent).map(|found| &found.domain);
        match (signers.next(), signers.next()) {
            (Some(only), None) => only.clone(),
            _ => agent,
        }
    }

    /// How many `DKIM-Signature` fields the mail has.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Whether a reported pass of `domain` counts: the mail has a signature of it, and each of them is complete and
    /// covers `field`, a name in lower case.
    pub(super) fn cover(&self, domain: &Domain, field: &str) -> bool {
        let own: Vec<_> = self.of_domains(|signer| signer == domain).collect();
        (1..=MOST_OF_ONE_DOMAIN).contains(&own.len()) && own.iter().all(|signature| signature.covers(field))
    }

    /// The signatures of these domains, complete or not.
    pub(super) fn of_domains(&self, wanted: impl Fn(&Domain) -> bool) -> impl Iterator<Item = &Signature> {
        self.parsed.iter().filter(move |signature| wanted(&signature.domain))
    }

    /// The domains that have signed, whether or not their signatures are complete.
    pub fn domains(&self) -> impl Iterator<Item = &Domain> {
        self.parsed.iter().map(|signature| &signature.domain)
    }
}

impl Signature {
    /// Parses the value of a `DKIM-Signature` field. Returns `None` if it names no domain, or is no list of tags: then no
    /// verifier passes it either.
    fn parse(value: &str) -> Option<Self> {
        let tags = tags(value)?;
        let domain = Domain::parse(tags.get("d")?)?;
        let made_at = tags.get("t").and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
        let value = tags.get("b").cloned().unwrap_or_default();
        let agent = match tags.get("i") {
            None => domain.clone(),
            Some(identity) => identity.rsplit('@').next().and_then(Domain::parse)?,
        };
        // The agent must be inside the signing domain (RFC 6376 section 3.5).
        let covers = covered(&tags).filter(|_| agent.is_within(domain.as_str()));
        Some(Self { domain, agent, made_at, value, covers })
    }

    /// Whether it is complete and covers a field, named in lower case.
    pub(super) fn covers(&self, field: &str) -> bool {
        self.covers.as_ref().is_some_and(|covered| covered.iter().any(|name| name == field))
    }
}

/// The fields that a complete signature covers. `l=` leaves the end of the body open to anyone (RFC 6376 section 8.2).
fn covered(tags: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let has_algorithm = tags.get("a").is_some_and(|name| ALGORITHMS.iter().any(|own| name.eq_ignore_ascii_case(own)));
    if !has_algorithm || tags.contains_key("l") {
        return None;
    }
    let fields: Vec<String> = tags.get("h")?.split(':').map(|name| name.trim().to_ascii_lowercase()).collect();
    let is_complete = fields.len() <= MOST_COVERED && fields.iter().any(|name| name == "from");
    is_complete.then_some(fields)
}

/// The tags of a list (RFC 6376 section 3.2), without the blanks and line ends inside their values. Returns `None` if it is
/// no list of tags, has too many, or one of them twice.
fn tags(value: &str) -> Option<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for tag in value.split(';').map(str::trim).filter(|tag| !tag.is_empty()) {
        let (name, value) = tag.split_once('=')?;
        let value = value.split_whitespace().collect();
        if tags.len() == MOST_TAGS || tags.insert(name.trim().to_owned(), value).is_some() {
            return None;
        }
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "v=1; a=rsa-sha256; d=arlo.com; s=s1; h=From : To:\r\n Subject; bh=x; b=y";

    /// Whether a pass of arlo.com counts for From and for To, with these signatures in the mail.
    fn counts(signatures: &[&str]) -> (bool, bool) {
        let fields: Vec<_> = signatures.iter().map(|value| format!("DKIM-Signature: {value}\r\n")).collect();
        let raw = format!("{}From: x@arlo.com\r\n\r\n", fields.concat());
        let signatures = Signatures::of(&Mail::parse(raw.as_bytes()).expect("a mail"));
        let domain = Domain::parse("arlo.com").expect("a domain");
        (signatures.cover(&domain, "from"), signatures.cover(&domain, "to"))
    }

    #[test]
    fn a_signature_counts_for_the_fields_that_it_covers() {
        assert_eq!(counts(&[WHOLE]), (true, true));
        assert_eq!(counts(&[&WHOLE.replace("From : To:\r\n Subject", "from")]), (true, false));
        assert_eq!(counts(&[&WHOLE.replace("From : ", "")]), (false, false));
        assert_eq!(counts(&[]), (false, false));
    }

    #[test]
    fn a_weak_signature_does_not_count() {
        for (strong, weak) in [
            ("bh=x", "bh=x; l=100"),
            ("rsa-sha256", "rsa-sha1"),
            ("a=rsa-sha256;", ""),
            ("s=s1", "i=@evil.example"),
            ("s=s1", "s=s1; h=from:to"),
            ("d=arlo.com", "d=evil.example"),
            ("v=1", "v"),
        ] {
            assert_eq!(counts(&[&WHOLE.replace(strong, weak)]), (false, false), "{weak}");
        }
        assert_eq!(counts(&[&WHOLE.replace("s=s1", "i=code@mail.arlo.com")]), (true, true));
    }

    #[test]
    fn a_complete_signature_lends_nothing_to_a_weak_one_of_its_domain() {
        let weak = WHOLE.replace("bh=x", "bh=x; l=100");
        assert_eq!(counts(&[WHOLE, &weak]), (false, false));
        assert_eq!(counts(&[WHOLE, &WHOLE.replace("From : To:\r\n Subject", "from")]), (true, false));
        let other = weak.replace("arlo.com", "evil.example");
        assert_eq!(counts(&[WHOLE, &other]), (true, true), "another domain's is not asked");
        assert_eq!(counts(&[WHOLE; MOST_OF_ONE_DOMAIN]), (true, true));
        assert_eq!(counts(&[WHOLE; MOST_OF_ONE_DOMAIN + 1]), (false, false));
        let others = |count| [vec![WHOLE], vec![&*other; count]].concat();
        assert_eq!(counts(&others(MOST_SIGNATURES - 1)), (true, true));
        assert_eq!(counts(&others(MOST_SIGNATURES)), (false, false));
    }

    #[test]
    fn a_signature_that_covers_too_many_fields_does_not_count() {
        let many = |count: usize| WHOLE.replace("From : To", &format!("From : To{}", ":x".repeat(count)));
        assert_eq!(counts(&[&many(MOST_COVERED - 3)]), (true, true));
        assert_eq!(counts(&[&many(MOST_COVERED - 2)]), (false, false));
    }

    proptest! {
        #[test]
        fn any_value_is_read_without_panic(value in "([a-z]=|;|[: \t@.]|arlo\\.com|from|\u{e9}){0,60}") {
            Signature::parse(&value);
        }
    }
}
