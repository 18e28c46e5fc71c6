//! The jobs of [`service`], with the ports of this edge.

use super::clock::Clock;
use super::inbox::Inbox;
use super::log::Log;
use super::store::Store;
use jiff::{SignedDuration, Timestamp};
use relay::id::RequestId;
use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;
use relay::status::Status;
use service::enroll::Enroll;
use service::expire::Expire;
use service::port::{Answer, PublishStatus, SignUrl};
use service::prestage::Prestage;
use service::receive::Receive;

/// What every job of one relay is made from.
#[derive(Clone)]
pub struct Jobs {
    /// What the relay remembers.
    pub store: Store,
    /// What ends requests.
    pub clock: Clock,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// What clients put in front of `/prestage` and `/status/…`, without a slash at its end.
    pub base_url: String,
    /// How long a request waits, in seconds.
    pub window_seconds: u16,
    /// Where decisions are written.
    pub log: Log,
}

/// Status documents in the store, and their URLs.
#[derive(Clone)]
pub struct StatusPages {
    store: Store,
    base_url: String,
}

impl Jobs {
    pub(crate) fn prestage(&self) -> Prestage<Store, StatusPages, Clock> {
        Prestage {
            table: self.store.clone(),
            statuses: self.status_pages(),
            scheduler: self.clock.clone(),
            relay_address: self.relay_address.clone(),
            key: self.key.clone(),
            window_seconds: self.window_seconds,
        }
    }

    pub(crate) fn receive(&self, mail: Vec<u8>) -> Receive<Store, Inbox> {
        Receive {
            table: self.store.clone(),
            bucket: Inbox::new(mail, self.store.clone()),
            relay_address: self.relay_address.clone(),
            key: self.key.clone(),
            now: Timestamp::now,
        }
    }

    /// The job of `mfa-relay enroll`.
    pub fn enroll(&self) -> Enroll<Store, Store> {
        Enroll {
            table: self.store.clone(),
            statuses: self.store.clone(),
            relay_address: self.relay_address.clone(),
            key: self.key.clone(),
            prestage_url: format!("{}/prestage", self.base_url),
        }
    }

    pub(crate) fn expire(&self) -> Expire<Store, Store> {
        Expire { table: self.store.clone(), statuses: self.store.clone() }
    }

    fn status_pages(&self) -> StatusPages {
        StatusPages { store: self.store.clone(), base_url: self.base_url.clone() }
    }
}

impl PublishStatus for StatusPages {
    async fn publish(&self, request: &RequestId, status: &Status) -> Answer<()> {
        self.store.publish(request, status).await
    }
}

impl SignUrl for StatusPages {
    /// The request's name is the signature: 128 random bits that nobody can guess.
    async fn sign(&self, request: &RequestId, seconds: u32) -> Answer<String> {
        let until = Timestamp::now().checked_add(SignedDuration::from_secs(i64::from(seconds)));
        self.store.show_status(request, until.unwrap_or(Timestamp::MAX))?;
        Ok(format!("{}/status/{}", self.base_url, request.as_str()))
    }
}
