//! What a session needs of the program behind it.

use relay::address::Address;
use std::future::Future;
use std::net::IpAddr;

/// Decides which recipients exist and what happens to a mail.
pub trait MailHandler: Sync {
    /// Whether a recipient exists.
    fn recipient_status(&self, recipient: &Address) -> impl Future<Output = RecipientStatus> + Send;

    /// Handles a mail. If `mail` is larger than [`LARGEST_MAIL`](relay::mail::LARGEST_MAIL), it is truncated to one byte
    /// more than that.
    fn handle(&self, peer: IpAddr, envelope: Envelope, mail: Vec<u8>) -> impl Future<Output = MailOutcome> + Send;
}

/// Whether a recipient exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientStatus {
    /// It exists.
    Known,
    /// It does not exist.
    Unknown,
    /// The store did not answer.
    StoreUnavailable,
}

/// What the peer learns about its mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailOutcome {
    /// It was judged. The verdict is not the peer's business.
    Accepted,
    /// It is too large.
    TooLarge,
    /// It could not be judged, because DNS did not answer.
    DnsUnavailable,
    /// It could not be judged, because the store did not answer.
    StoreUnavailable,
}

/// The envelope of a mail (RFC 5321 section 2.3.1), and the name that its peer gave itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The name in the peer's EHLO or HELO.
    pub helo: String,
    /// The sender; empty for a delivery report (RFC 5321 section 4.5.5).
    pub sender: String,
    /// The recipients, each of them [known](RecipientStatus::Known): at least one, at most
    /// [`MAX_RECIPIENTS`](super::MAX_RECIPIENTS).
    pub recipients: Vec<Address>,
}
