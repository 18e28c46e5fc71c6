//! The requests of one mailbox as one record, and the transitions that no message causes.

use super::Request;
use crate::id::{ProgramId, RequestId};
use crate::status::{End, Missed};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most requests of one mailbox that wait at a time; with one more, the oldest gives way.
const MOST_WAITING: usize = 8;

/// The most requests in the record if some have ended, so that it stays small however often a client asks: DynamoDB
/// charges a write for the whole item, and the table has a ceiling.
const MOST_KEPT: usize = 16;

/// How long an ended request stays in the record after its window: a late copy of its message must find it.
const KEPT_AFTER_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How long before a request's opening a code mail counts as the one that its login caused too early.
const SHORTLY_BEFORE: SignedDuration = SignedDuration::from_secs(60);

/// How much two clocks of one relay may differ. A request that was opened later than that after now was opened by a clock
/// that was wrong.
const MOST_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_secs(30);

/// The most code mails that are remembered.
const MOST_CODE_MAILS: usize = 8;

/// The requests of one mailbox: what one decision needs is read and written together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// Grows with every write: the version that a conditional write compares. 0 if nothing is stored yet.
    pub revision: u32,
    /// By the time of opening.
    entries: Vec<Request>,
    /// The last code mails, in the order in which they were processed: a request that times out names those that came
    /// just before it.
    #[serde(default)]
    pub code_mails: Vec<CodeMail>,
}

/// A code mail that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMail {
    /// The provider's name.
    pub provider: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Whether a request owned it, open or ended.
    pub owned: bool,
}

impl Requests {
    /// The record with these parts, as a store reads them, in any order.
    pub fn new(revision: u32, requests: Vec<Request>, code_mails: Vec<CodeMail>) -> Self {
        let mut record = Self { revision, entries: requests, code_mails };
        record.sort();
        record
    }

    /// Every request, by the time of opening.
    pub fn iter(&self) -> impl Iterator<Item = &Request> {
        self.entries.iter()
    }

    /// The request with this identifier.
    pub fn get(&self, id: &RequestId) -> Option<&Request> {
        self.entries.iter().find(|request| request.id == *id)
    }

    /// The newest request of a program for codes of this provider, open or ended.
    pub fn newest(&self, program: &ProgramId, provider: &str) -> Option<&Request> {
        self.entries.iter().rfind(|request| request.program == *program && request.provider == provider)
    }

    /// Every request for codes of this provider, by the time of opening.
    pub(super) fn of_provider(&self, provider: &str) -> Vec<&Request> {
        self.entries.iter().filter(|request| request.provider == provider).collect()
    }

    /// The record with one more request. Two openings never conflict, so a store needs no condition for this write.
    #[must_use]
    pub fn opened(&self, request: Request) -> Self {
        self.changed(|record| {
            // The same opening again, whose answer was lost: the request may have gone on since.
            if record.get(&request.id).is_none() {
                record.entries.push(request);
            }
        })
    }

    /// The record after everything that follows from it alone: of one program and provider only the newest request waits
    /// (an opening that arrives late loses), of all at most `MOST_WAITING`; those that were opened in the future end, and
    /// supersede nothing; ended requests that are not needed any more are dropped.
    #[must_use]
    pub fn settled(&self, now: Timestamp) -> Self {
        let mut record = self.clone();
        let mut newer = BTreeSet::new();
        let mut waiting = 0;
        for request in record.entries.iter_mut().rev() {
            if now.duration_until(request.opened_at) > MOST_CLOCK_DIFFERENCE {
                request.end = request.end.or(Some(request.end_of_window()));
                continue;
            }
            let is_newest = newer.insert((request.program.clone(), request.provider.clone()));
            if request.end.is_some() || request.shows_code() {
                continue;
            }
            if is_newest && waiting < MOST_WAITING {
                waiting += 1;
            } else {
                request.end = Some(End::Superseded);
            }
        }
        record.prune(now);
        record
    }

    /// The [settled](Self::settled) record, with the requests ended that should have ended long ago. Who applies this
    /// publishes their statuses, because what should have done so has failed.
    #[must_use]
    pub fn cleared(&self, now: Timestamp) -> Self {
        let mut record = self.clone();
        for id in self.overdue(now) {
            record.end_request(&id, None);
        }
        record.settled(now)
    }

