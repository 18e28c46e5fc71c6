//! Requests: how one lives, and which of a mailbox's requests a code belongs to.
//!
//! ```text
//! pending ──code──▶ complete ──newer code──▶ complete
//!    │                  │
//!    ├── window's end ──┼──▶ timed_out / expired
//!    ├── newer request of the same program and provider ──▶ superseded
//!    └── revocation ────┴──▶ revoked
//! ```
//!
//! The requests of one mailbox form one record, [`Requests`], because one decision looks at all of them: a mail belongs
//! to the login that caused it (`attribution`). Nothing here writes. A transition takes the record as it was read and
//! returns the next one; a store writes it only if the revision is still the one that was read, and otherwise the
//! transition is computed again from what another writer has stored.

mod attribution;
mod requests;
mod step;

#[cfg(test)]
mod tests;

pub use requests::{CodeMail, Requests};
pub use step::{Claim, Step};

use crate::id::{MessageId, ProgramId, RequestId};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::status::{End, Ending, Missed, Status};
use crate::verdict::MessageIdentity;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// The windows that may be configured, in seconds. The template allows fewer.
pub const WINDOW_SECONDS: RangeInclusive<u16> = 1..=3600;

/// The window if none is configured, in seconds.
pub const DEFAULT_WINDOW_SECONDS: u16 = 300;

/// How long after its window a request may still be open: a one-shot schedule of EventBridge runs up to a minute late
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>), and a run that fails is retried.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_secs(120);

/// One login's wait for one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its identifier, and the status document's.
    pub id: RequestId,
    /// The program that waits.
    pub program: ProgramId,
    /// The name of the provider whose code is waited for.
    pub provider: String,
    /// When the program asked, to the millisecond: two programs may ask within one second.
    pub opened_at: Timestamp,
    /// When the window ends, in whole seconds as the status document shows it.
    pub expires_at: Timestamp,
    /// How many messages were refused, by reason.
    #[serde(default)]
    pub refused: BTreeMap<Refusal, u32>,
    /// The refused messages, so that one that is announced twice counts once.
    #[serde(default)]
    pub seen: BTreeSet<MessageId>,
    /// The messages that could not be judged yet.
    #[serde(default)]
    pub deferred: BTreeSet<MessageId>,
    /// Why it ended; `None` while it is open.
    #[serde(default)]
    pub end: Option<End>,
    /// Code mails that came too early for it, counted when its window ends.
    #[serde(default)]
    pub missed: Option<Missed>,
    /// The code that went to it last.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// The messages that belong to it, the last one last: a copy of one of them serves no other request. Those that came
    /// after its end are here as well, though their codes went nowhere.
    #[serde(default)]
    pub served: Vec<MessageIdentity>,
}

/// The delivery of one message's code to a request. The code itself is in the status document only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The message.
    pub message: MessageId,
    /// When it was written: the newest written code wins.
    pub written_at: Timestamp,
    /// When it was accepted: the order of messages that were written in the same second.
    pub accepted_at: Timestamp,
    /// When the request was claimed for it, just before the code was put into the status document.
    pub claimed_at: Timestamp,
    /// Whether the status document is known to show the code.
    pub published: bool,
}

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Pending,
    /// A code went to it.
    Complete,
    /// It has ended.
    Ended(End),
}

impl Request {
    /// Opens a request with a window of so many seconds.
    pub fn open(
        id: RequestId,
        program: ProgramId,
        provider: &Provider,
        opened_at: Timestamp,
        window_seconds: u16,
    ) -> Self {
        let end = opened_at.as_second().saturating_add(i64::from(window_seconds));
        Self {
            id,
            program,
            provider: provider.name.to_owned(),
            opened_at: Timestamp::from_millisecond(opened_at.as_millisecond()).unwrap_or(opened_at),
            expires_at: Timestamp::from_second(end).unwrap_or(Timestamp::MAX),
            refused: BTreeMap::new(),
            seen: BTreeSet::new(),
            deferred: BTreeSet::new(),
            end: None,
            missed: None,
            delivery: None,
            served: Vec::new(),
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        match (self.end, &self.delivery) {
            (Some(end), _) => State::Ended(end),
            (None, Some(_)) => State::Complete,
            (None, None) => State::Pending,
        }
    }

    /// Whether it should have ended long ago: what ends requests has failed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.end.is_none() && self.expires_at.duration_until(now) > OVERDUE_AFTER
    }

    /// How it ends if nothing but time ends it.
    fn end_of_window(&self) -> End {
        if self.state() == State::Complete { End::Expired } else { End::TimedOut }
    }

    /// What its status document says before any code or end.
    pub fn pending(&self) -> Status {
        Status::Pending { expires_at: self.expires_at }
    }

    /// What its status document says after its end; `None` while it is open.
    pub fn ended(&self) -> Option<Status> {
        let window = self.expires_at.as_second() - self.opened_at.as_second();
        self.end.map(|end| Status::Ended(Ending::of(end, window, self.missed, &self.refused, self.deferred.len())))
    }

    /// Whether it waits for the code of a message accepted at `accepted_at`: it is in its window, and has none yet.
    fn waits(&self, accepted_at: Timestamp, now: Timestamp) -> bool {
        self.state() == State::Pending && self.is_in_window(accepted_at, now)
    }

    /// Whether it is open and a message accepted at `accepted_at` is inside its window.
    fn is_open(&self, accepted_at: Timestamp, now: Timestamp) -> bool {
        self.end.is_none() && self.is_in_window(accepted_at, now)
    }

    fn is_in_window(&self, accepted_at: Timestamp, now: Timestamp) -> bool {
        (self.opened_at..self.expires_at).contains(&accepted_at) && now < self.expires_at
    }

    /// Whether its client can see a code: one that may still be on its way into the status document counts as none.
    fn shows_code(&self) -> bool {
        self.delivery.as_ref().is_some_and(|delivery| delivery.published)
    }
}
