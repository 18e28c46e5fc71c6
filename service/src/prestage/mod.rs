//! Prestage: a program that is about to log in asks for the URL at which its code will appear.

mod call;
mod reply;

pub use call::{Call, Caller, LARGEST_BODY};
pub use reply::{Error, Reply};

pub(crate) use call::presented_token;

use crate::decision::{Decision, Metric};
use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore, Schedule, StatusStore, StatusUrls, Unavailable};
use crate::transition::transition;
use call::{Account, Format, Query};
use jiff::Timestamp;
use relay::enrolment::{Enrolment, Program};
use relay::id::RequestId;
use relay::mailbox::{AddressKey, MailboxKey};
use relay::relay_address::RelayAddress;
use relay::request::{Request, Requests};
use relay::secret::{Tag, TokenDigest};
use relay::status::seconds;
use std::sync::LazyLock;

/// How long a status URL outlives the window, in seconds: the last answer is still JSON (DESIGN section 3.2).
const STATUS_URL_GRACE: u32 = 300;

/// The job and the ports it uses.
pub struct Prestage<T, S, C> {
    /// Enrolments, requests and arrivals.
    pub table: T,
    /// Status documents and their URLs.
    pub statuses: S,
    /// What ends requests.
    pub schedule: C,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// How long a request waits, in seconds.
    pub window_seconds: u16,
}

/// A request that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Its identifier.
    pub id: RequestId,
    /// When its window ends.
    pub expires_at: Timestamp,
    /// Where its status can be read.
    pub status_url: String,
    /// Whether the mailbox had a request that should have ended long ago.
    found_overdue: bool,
}

impl Opened {
    /// What to log of an opening, by the job that asked for it.
    pub fn decision(opened: &Result<Self, Error>, job: &'static str) -> Decision {
        match opened {
            Ok(opened) => {
                let overdue = opened.found_overdue.then_some(Metric::PendingPastEnd);
                Decision::new(job, "opened").counting([Metric::RequestsOpened].into_iter().chain(overdue))
            }
            Err(error) => error.decision(job),
        }
    }
}

impl<T, S, C> Prestage<T, S, C>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore + StatusUrls,
    C: Schedule,
{
    /// Answers a call. Every call gets an answer.
    pub async fn answer(&self, call: &Call<'_>, now: Timestamp) -> (Reply, Decision) {
        let query = Query::parse(call, &self.relay_address);
        let format = query.as_ref().map_or(Format::Text, |query| query.format);
        let opened = match query {
            Ok(query) => self.open(&query.caller, now).await,
            Err(error) => Err(error),
        };
        let reply = match &opened {
            Ok(opened) => self.reply(opened, format),
            Err(error) => Reply::from(error),
        };
        (reply, Opened::decision(&opened, "prestage"))
    }

    fn reply(&self, opened: &Opened, format: Format) -> Reply {
        match format {
            Format::Text => Reply::text(opened.status_url.clone()),
            Format::Json => Reply::json(&serde_json::json!({
                "status_url": opened.status_url,
                "expires_at": seconds(opened.expires_at),
                "window_seconds": self.window_seconds,
            })),
        }
    }

    /// Opens a request.
    ///
    /// # Errors
    /// The caller is not enrolled, or a service did not answer.
    pub async fn open(&self, caller: &Caller, now: Timestamp) -> Result<Opened, Error> {
        let (tag, program) = self.admitted(caller).await?;
        let id = RequestId::from_random(crate::random()?);
        let request = Request::open(id, program.id.clone(), caller.provider, now, self.window_seconds);
        let waiting = request.pending();
        let url_lifetime = u32::from(self.window_seconds) + STATUS_URL_GRACE;

        let (requests, published, scheduled, url, _) = tokio::join!(
            self.table.open_request(&tag, &request),
            self.statuses.publish(&request.id, &waiting),
            self.schedule.schedule_end(&tag, &request.id, request.expires_at),
            self.statuses.status_url(&request.id, url_lifetime),
            // Only `show` and `list` need it, so no login fails because of it.
            self.table.note_use(&tag, &program.id, now),
        );
        let requests = requests?;
        published?;
        scheduled?;
        let found_overdue = !requests.overdue(now).is_empty();
        self.settle(&tag, &requests, now).await;
        Ok(Opened { id: request.id, expires_at: request.expires_at, status_url: url?, found_overdue })
    }

    /// The tag of the enrolment and the program that the token belongs to. An unknown mailbox costs what a wrong token
    /// costs.
    ///
    /// # Errors
    /// The caller is not enrolled, or a service did not answer.
    pub async fn admitted(&self, caller: &Caller) -> Result<(Tag, Program), Error> {
        let mailbox = self.mailbox_of(&caller.account).await?;
        let enrolment = self.table.enrolment(&mailbox).await?.unwrap_or_else(dummy_enrolment);
        let program = enrolment.program_with(&caller.token).cloned();
        program.map(|program| (enrolment.tag, program)).ok_or(Error::NotEnrolled)
    }

    async fn mailbox_of(&self, account: &Account) -> Result<MailboxKey, Unavailable> {
        match account {
            Account::Mailbox(mailbox) => Ok(self.key.mailbox(mailbox)),
            Account::Tag(tag) => {
                let tagged = self.table.tagged_mailbox(tag).await?;
                Ok(tagged.map_or_else(MailboxKey::dummy, |tagged| tagged.mailbox))
            }
        }
    }

    /// Ends what the new request supersedes and tells those clients. If that fails, the end of each one's own window does
    /// it.
    async fn settle(&self, tag: &Tag, opened: &Requests, now: Timestamp) {
        let settled = opened.cleared(now);
        let ending: Vec<RequestId> = opened
            .iter()
            .filter(|request| request.end.is_none())
            .filter(|request| settled.get(&request.id).is_none_or(|request| request.end.is_some()))
            .map(|request| request.id.clone())
            .collect();
        if ending.is_empty() {
            return;
        }
        let Ok(read) = self.table.requests(tag).await else { return };
        let settle = |requests: &Requests| requests.cleared(now).as_next_of(requests);
        let Ok(after) = transition(&self.table, tag, read, settle).await else { return };
        for id in ending {
            if let Some(status) = after.now.get(&id).and_then(Request::ended) {
                let _ = self.statuses.publish(&id, &status).await;
            }
        }
    }
}

/// An enrolment that no token opens, in place of one that does not exist. The comparison takes the same time, and so does
/// reading it: a store reads what it finds from a text such as this one.
fn dummy_enrolment() -> Enrolment {
    static STORED: LazyLock<String> = LazyLock::new(|| serde_json::to_string(&new_dummy()).unwrap_or_default());
    serde_json::from_str(&STORED).unwrap_or_else(|_| new_dummy())
}

fn new_dummy() -> Enrolment {
    // Dates as long as real ones, which have nanoseconds.
    let created_at = Timestamp::from_nanosecond(1_795_291_200_123_456_789).unwrap_or_default();
    let program = Program {
        id: relay::id::ProgramId::from_random([0; 4]),
        label: relay::enrolment::Label::default(),
        token_digest: TokenDigest::dummy(),
        created_at,
        rotated_at: None,
    };
    Enrolment { revision: 1, tag: Tag::from_random([0; 10]), programs: vec![program], created_at }
}

#[cfg(test)]
mod tests;
