//! Names of things that come and go: a request and a stored mail.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of one request: 128 random bits as 32 hexadecimal digits. The status document lies under it, so it is
/// kept out of logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);

impl RequestId {
    /// A new name from 16 bytes of the operating system's randomness.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(HEXLOWER.encode(&bytes))
    }

    /// Reads a name that an earlier step handed on.
    pub fn parse(text: &str) -> Option<Self> {
        let holds = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        holds.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RequestId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a request's id is 32 hexadecimal digits")
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestId(…)")
    }
}

/// The name that the accepting mail server gave to one mail; it is the same when the mail is announced again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId(String);

impl MessageId {
    /// Reads a name: 1 to 128 letters, digits, `-`, `_` and `.`, not starting with a dot, so that it can stand in a path.
    pub fn parse(text: &str) -> Option<Self> {
        let holds = (1..=128).contains(&text.len())
            && !text.starts_with('.')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        holds.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MessageId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a mail's name is 1 to 128 letters, digits, '-', '_' and '.'")
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
    fn a_name_cannot_leave_its_folder() {
        for text in ["", ".", "..", "a/b", "a\\b", "a b", "\u{e9}", &"x".repeat(129)] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
        assert!(MessageId::parse("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1").is_some());
        assert_eq!(RequestId::parse("../../etc/passwd"), None);
        assert!(RequestId::parse(RequestId::from_random([9; 16]).as_str()).is_some());
    }
}
