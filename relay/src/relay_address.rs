//! The relay address: where mailboxes forward to.

use crate::address::Address;
use crate::secret::Tag;

/// The plain relay address, e.g. `arlo@mfa.example.com`; with `+<tag>` it names one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayAddress(Address);

/// Why a text is not a relay address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay address must be a plain mail address without a '+', for example arlo@mfa.example.com")]
pub struct NotARelayAddress;

/// The address at the relay to which a mail was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `arlo+<tag>@…`: names one mailbox, and only its owner knows the tag.
    Tagged(Tag),
    /// `arlo@…`: names nobody.
    Plain,
}

impl RelayAddress {
    /// Reads the plain relay address.
    pub fn parse(text: &str) -> Result<Self, NotARelayAddress> {
        Address::parse(text.trim()).filter(|address| !address.local().contains('+')).map(Self).ok_or(NotARelayAddress)
    }

    /// Which place at this relay an address names, if any. A tag counts in any case.
    pub fn place(&self, address: &Address) -> Option<Place> {
        let (local, label) = match address.local().split_once('+') {
            Some((local, label)) => (local, Some(label)),
            None => (address.local(), None),
        };
        if local != self.0.local() || address.domain() != self.0.domain() {
            return None;
        }
        match label {
            Some(label) => Tag::parse(label).map(Place::Tagged),
            None => Some(Place::Plain),
        }
    }

    /// The plain relay address.
    pub fn plain(&self) -> &str {
        self.0.as_str()
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
    fn a_place_is_tagged_plain_or_somebody_elses() {
        let relay = RelayAddress::parse("arlo@mfa.example.com").expect("a relay address");
        let tag = Tag::parse("k7f3q2m4x5z6a7b2").expect("a tag");
        for (address, expected) in [
            ("arlo@mfa.example.com", Some(Place::Plain)),
            ("arlo+k7f3q2m4x5z6a7b2@mfa.example.com", Some(Place::Tagged(tag.clone()))),
            ("ARLO+K7F3Q2M4X5Z6A7B2@MFA.example.com", Some(Place::Tagged(tag.clone()))),
            ("arlo+short@mfa.example.com", None),
            ("other+k7f3q2m4x5z6a7b2@mfa.example.com", None),
            ("arlo@example.com", None),
        ] {
            let place = relay.place(&Address::parse(address).expect("an address"));
            assert_eq!(place, expected, "{address}");
        }
        assert_eq!(relay.tagged(&tag), "arlo+k7f3q2m4x5z6a7b2@mfa.example.com");
    }

    #[test]
    fn the_plus_is_kept_for_tags() {
        assert_eq!(RelayAddress::parse("arlo+x@mfa.example.com"), Err(NotARelayAddress));
    }
}
