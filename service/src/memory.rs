//! A store in memory, for tests: it keeps what it is given, and fails when it is told to.

use crate::ports::{
    ArrivalStore, EnrolmentStore, RequestStore, Schedule, StatusReader, StatusStore, StatusUrls, Unavailable,
    WriteOutcome,
};
use jiff::Timestamp;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::enrolment::{Enrolment, TaggedMailbox};
use relay::id::{ProgramId, RequestId};
use relay::mailbox::MailboxKey;
use relay::refusal::Refusal;
use relay::request::{Request, Requests};
use relay::secret::Tag;
use relay::status::Status;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Everything that is stored.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) enrolments: BTreeMap<MailboxKey, Enrolment>,
    pub(crate) tagged: BTreeMap<Tag, TaggedMailbox>,
    pub(crate) requests: BTreeMap<Tag, Requests>,
    pub(crate) arrivals: BTreeMap<Tag, Arrivals>,
    pub(crate) statuses: BTreeMap<RequestId, Status>,
    pub(crate) scheduled: Vec<(Tag, RequestId, Timestamp)>,
    /// The methods that were called, in their order.
    pub(crate) calls: Vec<&'static str>,
    /// The call, counted from the next one, that fails.
    pub(crate) fails_at: Option<usize>,
    /// What another writer does just before the next status is put.
    pub(crate) before_publish: Option<fn(&mut Stored)>,
}

/// One store that implements every port.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Stored>>);

impl Memory {
    pub(crate) fn stored(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().expect("no test panics while it holds the lock")
    }

    /// Records a call, and fails if it is the one that has to.
    fn call(&self, method: &'static str) -> Result<MutexGuard<'_, Stored>, Unavailable> {
        let mut stored = self.stored();
        stored.calls.push(method);
        match stored.fails_at {
            Some(0) => {
                stored.fails_at = None;
                return Err(Unavailable { operation: method, cause: "told to fail".to_owned() });
            }
            Some(later) => stored.fails_at = Some(later - 1),
            None => {}
        }
        Ok(stored)
    }
}

impl EnrolmentStore for Memory {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Result<Option<Enrolment>, Unavailable> {
        Ok(self.call("enrolment")?.enrolments.get(mailbox).cloned())
    }

    async fn enrolments(&self) -> Result<Vec<Enrolment>, Unavailable> {
        Ok(self.call("enrolments")?.enrolments.values().cloned().collect())
    }

    async fn write_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<u32>,
    ) -> Result<WriteOutcome, Unavailable> {
        let mut stored = self.call("write_enrolment")?;
        let current = stored.enrolments.get(mailbox);
        if current.map(|current| current.revision) == read {
            stored.enrolments.insert(mailbox.clone(), next.clone());
            return Ok(WriteOutcome::Written);
        }
        Ok(if current == Some(next) { WriteOutcome::Written } else { WriteOutcome::Conflict })
    }

    async fn delete_enrolment(&self, mailbox: &MailboxKey) -> Result<(), Unavailable> {
        self.call("delete_enrolment")?.enrolments.remove(mailbox);
        Ok(())
    }

    async fn tagged_mailbox(&self, tag: &Tag) -> Result<Option<TaggedMailbox>, Unavailable> {
        Ok(self.call("tagged_mailbox")?.tagged.get(tag).cloned())
    }

    async fn put_tagged_mailbox(&self, tag: &Tag, mailbox: &TaggedMailbox) -> Result<(), Unavailable> {
        self.call("put_tagged_mailbox")?.tagged.insert(tag.clone(), mailbox.clone());
        Ok(())
    }

    async fn delete_tagged_mailbox(&self, tag: &Tag) -> Result<(), Unavailable> {
        self.call("delete_tagged_mailbox")?.tagged.remove(tag);
        Ok(())
    }
}

impl RequestStore for Memory {
    async fn requests(&self, tag: &Tag) -> Result<Requests, Unavailable> {
        Ok(self.call("requests")?.requests.get(tag).cloned().unwrap_or_default())
    }

