//! Mail addresses and domains, as the rules compare them.

/// A mail domain in lower case, e.g. `arlo.com`.
///
/// Labels are letters, digits, `-` and `_`; a domain outside ASCII keeps its own letters (RFC 6531).
///
/// A domain may be a family's name: `Debug` shows none.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[debug("Domain(…)")]
pub struct Domain(String);

impl Domain {
    /// Parses a domain name. Returns `None` if `text` is not a valid one (RFC 1035 section 2.3.4).
    pub fn parse(text: &str) -> Option<Self> {
        // RFC 1035 section 2.3.4: 255 octets on the wire, 253 as text.
        const LONGEST: usize = 253;
        let labels_hold = text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        });
        (labels_hold && text.len() <= LONGEST).then(|| Self(text.to_ascii_lowercase()))
    }

    /// This domain and those that it is a subdomain of, except for the top-level domain.
    pub fn and_parents(&self) -> impl Iterator<Item = Self> {
        let starts = std::iter::once(0).chain(self.0.match_indices('.').map(|(at, _)| at + 1));
        let is_registrable = |domain: &&str| domain.contains('.');
        starts.filter_map(|start| self.0.get(start..)).filter(is_registrable).map(|domain| Self(domain.to_owned()))
    }

    /// Whether this is `parent` or one of its subdomains.
    pub fn is_within(&self, parent: &str) -> bool {
        self.0.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One mail address: a dot-atom local part and a domain (RFC 5321 section 4.1.2).
///
/// Quoted local parts, comments and routes are not addresses here: no provider and no mailbox needs them, and they
/// are how one address hides behind another.
///
/// Addresses are personal: `Debug` shows none.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[debug("Address(…)")]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// Parses `local@domain` and makes it lower case. Returns `None` if `text` is anything else or more.
    pub fn parse(text: &str) -> Option<Self> {
        // RFC 5321 section 4.5.3.1.3: a path is 256 octets at most. Forwarders exceed the 64 octets of a local part.
        const LONGEST: usize = 256;
        let (local, domain) = text.split_once('@')?;
        let domain = Domain::parse(domain)?;
        let local_holds = !local.is_empty() && local.chars().all(is_atom_or_dot);
        let text = format!("{}@{}", local.to_ascii_lowercase(), domain.as_str());
        let at = text.find('@')?;
        (local_holds && text.len() <= LONGEST).then_some(Self { text, at })
    }

    /// The local part, in lower case.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The domain.
    pub fn domain(&self) -> Domain {
        Domain(self.text.get(self.at + 1..).unwrap_or_default().to_owned())
    }

    /// The whole address in lower case.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// `atext` of RFC 5322 section 3.2.3 with the letters of RFC 6531, and the dot.
fn is_atom_or_dot(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parents_of_a_domain_end_below_the_top() {
        let parents = |domain| {
            let domain = Domain::parse(domain).expect("a domain");
            domain.and_parents().map(|parent| parent.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            parents("srs.mail.owner.example"),
            ["srs.mail.owner.example", "mail.owner.example", "owner.example"]
        );
        assert_eq!(parents("owner.example"), ["owner.example"]);
    }

    #[test]
    fn only_plain_addresses_are_addresses() {
        for (text, expected) in [
            ("do_not_reply@arlo.com", Some("do_not_reply@arlo.com")),
            ("Me+Garden@Example.ORG", Some("me+garden@example.org")),
            ("user+caf_=arlo+k7f3=mfa.example.com@gmail.com", Some("user+caf_=arlo+k7f3=mfa.example.com@gmail.com")),
            ("\"do_not_reply@arlo.com\"@evil.example", None),
            ("a@b@c.example", None),
            ("a b@c.example", None),
            ("@c.example", None),
            ("a@", None),
            ("a@.example", None),
            ("a@b..example", None),
            ("a@b.example\r\nBcc: c@d.example", None),
            ("", None),
        ] {
            assert_eq!(Address::parse(text).as_ref().map(Address::as_str), expected, "{text}");
        }
    }

    #[test]
    fn a_subdomain_is_within_and_a_look_alike_is_not() {
        for (domain, within) in [
            ("arlo.com", true),
            ("mail.arlo.com", true),
            ("evilarlo.com", false),
            ("arlo.com.evil.example", false),
            ("com", false),
        ] {
            assert_eq!(Domain::parse(domain).is_some_and(|d| d.is_within("arlo.com")), within, "{domain}");
        }
    }

    /// Outside ASCII, lower case would turn the Kelvin sign into a k, and a stranger's domain into a provider's.
    #[test]
    fn letters_that_only_look_alike_stay_apart() {
        let domain = Domain::parse("blin\u{212a}forhome.com").expect("a domain");
        assert!(!domain.is_within("blinkforhome.com"));
    }

    #[test]
    fn debug_shows_no_address() {
        assert_eq!(format!("{:?}", Address::parse("me@gmail.com")), "Some(Address(…))");
    }
}
