//! Mailboxes in canonical form, and the keyed hashes under which they are stored.

use crate::address::{Address, Domain};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The address at which the owner receives the code, in canonical form (DESIGN section 5): lower case, without
/// `+label`, at Gmail without dots and always `gmail.com`.
///
/// Mailboxes are personal: `Debug` shows none.
#[derive(derive_more::Debug, Clone, PartialEq, Eq)]
#[debug("Mailbox(…)")]
pub struct Mailbox(Address);

/// Why a text is not a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a mail address; give the mailbox that receives the codes, for example me@gmail.com")]
pub struct NotAMailbox;

impl Mailbox {
    /// Parses a mailbox as a person types it: blanks around it and upper case are accepted.
    ///
    /// # Errors
    /// `text` is not one mail address.
    pub fn parse(text: &str) -> Result<Self, NotAMailbox> {
        Address::parse(text.trim()).ok_or(NotAMailbox).and_then(|address| Self::of(&address))
    }

    /// The mailbox that an address belongs to.
    ///
    /// # Errors
    /// Nothing is left of the local part.
    pub fn of(address: &Address) -> Result<Self, NotAMailbox> {
        let local = address.local().split('+').next().unwrap_or_default();
        let domain = canonical_domain(&address.domain());
        let canonical = if domain.as_str() == GMAIL {
            format!("{}@{GMAIL}", local.replace('.', ""))
        } else {
            format!("{local}@{}", domain.as_str())
        };
        Address::parse(&canonical).map(Self).ok_or(NotAMailbox)
    }

    /// The mailbox's own domain: the one that can vouch for a mail that it forwards.
    pub fn domain(&self) -> Domain {
        self.0.domain()
    }

    /// The canonical address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

const GMAIL: &str = "gmail.com";

/// Google runs both names as one.
fn canonical_domain(domain: &Domain) -> Domain {
    match domain.as_str() {
        "googlemail.com" => Domain::parse(GMAIL).unwrap_or_else(|| domain.clone()),
        _ => domain.clone(),
    }
}

/// The HMAC key of one installation, under which addresses are hashed. It is stored apart from what it hashes.
#[derive(derive_more::Debug, Clone)]
#[debug("AddressKey(…)")]
pub struct AddressKey(Hmac<Sha256>);

impl AddressKey {
    /// Takes any text as the key: HMAC takes keys of every length (RFC 2104 section 2). Use at least 122 random bits, such
    /// as a UUID.
    pub fn new(text: &str) -> Self {
        // By way of a digest, padded with zeros as HMAC itself would: then no constructor can refuse the length.
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(Sha256::digest(text)).for_each(|(to, from)| *to = from);
        Self(Hmac::new((&*block).into()))
    }

    /// The key under which a mailbox is stored.
    pub fn mailbox(&self, mailbox: &Mailbox) -> MailboxKey {
        MailboxKey(self.keyed("mailbox", mailbox.as_str()))
    }

    /// The stored form of a mailbox's domain, which the domains that vouch for a mail are compared with.
    pub fn domain(&self, domain: &Domain) -> DomainKey {
        DomainKey(self.keyed("domain", canonical_domain(domain).as_str()))
    }

    /// The fingerprint of something that identifies a message, e.g. its code or its Message-ID.
    ///
    /// Keyed, because a plain hash of six digits is found by trying a million.
    pub fn fingerprint(&self, kind: &'static str, text: &str) -> Fingerprint {
        let mut digest = self.keyed(kind, text);
        digest.truncate(Fingerprint::DIGITS);
        Fingerprint(digest)
    }

    /// The purpose goes in first, so that a hash for one purpose never equals one for another.
    fn keyed(&self, purpose: &str, text: &str) -> String {
        let mac = self.0.clone().chain_update(purpose).chain_update([0]).chain_update(text);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }
}

/// The first 64 bits of an HMAC-SHA-256, as 16 hexadecimal digits: enough to tell a copy of a message from another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    const DIGITS: usize = 16;
}

/// HMAC-SHA-256 of a mailbox, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxKey(String);

impl MailboxKey {
    /// The key that no mailbox has: a lookup costs what any other costs and finds nothing.
    pub fn dummy() -> Self {
        Self("0".repeat(64))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// HMAC-SHA-256 of a mailbox's domain, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainKey(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_canonical_form() {
        for (text, canonical) in [
            (" Me@Example.org ", "me@example.org"),
            ("me+garden@example.org", "me@example.org"),
            ("m.e@example.org", "m.e@example.org"),
            ("J.Doe+arlo@GMail.com", "jdoe@gmail.com"),
            ("j.doe@googlemail.com", "jdoe@gmail.com"),
        ] {
            assert_eq!(Mailbox::parse(text).as_ref().map(Mailbox::as_str), Ok(canonical), "{text}");
        }
        for text in ["", "me", "+label@example.org", "...@gmail.com", "me@example.org, you@example.org"] {
            assert_eq!(Mailbox::parse(text), Err(NotAMailbox), "{text}");
        }
    }

    #[test]
    fn the_key_is_overwritten_when_it_is_dropped() {
        fn is_overwritten<T: zeroize::ZeroizeOnDrop>() {}
        // The state that the key goes into: HMAC holds two of them.
        is_overwritten::<sha2::block_api::Sha256VarCore>();
    }

    #[test]
    fn a_stored_key_depends_on_the_installation_and_on_the_purpose() {
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        let (one, other) = (AddressKey::new("one"), AddressKey::new("other"));
        assert_eq!(one.mailbox(&mailbox), one.mailbox(&mailbox));
        assert_ne!(one.mailbox(&mailbox), other.mailbox(&mailbox));
        assert_ne!(one.keyed("mailbox", "x"), one.keyed("domain", "x"));
        assert!(!one.mailbox(&mailbox).as_str().contains("me"));
    }

    #[test]
    fn gmail_and_googlemail_are_one_domain() {
        let key = AddressKey::new("one");
        let domain = |text| key.domain(&Domain::parse(text).expect("a domain"));
        assert_eq!(domain("googlemail.com"), domain("gmail.com"));
        assert_ne!(domain("gmail.com.evil.example"), domain("gmail.com"));
    }
}
