//! What the jobs need of an edge, by verb: each job names the ports that it uses and no others.

use jiff::Timestamp;
use relay::enrolment::{Arrivals, Enrolment, KeptConfirmation, TagHolder};
use relay::id::{MessageId, RequestId};
use relay::mailbox::MailboxKey;
use relay::refusal::Refusal;
use relay::request::Request;
use relay::secret::{Tag, TokenDigest};
use relay::status::Status;
use std::future::Future;

/// Something that the job depends on did not answer, or answered with an error. Trying again may help.
///
/// It names the operation and the error's kind, never what was being read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} failed: {cause}. It is safe to try again.")]
pub struct Unavailable {
    /// The operation, e.g. `dynamodb:GetItem`.
    pub operation: &'static str,
    /// The kind of error, e.g. `ThrottlingException` or `timed out`.
    pub cause: String,
}

/// The outcome of asking an edge for something.
pub type Answer<T> = Result<T, Unavailable>;

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was written.
    Yes,
    /// Somebody else has written since it was read: read again and decide anew.
    Changed,
}

/// Reads enrolments.
pub trait ReadEnrolments: Sync {
    /// The enrolment of a mailbox.
    fn enrolment(&self, mailbox: &MailboxKey) -> impl Future<Output = Answer<Option<Enrolment>>> + Send;
    /// Who holds a tag.
    fn holder(&self, tag: &Tag) -> impl Future<Output = Answer<Option<TagHolder>>> + Send;
}

/// Changes enrolments. A mailbox's record and its tag's are written one after the other, in an order such that a
/// crash between the two leaves nothing that admits anybody, and a retry ends it.
pub trait WriteEnrolments: ReadEnrolments {
    /// Every enrolment.
    fn enrolments(&self) -> impl Future<Output = Answer<Vec<Enrolment>>> + Send;
    /// Hands a tag out, or changes what its holder trusts.
    fn put_holder(&self, tag: &Tag, holder: &TagHolder) -> impl Future<Output = Answer<()>> + Send;
    /// Takes a tag back, with what has arrived under it.
    fn remove_holder(&self, tag: &Tag) -> impl Future<Output = Answer<()>> + Send;
    /// Keeps a mailbox's enrolment where the stored one still has the digest `read`, or where `read` is nothing and none
    /// is stored.
    fn keep_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<&TokenDigest>,
    ) -> impl Future<Output = Answer<Kept>> + Send;
    /// Removes a mailbox's enrolment.
    fn remove_enrolment(&self, mailbox: &MailboxKey) -> impl Future<Output = Answer<()>> + Send;
}

/// Reads what has come in for a mailbox.
pub trait ReadArrivals: Sync {
    /// What has arrived under a tag.
    fn arrivals(&self, tag: &Tag) -> impl Future<Output = Answer<Arrivals>> + Send;
}

/// Notes what has come in for a mailbox.
pub trait NoteArrivals: Sync {
    /// Notes a mail, and why it was refused.
    fn note(&self, tag: &Tag, at: Timestamp, refusal: Option<Refusal>) -> impl Future<Output = Answer<()>> + Send;
    /// Keeps Gmail's confirmation for the owner.
    fn keep_confirmation(
        &self,
        tag: &Tag,
        at: Timestamp,
        confirmation: &KeptConfirmation,
    ) -> impl Future<Output = Answer<()>> + Send;
}

/// Opens requests.
pub trait OpenRequest: Sync {
    /// Stores a new request in place of the mailbox's older one, keeps that one's `delivery`, and returns it.
    fn open(&self, tag: &Tag, request: &Request) -> impl Future<Output = Answer<Option<Request>>> + Send;
}

/// Moves requests from state to state.
pub trait StepRequest: Sync {
    /// The mailbox's request.
    fn request(&self, tag: &Tag) -> impl Future<Output = Answer<Option<Request>>> + Send;
    /// Keeps the next state of a request where the stored one has the id and the revision of `read`.
    fn keep(&self, tag: &Tag, next: &Request, read: &Request) -> impl Future<Output = Answer<Kept>> + Send;
}

/// Shows a request's status to its client.
pub trait PublishStatus: Sync {
    /// Puts the status document.
    fn publish(&self, request: &RequestId, status: &Status) -> impl Future<Output = Answer<()>> + Send;
}

/// Gives out status URLs.
pub trait SignUrl: Sync {
    /// A URL that reads the request's status document for so many seconds, and nothing else.
    fn sign(&self, request: &RequestId, seconds: u32) -> impl Future<Output = Answer<String>> + Send;
}

/// Sees to it that a request ends.
pub trait ScheduleEnd: Sync {
    /// Has [`Expire`](crate::expire::Expire) run at that moment.
    fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> impl Future<Output = Answer<()>> + Send;
}

/// A stored mail.
pub enum Fetched {
    /// Its bytes, at most [`LARGEST_MAIL`](relay::mail::LARGEST_MAIL) of them.
    Mail(Vec<u8>),
    /// It is larger than that and was not read.
    TooLarge,
    /// It is not there: an earlier announcement of it has been dealt with.
    Gone,
}

/// Reads and removes stored mails.
pub trait FetchMail: Sync {
    /// Reads a mail.
    fn fetch(&self, mail: &MessageId) -> impl Future<Output = Answer<Fetched>> + Send;
    /// Removes a mail that has been dealt with.
    fn remove(&self, mail: &MessageId) -> impl Future<Output = Answer<()>> + Send;
}
