//! What the jobs need of an edge: one port for each thing that is stored or started.
//!
//! The contract of each method is written at it. The ports that store something have a suite that every store passes:
//! `service::conformance`.

use jiff::Timestamp;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::enrolment::{Enrolment, TaggedMailbox};
use relay::id::{ProgramId, RequestId};
use relay::mailbox::MailboxKey;
use relay::refusal::Refusal;
use relay::request::{Request, Requests};
use relay::secret::Tag;
use relay::status::Status;

/// A service that the job depends on did not answer, or answered with an error. A retry may help.
///
/// It names the operation and the kind of error, never what was read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} failed: {cause}. It is safe to try again.")]
pub struct Unavailable {
    /// The operation, e.g. `dynamodb:GetItem`.
    pub operation: &'static str,
    /// The kind of error, e.g. `ThrottlingException` or `timed out`.
    pub cause: String,
}

/// The outcome of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It was written.
    Written,
    /// Another writer won the race: read again and decide again.
    Conflict,
}

/// Enrolments by mailbox, and mailboxes by tag.
///
/// The two records of an enrolment are written one after the other, in an order such that a crash between them leaves
/// nothing that lets anybody in, and a retry completes the action.
pub trait EnrolmentStore: Sync {
    /// Reads a mailbox's enrolment, strongly consistent.
    fn enrolment(&self, mailbox: &MailboxKey) -> impl Future<Output = Result<Option<Enrolment>, Unavailable>> + Send;

    /// Reads every enrolment, in any order.
    fn enrolments(&self) -> impl Future<Output = Result<Vec<Enrolment>, Unavailable>> + Send;

    /// Writes a mailbox's enrolment if the stored one still has the revision `read`; `None` means that none may be
    /// stored. A write whose answer was lost and that is retried is [`WriteOutcome::Written`].
    fn write_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<u32>,
    ) -> impl Future<Output = Result<WriteOutcome, Unavailable>> + Send;

    /// Deletes a mailbox's enrolment. Deleting what is not there is no error.
    fn delete_enrolment(&self, mailbox: &MailboxKey) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Reads the mailbox that a tag belongs to, strongly consistent.
    fn tagged_mailbox(&self, tag: &Tag) -> impl Future<Output = Result<Option<TaggedMailbox>, Unavailable>> + Send;

    /// Writes the mailbox that a tag belongs to, unconditionally.
    fn put_tagged_mailbox(
        &self,
        tag: &Tag,
        mailbox: &TaggedMailbox,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Deletes a tag. Deleting what is not there is no error.
    fn delete_tagged_mailbox(&self, tag: &Tag) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// The requests of each mailbox, one record for each tag.
pub trait RequestStore: Sync {
    /// Reads the record, strongly consistent; an empty one of revision 0 if nothing is stored.
    fn requests(&self, tag: &Tag) -> impl Future<Output = Result<Requests, Unavailable>> + Send;

    /// Adds a request in one write without a condition, and returns the record as it is after it.
    ///
    /// Equivalent to [`Requests::opened`] on the stored record: no other request is changed or lost, the revision grows,
    /// so that a concurrent [`write_requests`](Self::write_requests) conflicts. Idempotent: a request that is
    /// there keeps its delivery and its end. Of one program and provider the newest opening counts, in any order of
    /// writing.
    fn open_request(&self, tag: &Tag, request: &Request) -> impl Future<Output = Result<Requests, Unavailable>> + Send;

    /// Replaces the record if the stored one still has the revision `read` (0: nothing is stored). A write whose answer
    /// was lost and that is retried is [`WriteOutcome::Written`].
    fn write_requests(
        &self,
        tag: &Tag,
        next: &Requests,
        read: u32,
    ) -> impl Future<Output = Result<WriteOutcome, Unavailable>> + Send;
}

/// What the owner can ask about a mailbox, by tag.
pub trait ArrivalStore: Sync {
    /// Reads it; the default if nothing is stored.
    fn arrivals(&self, tag: &Tag) -> impl Future<Output = Result<Arrivals, Unavailable>> + Send;

    /// Notes that a message came in, and why it was refused. Changes nothing else.
    fn note_arrival(
        &self,
        tag: &Tag,
        at: Timestamp,
        refusal: Option<Refusal>,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Notes that a program opened a request. Changes nothing else.
    fn note_use(
        &self,
        tag: &Tag,
        program: &ProgramId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Stores a forwarding confirmation for the owner, and notes that a message came in that was not refused.
    fn note_confirmation(
        &self,
        tag: &Tag,
        at: Timestamp,
        confirmation: &PendingConfirmation,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Deletes all of it. Deleting what is not there is no error.
    fn delete_arrivals(&self, tag: &Tag) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// Status documents, as clients read them.
pub trait StatusStore: Sync {
    /// Puts the status document of a request. A pending one never replaces another document: it is put while the request
    /// is written, and a put that is retried may arrive late.
    fn publish(&self, request: &RequestId, status: &Status) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// Status documents for a dialect, which looks at them for its client.
pub trait StatusReader: Sync {
    /// Reads the status document of a request. Returns `None` if none is stored.
    fn read_status(&self, request: &RequestId) -> impl Future<Output = Result<Option<Status>, Unavailable>> + Send;
}

/// The URLs of status documents.
pub trait StatusUrls: Sync {
    /// Returns a URL that reads the request's status document for so many seconds, and nothing else.
    fn status_url(&self, request: &RequestId, seconds: u32)
    -> impl Future<Output = Result<String, Unavailable>> + Send;
}

/// The ends of windows.
pub trait Schedule: Sync {
    /// Has [`Expire`](crate::expire::Expire) run for the request at that moment, or as soon as possible after it.
    fn schedule_end(
        &self,
        tag: &Tag,
        request: &RequestId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;
}
