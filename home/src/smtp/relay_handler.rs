//! The relay's mail handler: looks up recipients in the store, checks and judges each mail.

use super::handler::{self, MailHandler, MailOutcome, RecipientStatus};
use crate::evidence::{EvidenceChecker, Hop};
use crate::jobs::Jobs;
use crate::judge::JudgeThread;
use crate::now::now;
use data_encoding::HEXLOWER;
use relay::address::Address;
use relay::id::MessageId;
use relay::mail::LARGEST_MAIL;
use relay::relay_address::Destination;
use relay::verdict::mail::{Envelope, Scan};
use service::Decision;
use service::ports::{EnrolmentStore, Unavailable};
use service::receive::{MailContent, Outcome};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// The handler of a relay.
pub(crate) struct RelayMailHandler {
    judge: Arc<Judge>,
    thread: JudgeThread,
}

/// Judges mails, on a thread of its own.
struct Judge {
    jobs: Jobs,
    checker: EvidenceChecker,
}

impl RelayMailHandler {
    /// The handler of the relay with these jobs. Its mails are judged on `thread`.
    pub(crate) fn new(jobs: Jobs, checker: EvidenceChecker, thread: JudgeThread) -> Self {
        Self { judge: Arc::new(Judge { jobs, checker }), thread }
    }
}

impl MailHandler for RelayMailHandler {
    async fn recipient_status(&self, recipient: &Address) -> RecipientStatus {
        let started = Instant::now();
        let jobs = &self.judge.jobs;
        let tag = match jobs.relay_address.destination(recipient) {
            None => return RecipientStatus::Unknown,
            Some(Destination::Plain) => return RecipientStatus::Known,
            Some(Destination::Tagged(tag)) => tag,
        };
        match jobs.store.tagged_mailbox(&tag).await {
            Ok(Some(_)) => RecipientStatus::Known,
            Ok(None) => RecipientStatus::Unknown,
            Err(unavailable) => {
                jobs.log.write(&Decision::unavailable("receive", &unavailable), started);
                RecipientStatus::StoreUnavailable
            }
        }
    }

    async fn handle(&self, peer: IpAddr, envelope: handler::Envelope, mail: Vec<u8>) -> MailOutcome {
        let judge = Arc::clone(&self.judge);
        let outcome = self.thread.run(async move { judge.handle(peer, envelope, mail).await }).await;
        outcome.unwrap_or(MailOutcome::StoreUnavailable)
    }
}

impl Judge {
    /// Judges a mail and logs what was decided.
    async fn handle(&self, peer: IpAddr, envelope: handler::Envelope, mail: Vec<u8>) -> MailOutcome {
        let started = Instant::now();
        let is_too_large = mail.len() > LARGEST_MAIL;
        let (outcome, decisions) = match self.judge(peer, envelope, mail).await {
            Ok(outcomes) => (reply_to(&outcomes, is_too_large), outcomes.iter().map(Decision::from).collect()),
            Err(unavailable) => (MailOutcome::StoreUnavailable, vec![Decision::unavailable("receive", &unavailable)]),
        };
        for decision in &decisions {
            self.jobs.log.write(decision, started);
        }
        outcome
    }

    async fn judge(
        &self,
        peer: IpAddr,
        envelope: handler::Envelope,
        mail: Vec<u8>,
    ) -> Result<Vec<Outcome>, Unavailable> {
        let received = Envelope {
            id: message_id(&mail)?,
            accepted_at: now(),
            recipients: envelope.recipients.clone(),
            sender: Address::parse(&envelope.sender),
            scan: Scan::default(),
        };
        let content = async {
            // A truncated mail is refused without asking DNS.
            if mail.len() > LARGEST_MAIL {
                return Ok(MailContent::TooLarge);
            }
            let mail: Arc<[u8]> = mail.into();
            let hop = Hop { peer, helo: envelope.helo, sender: envelope.sender };
            let checks = self.checker.checks(hop, Arc::clone(&mail));
            Ok(MailContent::Unchecked(mail, checks))
        };
        self.jobs.receive().mail(&received, content).await
    }
}

/// The reply to a mail that was judged for each of its recipients.
fn reply_to(outcomes: &[Outcome], is_too_large: bool) -> MailOutcome {
    match outcomes {
        _ if is_too_large => MailOutcome::TooLarge,
        // Deferred for one recipient is deferred for all: the retry delivers no code twice.
        outcomes if outcomes.contains(&Outcome::Deferred) => MailOutcome::DnsUnavailable,
        _ => MailOutcome::Accepted,
    }
}

/// The id of a mail is the digest of its bytes, which makes a retry idempotent: a peer that missed the reply sends the
/// same bytes again.
fn message_id(mail: &[u8]) -> Result<MessageId, Unavailable> {
    let invalid = || Unavailable { operation: "message id", cause: "invalid".to_owned() };
    MessageId::parse(&HEXLOWER.encode(&Sha256::digest(mail))).ok_or_else(invalid)
}
