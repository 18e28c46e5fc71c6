//! What the owner can ask about a mailbox: what has come in, what was refused, which program asked last.

use crate::id::ProgramId;
use crate::refusal::Refusal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What has happened under a tag, kept for its owner to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    /// When the last message came in.
    #[serde(default)]
    pub arrived_at: Option<Timestamp>,
    /// Why the last message was refused; `None` if its code was delivered.
    #[serde(default)]
    pub refusal: Option<Refusal>,
    /// Gmail's forwarding confirmation that waits for the owner.
    #[serde(default)]
    pub confirmation: Option<PendingConfirmation>,
    /// When each program last opened a request.
    #[serde(default)]
    pub last_used: BTreeMap<ProgramId, Timestamp>,
}

/// A forwarding confirmation that waits for the owner.
///
/// Holding the link is enough to confirm, so it stays out of logs.
#[derive(derive_more::Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[debug("PendingConfirmation(…)")]
pub struct PendingConfirmation {
    /// The link that confirms. The relay opens no link.
    pub link: String,
    /// The code that confirms, in mails of the older form.
    pub code: Option<String>,
    /// Until when it is shown.
    pub until: Timestamp,
}
