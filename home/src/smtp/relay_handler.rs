//! The desk behind a session: who is known here, and what becomes of a mail.

use super::state::Route;
use crate::evidence::{Checker, Hop};
use crate::jobs::Jobs;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use relay::address::Address;
use relay::id::MessageId;
use relay::mail::LARGEST_MAIL;
use relay::relay_address::Place;
use service::port::{Answer, ReadEnrolments, Unavailable};
use service::receive::{Announcement, Outcome, Proof};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::net::IpAddr;
use std::time::Instant;

/// Who knows recipients and takes mails.
pub(super) trait Desk: Sync {
    /// Whether a recipient is known here.
    fn knows(&self, recipient: &Address) -> impl Future<Output = Answer<bool>> + Send;
    /// Takes a mail, or says why not. Of one that is too large, only the beginning came.
    fn take(&self, peer: IpAddr, route: Route, mail: Vec<u8>) -> impl Future<Output = Taken> + Send;
}

/// What became of a mail, as far as its sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was judged. What came of that is between the relay and its owner.
    Accepted,
    /// It is too large.
    TooLarge,
    /// DNS did not answer, so that it cannot be judged.
    Unproven,
    /// The store did not answer.
    Troubled,
}

/// The relay's own desk.
pub(super) struct Counter {
    pub(super) jobs: Jobs,
    pub(super) checker: Checker,
}

impl Desk for Counter {
    async fn knows(&self, recipient: &Address) -> Answer<bool> {
        let started = Instant::now();
        match self.jobs.relay_address.place(recipient) {
            None => Ok(false),
            Some(Place::Plain) => Ok(true),
            Some(Place::Tagged(tag)) => {
                let holder = self.jobs.store.holder(&tag).await;
                Ok(holder.inspect_err(|trouble| self.jobs.log.trouble("receive", trouble, started))?.is_some())
            }
        }
    }

    async fn take(&self, peer: IpAddr, route: Route, mail: Vec<u8>) -> Taken {
        let started = Instant::now();
        let hop = Hop { peer, greeting: &route.greeting, sender: &route.sender };
        let is_too_large = mail.len() > LARGEST_MAIL;
        let checked =
            if is_too_large { Ok(relay::evidence::Evidence::default()) } else { self.checker.check(&hop, &mail).await };
        let Ok(evidence) = checked else {
            self.jobs.log.decision("receive", "deferred", Some("dns"), started);
            return Taken::Unproven;
        };
        match self.judge(route, mail, Proof::Checked(evidence)).await {
            Ok(outcomes) => {
                for (outcome, reason) in outcomes.into_iter().map(Outcome::words) {
                    self.jobs.log.decision("receive", outcome, reason, started);
                }
                if is_too_large { Taken::TooLarge } else { Taken::Accepted }
            }
            Err(trouble) => {
                self.jobs.log.trouble("receive", &trouble, started);
                Taken::Troubled
            }
        }
    }
}

impl Counter {
    async fn judge(&self, route: Route, mail: Vec<u8>, proof: Proof) -> Answer<Vec<Outcome>> {
        let announcement = Announcement {
            id: name(&mail)?,
            accepted_at: Timestamp::now(),
            recipients: route.recipients,
            sender: Address::parse(&route.sender),
            screened: None,
            proof,
        };
        self.jobs.receive(mail).take(&announcement).await
    }
}

/// A mail's name is a digest of its bytes: a peer that did not hear the answer sends the same mail again.
fn name(mail: &[u8]) -> Answer<MessageId> {
    let unnamed = || Unavailable { operation: "name mail", cause: "no name".to_owned() };
    MessageId::parse(&HEXLOWER.encode(&Sha256::digest(mail))).ok_or_else(unnamed)
}
