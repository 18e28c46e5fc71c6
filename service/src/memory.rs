//! An edge in memory, for tests: it keeps what it is given, and fails where it is told to.

use crate::port::*;
use jiff::Timestamp;
use relay::enrolment::{Arrivals, Enrolment, KeptConfirmation, TagHolder};
use relay::id::{MessageId, RequestId};
use relay::mailbox::MailboxKey;
use relay::refusal::Refusal;
use relay::request::Request;
use relay::secret::{Tag, TokenDigest};
use relay::status::Status;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Everything that is stored.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) enrolments: BTreeMap<MailboxKey, Enrolment>,
    pub(crate) holders: BTreeMap<Tag, TagHolder>,
    pub(crate) requests: BTreeMap<Tag, Request>,
    pub(crate) arrivals: BTreeMap<Tag, Arrivals>,
    pub(crate) statuses: BTreeMap<RequestId, Status>,
    pub(crate) mails: BTreeMap<MessageId, Vec<u8>>,
    pub(crate) scheduled: Vec<(Tag, RequestId, Timestamp)>,
    /// The verbs that were called, in their order.
    pub(crate) calls: Vec<&'static str>,
    /// The call, counted from the next one, that fails.
    pub(crate) fails_at: Option<usize>,
    /// What somebody else does just before the next status is put.
    pub(crate) before_publish: Option<fn(&mut Stored)>,
}

/// One store that serves every port.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Stored>>);

impl Memory {
    pub(crate) fn stored(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().expect("nobody panicked while holding it")
    }

    /// Notes a call, and lets it fail when its turn has come.
    fn call(&self, verb: &'static str) -> Answer<MutexGuard<'_, Stored>> {
        let mut stored = self.stored();
        stored.calls.push(verb);
        match stored.fails_at {
            Some(0) => {
                stored.fails_at = None;
                return Err(Unavailable { operation: verb, cause: "told to fail".to_owned() });
            }
            Some(later) => stored.fails_at = Some(later - 1),
            None => {}
        }
        Ok(stored)
    }
}

impl ReadEnrolments for Memory {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Answer<Option<Enrolment>> {
        Ok(self.call("enrolment")?.enrolments.get(mailbox).cloned())
    }

    async fn holder(&self, tag: &Tag) -> Answer<Option<TagHolder>> {
        Ok(self.call("holder")?.holders.get(tag).cloned())
    }
}

impl WriteEnrolments for Memory {
    async fn enrolments(&self) -> Answer<Vec<Enrolment>> {
        Ok(self.call("enrolments")?.enrolments.values().cloned().collect())
    }

    async fn put_holder(&self, tag: &Tag, holder: &TagHolder) -> Answer<()> {
        self.call("put_holder")?.holders.insert(tag.clone(), holder.clone());
        Ok(())
    }

    async fn remove_holder(&self, tag: &Tag) -> Answer<()> {
        let mut stored = self.call("remove_holder")?;
        stored.holders.remove(tag);
        stored.arrivals.remove(tag);
        Ok(())
    }

    async fn keep_enrolment(&self, mailbox: &MailboxKey, next: &Enrolment, read: Option<&TokenDigest>) -> Answer<Kept> {
        let mut stored = self.call("keep_enrolment")?;
        if stored.enrolments.get(mailbox).map(|found| found.token_digest.as_str()) != read.map(TokenDigest::as_str) {
            return Ok(Kept::Changed);
        }
        stored.enrolments.insert(mailbox.clone(), next.clone());
        Ok(Kept::Yes)
    }

    async fn remove_enrolment(&self, mailbox: &MailboxKey) -> Answer<()> {
        self.call("remove_enrolment")?.enrolments.remove(mailbox);
        Ok(())
    }
}

impl ReadArrivals for Memory {
    async fn arrivals(&self, tag: &Tag) -> Answer<Arrivals> {
        Ok(self.call("arrivals")?.arrivals.get(tag).cloned().unwrap_or_default())
    }
}

impl NoteArrivals for Memory {
    async fn note(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> Answer<()> {
        let mut stored = self.call("note")?;
        let arrivals = stored.arrivals.entry(tag.clone()).or_default();
        (arrivals.arrived_at, arrivals.refusal) = (Some(at), refusal);
        Ok(())
    }

    async fn keep_confirmation(&self, tag: &Tag, at: Timestamp, confirmation: &KeptConfirmation) -> Answer<()> {
        let mut stored = self.call("keep_confirmation")?;
        let arrivals = stored.arrivals.entry(tag.clone()).or_default();
        (arrivals.arrived_at, arrivals.confirmation) = (Some(at), Some(confirmation.clone()));
        Ok(())
    }
}

impl OpenRequest for Memory {
    async fn open(&self, tag: &Tag, request: &Request) -> Answer<Option<Request>> {
        let mut stored = self.call("open")?;
        let replaced = stored.requests.get(tag).cloned();
        let delivery = replaced.as_ref().and_then(|replaced| replaced.delivery.clone());
        stored.requests.insert(tag.clone(), Request { delivery, ..request.clone() });
        Ok(replaced)
    }
}

impl StepRequest for Memory {
    async fn request(&self, tag: &Tag) -> Answer<Option<Request>> {
        Ok(self.call("request")?.requests.get(tag).cloned())
    }

    async fn keep(&self, tag: &Tag, next: &Request, read: &Request) -> Answer<Kept> {
        let mut stored = self.call("keep")?;
        let is_as_read = |found: &Request| (&found.id, found.revision) == (&read.id, read.revision);
        if !stored.requests.get(tag).is_some_and(is_as_read) {
            return Ok(Kept::Changed);
        }
        stored.requests.insert(tag.clone(), next.clone());
        Ok(Kept::Yes)
    }
}

impl PublishStatus for Memory {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        let mut stored = self.call("publish")?;
        if let Some(meanwhile) = stored.before_publish.take() {
            meanwhile(&mut stored);
        }
        stored.statuses.insert(request.clone(), status.clone());
        Ok(())
    }
}

impl SignUrl for Memory {
    async fn sign(&self, request: &RequestId, seconds: u32) -> Answer<String> {
        drop(self.call("sign")?);
        Ok(format!("https://status.example/{}?seconds={seconds}", request.as_str()))
    }
}

impl ScheduleEnd for Memory {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Answer<()> {
        self.call("schedule_end")?.scheduled.push((tag.clone(), request.clone(), at));
        Ok(())
    }
}

impl FetchMail for Memory {
    async fn fetch(&self, mail: &MessageId) -> Answer<Fetched> {
        Ok(self.call("fetch")?.mails.get(mail).map_or(Fetched::Gone, |raw| Fetched::Mail(raw.clone())))
    }

    async fn remove(&self, mail: &MessageId) -> Answer<()> {
        self.call("remove")?.mails.remove(mail);
        Ok(())
    }
}
