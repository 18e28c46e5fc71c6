//! The mail that is being received, in memory: it is judged before it is accepted, so it is never written to disk.

use crate::store::Store;
use relay::id::{MessageId, RequestId};
use relay::mail::LARGEST_MAIL;
use relay::status::Status;
use service::port::{Answer, FetchMail, Fetched, PublishStatus};

/// One mail in memory, and the status documents that its code may be published in.
pub(crate) struct Inbox {
    mail: Vec<u8>,
    store: Store,
}

impl Inbox {
    pub(crate) fn new(mail: Vec<u8>, store: Store) -> Self {
        Self { mail, store }
    }
}

impl FetchMail for Inbox {
    async fn fetch(&self, _: &MessageId) -> Answer<Fetched> {
        let fits = self.mail.len() <= LARGEST_MAIL;
        Ok(if fits { Fetched::Mail(self.mail.clone()) } else { Fetched::TooLarge })
    }

    /// Does nothing: the mail is dropped with the job.
    async fn remove(&self, _: &MessageId) -> Answer<()> {
        Ok(())
    }
}

impl PublishStatus for Inbox {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        self.store.publish(request, status).await
    }
}
