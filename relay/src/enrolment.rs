//! The record that ties a mailbox to its programs, its tag and its trust.

use crate::id::ProgramId;
use crate::mailbox::{DomainKey, MailboxKey};
use crate::secret::{Tag, Token, TokenDigest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The most programs of one mailbox. Twice the most requests that are open at a time.
pub const MOST_PROGRAMS: usize = 16;

/// An enrolment, stored under the mailbox's key: what the clients' side needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Grows with every write: the version that a conditional write compares.
    pub revision: u32,
    /// The tag in this mailbox's relay address.
    pub tag: Tag,
    /// Who may open requests, each with its own token; at least one, at most [`MOST_PROGRAMS`].
    pub programs: Vec<Program>,
    /// When the mailbox was enrolled.
    pub created_at: Timestamp,
}

/// A program that waits for codes of a mailbox, told apart by its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Tells its requests from those of other programs. A new token does not change it.
    pub id: ProgramId,
    /// The owner's name for it, unique within the mailbox.
    pub label: Label,
    /// SHA-256 of its token.
    pub token_digest: TokenDigest,
    /// When its first token was issued.
    pub created_at: Timestamp,
    /// When its token was last renewed.
    pub rotated_at: Option<Timestamp>,
}

impl Enrolment {
    /// The program that a token belongs to.
    ///
    /// Compares with every program in constant time, so that neither the position of the right one nor the number of
    /// equal digits shows in the answer's duration.
    pub fn program_with(&self, token: &Token) -> Option<&Program> {
        let digest = token.digest();
        self.programs.iter().fold(None, |found, program| {
            let is_equal = program.token_digest.constant_time_eq(&digest);
            if is_equal { Some(program) } else { found }
        })
    }

    /// The program with this label.
    pub fn program_labelled(&self, label: &Label) -> Option<&Program> {
        self.programs.iter().find(|program| program.label == *label)
    }

    /// The next version of this record, with a change applied.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        next.revision = next.revision.saturating_add(1);
        next
    }
}

/// The owner's name for a program: 1 to 64 characters, no control characters, no blanks around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The most characters of a label.
    pub const MOST_CHARACTERS: usize = 64;

    /// Parses a label. Returns `None` if it is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_valid = (1..=Self::MOST_CHARACTERS).contains(&text.chars().count()) && !text.contains(char::is_control);
        is_valid.then(|| Self(text.to_owned()))
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The label of a program that the owner did not name.
impl Default for Label {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a label is 1 to 64 characters without control characters")
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

/// What is stored under a tag: what the mails' side needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaggedMailbox {
    /// The mailbox whose relay address has the tag.
    pub mailbox: MailboxKey,
    /// The mailbox's own domain: who can vouch for a forwarded mail.
    pub domain: DomainKey,
    /// What a mail must prove for its code to be delivered.
    pub trust: Trust,
}

/// What a mail at the tagged address must prove (the table of DESIGN section 4).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, IntoStaticStr, EnumString, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Trust {
    /// The provider's own domain vouches for it.
    Signed,
    /// That, or the mailbox's own domain vouches for the last hop.
    #[default]
    Forwarded,
    /// Nothing: the secrecy of the tag is the proof.
    Addressed,
}

impl Trust {
    /// Every trust, the strictest first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Parses the word that the owner gives, e.g. `signed`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// The word, e.g. `signed`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// What it protects against, in one or two sentences for the owner.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Signed => {
                "Only mails that the provider itself signed are accepted, also if the relay address becomes known."
            }
            Self::Forwarded => {
                "Mails that the provider signed, or that your mail provider forwarded, are accepted. Every user of your mail provider can forward, so keep the relay address secret."
            }
            Self::Addressed => {
                "Every mail from the provider's address is accepted, forged ones too: only the secrecy of the relay address protects you."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(byte: u8, label: &str) -> Program {
        Program {
            id: ProgramId::from_random([byte; 4]),
            label: Label::parse(label).expect("a label"),
            token_digest: Token::from_random([byte; 32]).digest(),
            created_at: Timestamp::UNIX_EPOCH,
            rotated_at: None,
        }
    }

    #[test]
    fn a_token_belongs_to_one_program() {
        let enrolment = Enrolment {
            revision: 1,
            tag: Tag::from_random([1; 10]),
            programs: vec![program(1, "recorder"), program(2, "garden"), program(3, "shed")],
            created_at: Timestamp::UNIX_EPOCH,
        };
        for byte in 1..=3 {
            let found = enrolment.program_with(&Token::from_random([byte; 32]));
            assert_eq!(found.map(|program| &program.id), Some(&ProgramId::from_random([byte; 4])));
        }
        assert_eq!(enrolment.program_with(&Token::from_random([4; 32])), None);
        assert_eq!(enrolment.program_with(&Token::dummy()), None);
    }

    #[test]
    fn a_label_is_short_and_safe_on_a_terminal() {
        assert_eq!(Label::parse("  garden cameras ").map(String::from).as_deref(), Some("garden cameras"));
        assert!(Label::parse(&"x".repeat(64)).is_some());
        for text in ["", "   ", "a\nb", "a\u{1b}[2Jb", &"x".repeat(65)] {
            assert_eq!(Label::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_trust_parses_from_its_own_word_only() {
        for trust in Trust::ALL {
            assert_eq!(Trust::parse(trust.word()), Some(*trust));
            assert_eq!(serde_json::to_value(trust).ok(), Some(trust.word().into()));
        }
        assert_eq!(Trust::parse("Signed"), None);
    }
}
