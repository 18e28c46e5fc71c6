//! Sessions in memory, for tests: a handler that stores every mail, and a peer that sends all of its input at once.

use super::handler::{Envelope, MailHandler, MailOutcome, RecipientStatus};
use super::mail_buffer::MailMemory;
use super::session::Session;
use super::state::Tls;
use crate::shutdown;
use relay::address::Address;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};

/// The result of a session.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Transcript {
    /// Everything that the server sent.
    pub(super) replies: String,
    /// The mails that the handler got.
    pub(super) mails: Vec<Mail>,
}

/// A mail that the handler got.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) sender: String,
    pub(super) recipients: Vec<String>,
    pub(super) bytes: Vec<u8>,
}

/// Runs a session with a peer that sends `input` without waiting for replies.
pub(super) async fn run_with_input(input: &[u8]) -> Transcript {
    let mut replies = Vec::new();
    let mails = run(tokio::io::join(input, &mut replies)).await;
    Transcript { replies: String::from_utf8_lossy(&replies).into_owned(), mails }
}

/// Runs a session over a stream, and returns the mails.
pub(super) async fn run(stream: impl AsyncRead + AsyncWrite + Unpin) -> Vec<Mail> {
    run_with_memory(stream, MailMemory::default()).await
}

/// Runs a session that shares this memory with others, and returns the mails.
pub(super) async fn run_with_memory(stream: impl AsyncRead + AsyncWrite + Unpin, memory: MailMemory) -> Vec<Mail> {
    let handler = FakeMailHandler::default();
    let (_trigger, shutdown) = shutdown::channel();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Session { handler: &handler, peer, tls: Tls::Offered, memory, shutdown }.run(stream).await;
    handler.0.into_inner().expect("no panic")
}

/// Knows every recipient at mfa.example.com.
#[derive(Default)]
struct FakeMailHandler(Mutex<Vec<Mail>>);

impl MailHandler for FakeMailHandler {
    async fn recipient_status(&self, recipient: &Address) -> RecipientStatus {
        let is_known = recipient.domain().as_str() == "mfa.example.com";
        if is_known { RecipientStatus::Known } else { RecipientStatus::Unknown }
    }

    async fn handle(&self, _: IpAddr, envelope: Envelope, bytes: Vec<u8>) -> MailOutcome {
        let is_too_large = bytes.len() > relay::mail::LARGEST_MAIL;
        let recipients = envelope.recipients.iter().map(|recipient| recipient.as_str().to_owned()).collect();
        self.0.lock().expect("no panic").push(Mail { sender: envelope.sender, recipients, bytes });
        if is_too_large { MailOutcome::TooLarge } else { MailOutcome::Accepted }
    }
}
