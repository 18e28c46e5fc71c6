//! The record that ties a mailbox to its token, tag and trust.

use crate::mailbox::{DomainKey, MailboxKey};
use crate::refusal::Refusal;
use crate::secret::{Tag, TokenDigest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The client's side of an enrolment, stored under the mailbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// The tag in this mailbox's relay address.
    pub tag: Tag,
    /// What the client's token must hash to.
    pub token_digest: TokenDigest,
    /// The owner's own name for it, shown by `list`.
    pub label: String,
    /// When the mailbox was enrolled.
    pub created_at: Timestamp,
    /// When the token was last renewed.
    pub rotated_at: Option<Timestamp>,
}

/// The mail's side of an enrolment, stored under the tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagHolder {
    /// Whose tag it is.
    pub mailbox: MailboxKey,
    /// The mailbox's own domain: who can vouch for a forwarded mail.
    pub domain: DomainKey,
    /// What a mail needs for its code to be delivered.
    pub trust: Trust,
}

/// Which proof the owner asks for (the table of DESIGN section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Only mails that the provider's own domain vouches for.
    Signed,
    /// These, and mails at the tagged address for whose last hop the mailbox's own domain vouches.
    #[default]
    Forwarded,
    /// Any mail at the tagged address: the secrecy of the tag is the proof.
    Addressed,
}

impl Trust {
    /// Every trust, the strictest first.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Forwarded, Self::Addressed];

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trust| trust.word() == text)
    }

    /// The word as the owner gives it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Forwarded => "forwarded",
            Self::Addressed => "addressed",
        }
    }
}

/// What has come in for a mailbox, kept for its owner to look at.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arrivals {
    /// When the last mail came.
    pub arrived_at: Option<Timestamp>,
    /// Why the last mail was refused; nothing when its code was delivered.
    pub refusal: Option<Refusal>,
    /// Gmail's question whether forwarding is wanted.
    pub confirmation: Option<KeptConfirmation>,
}

/// Gmail's confirmation, as it waits for the owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptConfirmation {
    /// The link that confirms. The relay follows none.
    pub link: String,
    /// The code that confirms, in mails of the older form.
    pub code: Option<String>,
    /// Until when it is shown.
    pub until: Timestamp,
}

/// Who holds the link can confirm: it stays out of logs.
impl std::fmt::Debug for KeptConfirmation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptConfirmation(…)")
    }
}
