//! Enrolments and tags.

use super::conditional::kept;
use super::{Table, from_item, text, to_item, unavailable};
use relay::enrolment::{Enrolment, TagHolder};
use relay::mailbox::MailboxKey;
use relay::secret::{Tag, TokenDigest};
use service::port::{Answer, Kept, ReadEnrolments, WriteEnrolments};

fn enrolment_key(mailbox: &MailboxKey) -> String {
    format!("enrolment#{}", mailbox.as_str())
}

fn tag_key(tag: &Tag) -> String {
    format!("tag#{}", tag.reveal())
}

impl ReadEnrolments for Table {
    async fn enrolment(&self, mailbox: &MailboxKey) -> Answer<Option<Enrolment>> {
        self.get(enrolment_key(mailbox)).await
    }

    async fn holder(&self, tag: &Tag) -> Answer<Option<TagHolder>> {
        self.get(tag_key(tag)).await
    }
}

impl WriteEnrolments for Table {
    /// A household has a handful, so that the table is read from end to end.
    async fn enrolments(&self) -> Answer<Vec<Enrolment>> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.name)
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

    async fn put_holder(&self, tag: &Tag, holder: &TagHolder) -> Answer<()> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(to_item(holder)?));
        put.item("pk", text(tag_key(tag))).send().await.map_err(unavailable("dynamodb:PutItem"))?;
        Ok(())
    }

    async fn remove_holder(&self, tag: &Tag) -> Answer<()> {
        self.delete(tag_key(tag)).await?;
        self.remove_arrivals(tag).await
    }

    async fn keep_enrolment(&self, mailbox: &MailboxKey, next: &Enrolment, read: Option<&TokenDigest>) -> Answer<Kept> {
        let mut item = to_item(next)?;
        item.insert("pk".to_owned(), text(enrolment_key(mailbox)));
        let put = self.conditional_put(&item);
        let put = match read {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(digest) => put
                .condition_expression("token_digest = :digest")
                .expression_attribute_values(":digest", text(digest.as_str())),
        };
        kept(put.send().await, &item)
    }

    async fn remove_enrolment(&self, mailbox: &MailboxKey) -> Answer<()> {
        self.delete(enrolment_key(mailbox)).await
    }
}
