//! Secrets: a program's token, the tag in a relay address, the one-time code.
//!
//! `Debug` shows none of them and none has `Display`; `reveal` is the only way to the text, easy to search for. Each is
//! overwritten in memory when it is dropped.

use crate::provider::PROVIDERS;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

/// A program's secret: `mfar_` and 256 random bits in base64url (RFC 4648 section 5).
#[derive(derive_more::Debug, ZeroizeOnDrop)]
#[debug("Token(…)")]
pub struct Token(String);

impl Token {
    const PREFIX: &str = "mfar_";

    /// Makes a token of 32 bytes of the operating system's randomness.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, BASE64URL_NOPAD.encode(&bytes)))
    }

    /// Parses a token that a client presents. Returns `None` if `text` does not have the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(Self::PREFIX)?.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// A token that opens nothing. It stands for a text that does not parse, so that the comparison costs the same.
    pub fn dummy() -> Self {
        Self(String::new())
    }

    /// What is stored of the token.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(HEXLOWER.encode(&Sha256::digest(&self.0)))
    }

    /// The token itself, for the one answer that hands it out.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a token, as 64 hexadecimal digits. A plain hash suffices: 256 random bits cannot be guessed.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[debug("TokenDigest(…)")]
#[serde(transparent)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// The digest that no token has; comparing with it costs what comparing with a real one costs.
    pub fn dummy() -> Self {
        Self("0".repeat(64))
    }

    /// Compares two digests in constant time.
    pub fn constant_time_eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// The unguessable label of one mailbox in its relay address: 80 random bits in base32 (RFC 4648 section 6), lower case.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ZeroizeOnDrop)]
#[debug("Tag(…)")]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    const LENGTH: usize = 16;

    /// Makes a tag of 10 bytes of the operating system's randomness.
    pub fn from_random(bytes: [u8; 10]) -> Self {
        Self(BASE32_NOPAD.encode(&bytes).to_lowercase())
    }

    /// Parses a tag, in any case because mail hosts may change it. Returns `None` if `text` is not 16 letters of base32.
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let holds = upper.len() == Self::LENGTH && BASE32_NOPAD.decode(upper.as_bytes()).is_ok();
        holds.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The label, for the relay address and the store's key.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A one-time code: ASCII digits, as many as the provider's row says.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, PartialOrd, Ord, ZeroizeOnDrop)]
#[debug("Code(…)")]
pub struct Code(String);

impl Code {
    /// Parses a code of any provider: as many ASCII digits as one of them sends, and nothing else. For a reader who is
    /// told a code and not by whom.
    pub fn parse(text: &str) -> Option<Self> {
        PROVIDERS.iter().find_map(|provider| Self::of_length(text, provider.digits))
    }

    /// Parses a code of `digits` ASCII digits and nothing else.
    pub fn of_length(text: &str, digits: usize) -> Option<Self> {
        let is_code = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| Self(text.to_owned()))
    }

    /// The digits, for the status document.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_what_it_was_made_for() {
        let (mine, other) = (Token::from_random([7; 32]), Token::from_random([8; 32]));
        assert!(mine.digest().constant_time_eq(&mine.digest()));
        assert!(!mine.digest().constant_time_eq(&other.digest()));
        assert!(!TokenDigest::dummy().constant_time_eq(&mine.digest()));
    }

    #[test]
    fn a_token_parses_back_and_nothing_else_parses() {
        let token = Token::from_random([255; 32]);
        assert_eq!(Token::parse(token.reveal()).map(|t| t.reveal().to_owned()), Some(token.reveal().to_owned()));
        for text in ["", "mfar_", "mfar_short", "secret", &token.reveal().replace("mfar_", "mfax_")] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_tag_is_sixteen_letters_of_base32_in_any_case() {
        let tag = Tag::from_random([0xAB; 10]);
        assert_eq!(tag.reveal().len(), 16);
        assert_eq!(Tag::parse(&tag.reveal().to_uppercase()), Some(tag));
        for text in ["", "k7f3", "k7f3q2m4x5z6a7b1", "k7f3q2m4x5z6a7b2c"] {
            assert_eq!(Tag::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_as_many_ascii_digits_as_its_provider_sends() {
        assert!(Code::of_length("467266", 6).is_some());
        for text in ["", "46726", "4672667", "46726a", "٤٦٧٢٦٦", "467 266", "467266\n"] {
            assert_eq!(Code::of_length(text, 6), None, "{text:?}");
        }
    }

    #[test]
    fn a_code_that_is_only_told_is_as_long_as_that_of_a_provider() {
        for provider in &PROVIDERS {
            let digits = "1".repeat(provider.digits);
            assert_eq!(Code::parse(&digits).as_ref().map(Code::reveal), Some(digits.as_str()));
        }
        for text in ["", "467", "46726612345", "46726a"] {
            assert_eq!(Code::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_secret_is_overwritten_when_it_is_dropped() {
        fn is_overwritten<T: ZeroizeOnDrop>() {}
        is_overwritten::<Token>();
        is_overwritten::<Tag>();
        is_overwritten::<Code>();
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!(
            "{:?} {:?} {:?} {:?}",
            Token::from_random([1; 32]),
            Token::from_random([1; 32]).digest(),
            Tag::from_random([1; 10]),
            Code::parse("467266"),
        );
        assert_eq!(shown, "Token(…) TokenDigest(…) Tag(…) Some(Code(…))");
    }
}
