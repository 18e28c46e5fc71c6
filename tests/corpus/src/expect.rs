//! What must come of a mail.

use serde::{Deserialize, Serialize};

/// What must come of a mail: the code or the refusal's word under each trust, or the confirmation that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Expect {
    /// The code that is delivered, or the word for the refusal.
    Result {
        /// Under trust `signed`.
        signed: String,
        /// Under trust `forwarded`.
        forwarded: String,
        /// Under trust `addressed`.
        addressed: String,
    },
    /// The forwarding confirmation that the owner is shown, or `None`.
    Confirmation {
        /// What is shown.
        confirmation: Option<Confirmation>,
    },
}

/// A forwarding confirmation that the owner is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The link that confirms.
    pub link: String,
    /// The code that confirms as well, in mails of the older form.
    pub code: Option<String>,
}

/// The same as a case writes it: a result for every trust is one word.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "expect must be a result, one for each trust, or a confirmation")]
pub(crate) enum Written {
    Word(String),
    EachTrust { signed: String, forwarded: String, addressed: String },
    Confirmation { link: String, code: Option<String> },
}

impl From<Written> for Expect {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(word) if word == "no_confirmation" => Self::Confirmation { confirmation: None },
            Written::Word(word) => Self::Result { signed: word.clone(), forwarded: word.clone(), addressed: word },
            Written::EachTrust { signed, forwarded, addressed } => Self::Result { signed, forwarded, addressed },
            Written::Confirmation { link, code } => {
                Self::Confirmation { confirmation: Some(Confirmation { link, code }) }
            }
        }
    }
}
