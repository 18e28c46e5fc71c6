//! Identifiers: of a request, of an inbound message, of a program.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// The identifier of one request: 128 random bits as 32 lower-case hexadecimal digits.
///
/// It is the name of the status document, and knowing it is enough to read the code: it stays out of logs.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[debug("RequestId(…)")]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);

impl RequestId {
    /// Makes an identifier of 16 bytes of the operating system's randomness.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(HEXLOWER.encode(&bytes))
    }

    /// Parses an identifier. Returns `None` if `text` is not 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        is_lower_hex(text, 32).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RequestId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a request id is 32 lower-case hexadecimal digits")
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

/// The identifier of one program of a mailbox: 32 random bits as 8 lower-case hexadecimal digits.
///
/// It tells the requests of several programs apart and survives a new token. It opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProgramId(String);

impl ProgramId {
    /// Makes an identifier of 4 bytes of the operating system's randomness.
    pub fn from_random(bytes: [u8; 4]) -> Self {
        Self(HEXLOWER.encode(&bytes))
    }

    /// Parses an identifier. Returns `None` if `text` is not 8 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        is_lower_hex(text, 8).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProgramId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a program id is 8 lower-case hexadecimal digits")
    }
}

impl From<ProgramId> for String {
    fn from(id: ProgramId) -> Self {
        id.0
    }
}

fn is_lower_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The accepting server's identifier of one inbound message. A message that is announced again has the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId(String);

impl MessageId {
    /// Parses an identifier: 1 to 128 letters, digits, `-`, `_` and `.`, not starting with a dot, so that it is safe as
    /// a file name and as the last part of an object key. Returns `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let is_valid = (1..=128).contains(&text.len())
            && !text.starts_with('.')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        is_valid.then(|| Self(text.to_owned()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MessageId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a message id is 1 to 128 letters, digits, '-', '_' and '.'")
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_is_safe_as_a_file_name() {
        for text in ["", ".", "..", "a/b", "a\\b", "a b", "\u{e9}", &"x".repeat(129)] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
        assert!(MessageId::parse("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1").is_some());
    }

    #[test]
    fn an_identifier_parses_back_and_nothing_else_parses() {
        for text in ["../../etc/passwd", "", "0123456789ABCDEF0123456789ABCDEF", "0123"] {
            assert_eq!(RequestId::parse(text), None, "{text}");
            assert_eq!(ProgramId::parse(text), None, "{text}");
        }
        assert!(RequestId::parse(RequestId::from_random([9; 16]).as_str()).is_some());
        assert!(ProgramId::parse(ProgramId::from_random([9; 4]).as_str()).is_some());
    }
}
