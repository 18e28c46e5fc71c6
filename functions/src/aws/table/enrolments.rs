//! Enrolments and tags.

use super::{Table, from_item, text, to_item, unavailable};
use relay::enrolment::{Enrolment, TaggedMailbox};
use relay::mailbox::MailboxKey;
use relay::secret::Tag;
use service::ports::{EnrolmentStore, Unavailable, WriteOutcome};

fn enrolment_key(mailbox: &MailboxKey) -> String {
    format!("enrolment#{}", mailbox.as_str())
}

fn tag_key(tag: &Tag) -> String {
    format!("tag#{}", tag.reveal())
}

impl EnrolmentStore for Table {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Result<Option<Enrolment>, Unavailable> {
        self.get(enrolment_key(mailbox)).await?.map(from_item).transpose()
    }

    /// Scans the table: an owner has a handful of enrolments.
    async fn enrolments(&self) -> Result<Vec<Enrolment>, Unavailable> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.name)
                .consistent_read(true)
                .filter_expression("begins_with(pk, :kind)")
                .expression_attribute_values(":kind", text("enrolment#"))
                .set_exclusive_start_key(start.take())
                .send()
                .await
                .map_err(unavailable("dynamodb:Scan"))?;
            for item in page.items.unwrap_or_default() {
                found.push(from_item(item)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    async fn write_enrolment(
        &self,
        mailbox: &MailboxKey,
        next: &Enrolment,
        read: Option<u32>,
    ) -> Result<WriteOutcome, Unavailable> {
        let mut item = to_item(next)?;
        item.insert("pk".to_owned(), text(enrolment_key(mailbox)));
        self.put_if_unchanged(item, read).await
    }

    async fn delete_enrolment(&self, mailbox: &MailboxKey) -> Result<(), Unavailable> {
        self.delete(enrolment_key(mailbox)).await
    }

    async fn tagged_mailbox(&self, tag: &Tag) -> Result<Option<TaggedMailbox>, Unavailable> {
        self.get(tag_key(tag)).await?.map(from_item).transpose()
    }

    async fn put_tagged_mailbox(&self, tag: &Tag, mailbox: &TaggedMailbox) -> Result<(), Unavailable> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(to_item(mailbox)?));
        put.item("pk", text(tag_key(tag))).send().await.map_err(unavailable("dynamodb:PutItem"))?;
        Ok(())
    }

    async fn delete_tagged_mailbox(&self, tag: &Tag) -> Result<(), Unavailable> {
        self.delete(tag_key(tag)).await
    }
}
