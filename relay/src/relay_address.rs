//! The relay address: where mailboxes forward to.

use crate::address::{Address, Domain};
use crate::secret::Tag;

/// The plain relay address, e.g. `arlo@mfa.example.com`; with `+<tag>` it names one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayAddress(Address);

/// Why a text is not a relay address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay address must be a plain mail address without a '+', for example arlo@mfa.example.com")]
pub struct NotARelayAddress;

/// Which of the relay's addresses a mail was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `arlo+<tag>@…`: belongs to one mailbox, and only its owner knows the tag.
    Tagged(Tag),
    /// `arlo@…`: belongs to no mailbox.
    Plain,
}

impl RelayAddress {
    /// Parses the plain relay address.
    ///
    /// # Errors
    /// `text` is not one mail address, or its local part holds a `+`.
    pub fn parse(text: &str) -> Result<Self, NotARelayAddress> {
        Address::parse(text.trim()).filter(|address| !address.local().contains('+')).map(Self).ok_or(NotARelayAddress)
    }

    /// Which of this relay's addresses `address` is; `None` if it is not one of them. A tag is read in any case.
    pub fn destination(&self, address: &Address) -> Option<Destination> {
        let (local, label) = match address.local().split_once('+') {
            Some((local, label)) => (local, Some(label)),
            None => (address.local(), None),
        };
        if local != self.0.local() || address.domain() != self.0.domain() {
            return None;
        }
        match label {
            Some(label) => Tag::parse(label).map(Destination::Tagged),
            None => Some(Destination::Plain),
        }
    }

    /// The plain relay address.
    pub fn plain(&self) -> &str {
        self.0.as_str()
    }

    /// Its domain.
    pub fn domain(&self) -> Domain {
        self.0.domain()
    }

    /// The tagged relay address of one mailbox: what its owner pastes into the forwarding rule.
    pub fn tagged(&self, tag: &Tag) -> String {
        format!("{}+{}@{}", self.0.local(), tag.reveal(), self.0.domain().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_tagged_plain_or_another_hosts() {
        let relay = RelayAddress::parse("arlo@mfa.example.com").expect("a relay address");
        let tag = Tag::parse("k7f3q2m4x5z6a7b2").expect("a tag");
        for (address, expected) in [
            ("arlo@mfa.example.com", Some(Destination::Plain)),
            ("arlo+k7f3q2m4x5z6a7b2@mfa.example.com", Some(Destination::Tagged(tag.clone()))),
            ("ARLO+K7F3Q2M4X5Z6A7B2@MFA.example.com", Some(Destination::Tagged(tag.clone()))),
            ("arlo+short@mfa.example.com", None),
            ("other+k7f3q2m4x5z6a7b2@mfa.example.com", None),
            ("arlo@example.com", None),
        ] {
            let destination = relay.destination(&Address::parse(address).expect("an address"));
            assert_eq!(destination, expected, "{address}");
        }
        assert_eq!(relay.tagged(&tag), "arlo+k7f3q2m4x5z6a7b2@mfa.example.com");
    }

    #[test]
    fn the_plus_is_reserved_for_tags() {
        assert_eq!(RelayAddress::parse("arlo+x@mfa.example.com"), Err(NotARelayAddress));
    }
}