    async fn open_request(&self, tag: &Tag, request: &Request) -> Result<Requests, Unavailable> {
        let mut stored = self.call("open_request")?;
        let opened = stored.requests.get(tag).cloned().unwrap_or_default().opened(request.clone());
        stored.requests.insert(tag.clone(), opened.clone());
        Ok(opened)
    }

    async fn write_requests(&self, tag: &Tag, next: &Requests, read: u32) -> Result<WriteOutcome, Unavailable> {
        let mut stored = self.call("write_requests")?;
        let current = stored.requests.get(tag);
        if current.map_or(0, |current| current.revision) == read {
            stored.requests.insert(tag.clone(), next.clone());
            return Ok(WriteOutcome::Written);
        }
        Ok(if current == Some(next) { WriteOutcome::Written } else { WriteOutcome::Conflict })
    }
}

impl ArrivalStore for Memory {
    async fn arrivals(&self, tag: &Tag) -> Result<Arrivals, Unavailable> {
        Ok(self.call("arrivals")?.arrivals.get(tag).cloned().unwrap_or_default())
    }

    async fn note_arrival(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Result<(), Unavailable> {
        let mut stored = self.call("note_arrival")?;
        let arrivals = stored.arrivals.entry(tag.clone()).or_default();
        (arrivals.arrived_at, arrivals.refusal) = (Some(at), refusal);
        Ok(())
    }

    async fn note_use(&self, tag: &Tag, program: &ProgramId, at: Timestamp) -> Result<(), Unavailable> {
        let mut stored = self.call("note_use")?;
        stored.arrivals.entry(tag.clone()).or_default().last_used.insert(program.clone(), at);
        Ok(())
    }

    async fn note_confirmation(
        &self,
        tag: &Tag,
        at: Timestamp,
        confirmation: &PendingConfirmation,
    ) -> Result<(), Unavailable> {
        let mut stored = self.call("note_confirmation")?;
        let arrivals = stored.arrivals.entry(tag.clone()).or_default();
        (arrivals.arrived_at, arrivals.refusal) = (Some(at), None);
        arrivals.confirmation = Some(confirmation.clone());
        Ok(())
    }

    async fn delete_arrivals(&self, tag: &Tag) -> Result<(), Unavailable> {
        self.call("delete_arrivals")?.arrivals.remove(tag);
        Ok(())
    }
}

impl StatusStore for Memory {
    async fn publish(&self, request: &RequestId, status: &Status) -> Result<(), Unavailable> {
        let mut stored = self.call("publish")?;
        if let Some(concurrent) = stored.before_publish.take() {
            concurrent(&mut stored);
        }
        if matches!(status, Status::Pending { .. }) {
            stored.statuses.entry(request.clone()).or_insert_with(|| status.clone());
        } else {
            stored.statuses.insert(request.clone(), status.clone());
        }
        Ok(())
    }
}

impl StatusReader for Memory {
    async fn read_status(&self, request: &RequestId) -> Result<Option<Status>, Unavailable> {
        Ok(self.call("read_status")?.statuses.get(request).cloned())
    }
}

impl StatusUrls for Memory {
    async fn status_url(&self, request: &RequestId, seconds: u32) -> Result<String, Unavailable> {
        drop(self.call("status_url")?);
        Ok(format!("https://status.example/{}?seconds={seconds}", request.as_str()))
    }
}

impl Schedule for Memory {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Result<(), Unavailable> {
        self.call("schedule_end")?.scheduled.push((tag.clone(), request.clone(), at));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl crate::conformance::ReadStatus for Memory {
        async fn read_status(&self, request: &RequestId) -> Option<String> {
            self.stored().statuses.get(request).map(Status::to_json)
        }
    }

    #[test]
    fn it_is_a_store_like_any_other() {
        crate::test_support::run(crate::conformance::check(&Memory::default()));
        crate::test_support::run(crate::conformance::check_statuses(&Memory::default()));
    }
}
