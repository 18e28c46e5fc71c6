//! Prestage: a client that is about to log in asks for the place where its code will appear.

mod call;
mod reply;

pub use call::Call;
pub use reply::{Denial, Reply};

use crate::port::{Answer, OpenRequest, PublishStatus, ReadEnrolments, ScheduleEnd, SignUrl, Unavailable};
use call::{Account, Ask, Form};
use jiff::Timestamp;
use relay::enrolment::Enrolment;
use relay::id::RequestId;
use relay::mailbox::{AddressKey, MailboxKey};
use relay::relay_address::RelayAddress;
use relay::request::Request;
use relay::secret::TokenDigest;
use relay::status::seconds;

/// How long a status URL outlives the window, in seconds: the last answer is to be read as JSON.
const AFTERGLOW: u32 = 300;

/// The job and what it needs.
pub struct Prestage<T, B, S> {
    /// Enrolments and requests.
    pub table: T,
    /// Status documents and their URLs.
    pub statuses: B,
    /// What ends requests.
    pub scheduler: S,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// How long a request waits, in seconds.
    pub window_seconds: u16,
}

/// What became of a call, for the log.
#[derive(Debug)]
pub enum Outcome {
    /// A request was opened.
    Opened {
        /// It took the place of one that was [overdue](Request::is_overdue).
        for_overdue: bool,
    },
    /// The call was turned down.
    Denied(Denial),
}

impl<T, B, S> Prestage<T, B, S>
where
    T: ReadEnrolments + OpenRequest,
    B: PublishStatus + SignUrl,
    S: ScheduleEnd,
{
    /// Answers a call. Every call gets an answer; none is an error.
    pub async fn answer(&self, call: &Call<'_>, now: Timestamp) -> (Reply, Outcome) {
        match self.open(call, now).await {
            Ok((reply, outcome)) => (reply, outcome),
            Err(denial) => (Reply::denied(&denial), Outcome::Denied(denial)),
        }
    }

    async fn open(&self, call: &Call<'_>, now: Timestamp) -> Result<(Reply, Outcome), Denial> {
        let ask = Ask::read(call, &self.relay_address)?;
        let enrolment = self.admitted(&ask).await?;
        let id = RequestId::from_random(crate::random()?);
        let request = Request::open(id, ask.provider, now, self.window_seconds);
        let waiting = request.pending();
        let lifetime = u32::from(self.window_seconds) + AFTERGLOW;

        let (replaced, pending, scheduled, url) = tokio::join!(
            self.table.open(&enrolment.tag, &request),
            self.statuses.publish(&request.id, &waiting),
            self.scheduler.schedule_end(&enrolment.tag, &request.id, request.expires_at),
            self.statuses.sign(&request.id, lifetime),
        );
        // A store that was asked twice, because its first answer was lost, says that the request replaced itself.
        let replaced = replaced?.filter(|replaced| replaced.id != request.id);
        if let Some(replaced) = &replaced {
            self.supersede(replaced).await;
        }
        pending?;
        scheduled?;
        let reply = match ask.form {
            Form::Text => Reply::text(url?),
            Form::Json => Reply::json(&serde_json::json!({
                "status_url": url?,
                "expires_at": seconds(request.expires_at),
                "window_seconds": self.window_seconds,
            })),
        };
        Ok((reply, Outcome::Opened { for_overdue: replaced.is_some_and(|replaced| replaced.is_overdue(now)) }))
    }

    /// The enrolment that the token opens. An unknown mailbox costs what a wrong token costs.
    async fn admitted(&self, ask: &Ask) -> Result<Enrolment, Denial> {
        let mailbox = self.mailbox_of(&ask.account).await?;
        let enrolment = self.table.enrolment(&mailbox).await?;
        let nobody = TokenDigest::of_nobody();
        let digest = enrolment.as_ref().map_or(&nobody, |enrolment| &enrolment.token_digest);
        let admitted = digest.admits(&ask.token);
        enrolment.filter(|_| admitted).ok_or(Denial::NotEnrolled)
    }

    async fn mailbox_of(&self, account: &Account) -> Answer<MailboxKey> {
        match account {
            Account::Mailbox(mailbox) => Ok(self.key.mailbox(mailbox)),
            Account::Tag(tag) => {
                Ok(self.table.holder(tag).await?.map_or_else(MailboxKey::of_nobody, |holder| holder.mailbox))
            }
        }
    }

    /// Tells the client of the replaced request. Where that fails, the replaced request's own end tells it.
    async fn supersede(&self, replaced: &Request) {
        if let Some(status) = replaced.superseded() {
            let _ = self.statuses.publish(&replaced.id, &status).await;
        }
    }
}

impl From<Unavailable> for Denial {
    fn from(cause: Unavailable) -> Self {
        Self::TryAgain(cause)
    }
}

#[cfg(test)]
mod tests;