    /// The requests that should have ended long ago.
    pub fn overdue(&self, now: Timestamp) -> Vec<RequestId> {
        self.entries.iter().filter(|request| request.is_overdue(now)).map(|request| request.id.clone()).collect()
    }

    /// The record after the end of a request's window. Returns `None` if the request has ended, or is not there.
    pub fn closed(&self, id: &RequestId) -> Option<Self> {
        self.get(id).filter(|request| request.end.is_none())?;
        Some(self.changed(|record| record.end_request(id, None)))
    }

    /// The record after the revocation of one program, or of the whole mailbox if `program` is `None`. Returns `None` if
    /// none of its requests is open.
    pub fn revoked(&self, program: Option<&ProgramId>) -> Option<Self> {
        let is_meant =
            |request: &Request| request.end.is_none() && program.is_none_or(|program| request.program == *program);
        let ids: Vec<RequestId> = self.entries.iter().filter(|r| is_meant(r)).map(|r| r.id.clone()).collect();
        (!ids.is_empty())
            .then(|| self.changed(|record| ids.iter().for_each(|id| record.end_request(id, Some(End::Revoked)))))
    }

    /// The next version of this record, with a change applied.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        next.sort();
        next.revision = next.revision.saturating_add(1);
        next
    }

    /// This record as the next version of `read`, or `None` if nothing differs.
    pub fn as_next_of(self, read: &Self) -> Option<Self> {
        (self != *read).then(|| self.after(read))
    }

    /// This record as the next version of `read`.
    pub(super) fn after(self, read: &Self) -> Self {
        Self { revision: read.revision.saturating_add(1), ..self }
    }

    pub(super) fn update(&mut self, id: &RequestId, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.entries.iter_mut().find(|request| request.id == *id) {
            change(request);
        }
    }

    pub(super) fn update_all(&mut self, change: impl FnMut(&mut Request)) {
        self.entries.iter_mut().for_each(change);
    }

    /// Remembers a code mail, once however often it is announced.
    pub(super) fn remember_code_mail(&mut self, mail: CodeMail) {
        let is_known = |known: &CodeMail| (&known.provider, known.accepted_at) == (&mail.provider, mail.accepted_at);
        if !self.code_mails.iter().any(is_known) {
            self.code_mails.push(mail);
        }
        let excess = self.code_mails.len().saturating_sub(MOST_CODE_MAILS);
        self.code_mails.drain(..excess);
    }

    /// Ends a request that is open: as `end` says, or else as its window's end does.
    fn end_request(&mut self, id: &RequestId, end: Option<End>) {
        let missed = self.get(id).and_then(|request| self.missed_by(request));
        self.update(id, |request| {
            request.end = request.end.or(Some(end.unwrap_or(request.end_of_window())));
            request.missed = missed;
        });
    }

    /// The code mails that came shortly before a request was opened: those that no request owned, or, if there are none,
    /// those of other requests, for any of them may have been this one's.
    fn missed_by(&self, request: &Request) -> Option<Missed> {
        let gaps = |owned: bool| -> Vec<SignedDuration> {
            let of_kind =
                self.code_mails.iter().filter(|mail| mail.owned == owned && mail.provider == request.provider);
            let gaps = of_kind.map(|mail| mail.accepted_at.duration_until(request.opened_at));
            gaps.filter(|gap| !gap.is_negative() && *gap <= SHORTLY_BEFORE).collect()
        };
        let missed = |gaps: &[SignedDuration], owned| {
            let last = gaps.iter().min()?;
            Some(Missed { mails: gaps.len().try_into().unwrap_or(u32::MAX), seconds_before: last.as_secs(), owned })
        };
        missed(&gaps(false), false).or_else(|| missed(&gaps(true), true))
    }

    fn prune(&mut self, now: Timestamp) {
        let is_needed = |until: Timestamp| until.duration_until(now) < KEPT_AFTER_WINDOW;
        self.entries.retain(|request| request.end.is_none() || is_needed(request.expires_at));
        self.code_mails.retain(|mail| is_needed(mail.accepted_at));
        while self.entries.len() > MOST_KEPT {
            // One that is open is never dropped: its client still polls.
            let Some(oldest) = self.entries.iter().position(|request| request.end.is_some()) else { break };
            self.entries.remove(oldest);
        }
    }

    fn sort(&mut self) {
        self.entries.sort_by(|one, other| (one.opened_at, &one.id).cmp(&(other.opened_at, &other.id)));
    }
}
