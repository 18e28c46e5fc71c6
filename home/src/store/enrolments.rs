//! Enrolments and tags.

use super::Store;
use super::records::Records;
use relay::enrolment::{Enrolment, TaggedMailbox};
use relay::mailbox::MailboxKey;
use relay::secret::Tag;
use service::ports::{EnrolmentStore, Unavailable, WriteOutcome};

const ENROLMENTS: Records = Records { table: "enrolment", key: "mailbox" };
const TAGS: Records = Records { table: "tag", key: "tag" };

impl EnrolmentStore for Store {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Result<Option<Enrolment>, Unavailable> {
        ENROLMENTS.read(self, "store:enrolment", mailbox.as_str())
    }

    async fn enrolments(&self) -> Result<Vec<Enrolment>, Unavailable> {
        ENROLMENTS.read_all(self, "store:enrolments")
    }

    async fn write_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<u32>,
    ) -> Result<WriteOutcome, Unavailable> {
        ENROLMENTS.write_if_unchanged(self, "store:write_enrolment", mailbox.as_str(), next, read, |e| e.revision)
    }

    async fn delete_enrolment(&self, mailbox: &MailboxKey) -> Result<(), Unavailable> {
        ENROLMENTS.delete(self, "store:delete_enrolment", mailbox.as_str())
    }

    async fn tagged_mailbox(&self, tag: &Tag) -> Result<Option<TaggedMailbox>, Unavailable> {
        TAGS.read(self, "store:tagged_mailbox", tag.reveal())
    }

    async fn put_tagged_mailbox(&self, tag: &Tag, mailbox: &TaggedMailbox) -> Result<(), Unavailable> {
        TAGS.put(self, "store:put_tagged_mailbox", tag.reveal(), mailbox)
    }

    async fn delete_tagged_mailbox(&self, tag: &Tag) -> Result<(), Unavailable> {
        TAGS.delete(self, "store:delete_tagged_mailbox", tag.reveal())
    }
}
