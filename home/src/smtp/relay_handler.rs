//! The relay's mail handler: looks up recipients in the store, checks and judges each mail.

use super::handler::{Envelope, MailHandler, MailOutcome, RecipientStatus};
use crate::evidence::{EvidenceChecker, Hop};
use crate::jobs::Jobs;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use relay::address::Address;
use relay::evidence::Evidence;
use relay::id::MessageId;
use relay::mail::LARGEST_MAIL;
use relay::relay_address::Place;
use service::port::{Answer, ReadEnrolments, Unavailable};
use service::receive::{Announcement, Outcome, Proof};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::time::Instant;

/// The handler of a relay.
pub(crate) struct RelayMailHandler {
    pub(crate) jobs: Jobs,
    pub(crate) checker: EvidenceChecker,
}

impl MailHandler for RelayMailHandler {
    async fn recipient_status(&self, recipient: &Address) -> RecipientStatus {
        let started = Instant::now();
        let tag = match self.jobs.relay_address.place(recipient) {
            None => return RecipientStatus::Unknown,
            Some(Place::Plain) => return RecipientStatus::Known,
            Some(Place::Tagged(tag)) => tag,
        };
        match self.jobs.store.holder(&tag).await {
            Ok(Some(_)) => RecipientStatus::Known,
            Ok(None) => RecipientStatus::Unknown,
            Err(unavailable) => {
                self.jobs.log.unavailable("receive", &unavailable, started);
                RecipientStatus::StoreUnavailable
            }
        }
    }

    async fn handle(&self, peer: IpAddr, envelope: Envelope, mail: Vec<u8>) -> MailOutcome {
        let started = Instant::now();
        let hop = Hop { peer, helo: &envelope.helo, sender: &envelope.sender };
        let is_too_large = mail.len() > LARGEST_MAIL;
        // A truncated mail is refused whatever DNS says.
        let checked = if is_too_large { Ok(Evidence::default()) } else { self.checker.check(&hop, &mail).await };
        let Ok(evidence) = checked else {
            self.jobs.log.decision("receive", "deferred", Some("dns"), started);
            return MailOutcome::DnsUnavailable;
        };
        match self.judge(envelope, mail, Proof::Checked(evidence)).await {
            Ok(outcomes) => {
                for (outcome, reason) in outcomes.into_iter().map(Outcome::words) {
                    self.jobs.log.decision("receive", outcome, reason, started);
                }
                if is_too_large { MailOutcome::TooLarge } else { MailOutcome::Accepted }
            }
            Err(unavailable) => {
                self.jobs.log.unavailable("receive", &unavailable, started);
                MailOutcome::StoreUnavailable
            }
        }
    }
}

impl RelayMailHandler {
    async fn judge(&self, envelope: Envelope, mail: Vec<u8>, proof: Proof) -> Answer<Vec<Outcome>> {
        let announcement = Announcement {
            id: message_id(&mail)?,
            accepted_at: Timestamp::now(),
            recipients: envelope.recipients,
            sender: Address::parse(&envelope.sender),
            screened: None,
            proof,
        };
        self.jobs.receive(mail).take(&announcement).await
    }
}

/// The id of a mail is the digest of its bytes, which makes a retry idempotent: a peer that missed the reply sends the
/// same bytes again.
fn message_id(mail: &[u8]) -> Answer<MessageId> {
    let invalid = || Unavailable { operation: "message id", cause: "invalid".to_owned() };
    MessageId::parse(&HEXLOWER.encode(&Sha256::digest(mail))).ok_or_else(invalid)
}
