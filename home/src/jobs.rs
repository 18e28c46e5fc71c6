//! The jobs of [`service`] over the adapters of this edge.

use crate::clock::Clock;
use crate::log::Log;
use crate::now::now;
use crate::store::Store;
use jiff::{SignedDuration, Timestamp};
use relay::id::RequestId;
use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;
use relay::status::Status;
use service::dialects::pyaarlo::Pyaarlo;
use service::enroll::Enroll;
use service::expire::Expire;
use service::ports::{StatusReader, StatusStore, StatusUrls, Unavailable};
use service::prestage::Prestage;
use service::receive::Receive;

/// Builds the jobs of one relay; cheap to clone.
#[derive(Clone)]
pub(crate) struct Jobs {
    /// The store.
    pub(crate) store: Store,
    /// Closes requests when their windows end.
    pub(crate) clock: Clock,
    /// The address that mailboxes forward to.
    pub(crate) relay_address: RelayAddress,
    /// The key for the hashes of mailboxes.
    pub(crate) key: AddressKey,
    /// The public URL in front of `/prestage` and `/status/…`, without a trailing slash.
    pub(crate) base_url: String,
    /// How long a request waits for its code, in seconds.
    pub(crate) window_seconds: u16,
    /// Where decisions are logged.
    pub(crate) log: Log,
}

/// Publishes status documents in the store and hands out their URLs.
#[derive(Clone)]
pub(crate) struct StatusPages {
    store: Store,
    base_url: String,
}

impl Jobs {
    pub(crate) fn prestage(&self) -> Prestage<Store, StatusPages, Clock> {
        Prestage {
            table: self.store.clone(),
            statuses: StatusPages { store: self.store.clone(), base_url: self.base_url.clone() },
            schedule: self.clock.clone(),
            relay_address: self.relay_address.clone(),
            key: self.key.clone(),
            window_seconds: self.window_seconds,
        }
    }

    pub(crate) fn pyaarlo(&self) -> Pyaarlo<Store, StatusPages, Clock> {
        Pyaarlo { prestage: self.prestage() }
    }

    pub(crate) fn receive(&self) -> Receive<Store, Store> {
        Receive {
            table: self.store.clone(),
            statuses: self.store.clone(),
            relay_address: self.relay_address.clone(),
            key: self.key.clone(),
            now,
        }
    }

    pub(crate) fn enroll(&self) -> Enroll<Store, Store> {
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
}

impl StatusStore for StatusPages {
    async fn publish(&self, request: &RequestId, status: &Status) -> Result<(), Unavailable> {
        self.store.publish(request, status).await
    }
}

impl StatusReader for StatusPages {
    async fn read_status(&self, request: &RequestId) -> Result<Option<Status>, Unavailable> {
        let document = self.store.status(request, now())?;
        Ok(document.and_then(|document| Status::from_json(&document)))
    }
}

impl StatusUrls for StatusPages {
    /// The request id is the signature: 128 random bits, which cannot be guessed.
    async fn status_url(&self, request: &RequestId, seconds: u32) -> Result<String, Unavailable> {
        let expires_at = now().checked_add(SignedDuration::from_secs(i64::from(seconds)));
        self.store.set_url_expiry(request, expires_at.unwrap_or(Timestamp::MAX))?;
        Ok(format!("{}/status/{}", self.base_url, request.as_str()))
    }
}
