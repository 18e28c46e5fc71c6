//! A session in memory: what a peer says, and what comes of it.

use super::relay_handler::{Desk, Taken};
use super::session::Session;
use super::state::{Privacy, Route};
use crate::shutdown as stop;
use relay::address::Address;
use service::port::Answer;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};

/// What a session came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rehearsal {
    /// What the relay said.
    pub(super) said: String,
    /// The mails that it took.
    pub(super) mails: Vec<Mail>,
}

/// A mail that was taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mail {
    /// The envelope sender.
    pub(super) sender: String,
    /// The recipients.
    pub(super) recipients: Vec<String>,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Everybody at this domain is known.
const DOMAIN: &str = "mfa.example.com";

/// Holds a session with a peer that says all of this and waits for nothing.
pub(super) async fn rehearse(peer: &[u8]) -> Rehearsal {
    let mut said = Vec::new();
    let mails = hold(tokio::io::join(peer, &mut said)).await;
    Rehearsal { said: String::from_utf8_lossy(&said).into_owned(), mails }
}

/// Holds a session over any stream, and gives the mails that came.
pub(super) async fn hold(stream: impl AsyncRead + AsyncWrite + Unpin) -> Vec<Mail> {
    let desk = Everybody::default();
    let (_stopper, stop) = stop::channel();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Session { desk: &desk, peer, privacy: Privacy::Offered, stop }.hold(stream).await;
    desk.0.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Everybody(Mutex<Vec<Mail>>);

impl Desk for Everybody {
    async fn knows(&self, recipient: &Address) -> Answer<bool> {
        Ok(recipient.domain().as_str() == DOMAIN)
    }

    async fn take(&self, _: IpAddr, route: Route, bytes: Vec<u8>) -> Taken {
        let too_large = bytes.len() > relay::mail::LARGEST_MAIL;
        let recipients = route.recipients.iter().map(|recipient| recipient.as_str().to_owned()).collect();
        let mail = Mail { sender: route.sender, recipients, bytes };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        if too_large { Taken::TooLarge } else { Taken::Accepted }
    }
}
