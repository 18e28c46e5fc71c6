//! The mail that is being received: it is judged before it is accepted, so that it never lies on the disk.

use super::store::Store;
use relay::id::{MessageId, RequestId};
use relay::mail::LARGEST_MAIL;
use relay::status::Status;
use service::port::{Answer, FetchMail, Fetched, PublishStatus};

/// One mail in memory, and the status documents in which its code may appear.
pub struct Inbox {
    mail: Vec<u8>,
    store: Store,
}

impl Inbox {
    pub(super) fn new(mail: Vec<u8>, store: Store) -> Self {
        Self { mail, store }
    }
}

impl FetchMail for Inbox {
    async fn fetch(&self, _: &MessageId) -> Answer<Fetched> {
        let fits = self.mail.len() <= LARGEST_MAIL;
        Ok(if fits { Fetched::Mail(self.mail.clone()) } else { Fetched::TooLarge })
    }

    /// It goes with the job.
    async fn remove(&self, _: &MessageId) -> Answer<()> {
        Ok(())
    }
}

impl PublishStatus for Inbox {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        self.store.publish(request, status).await
    }
}
