//! One SMTP session: lines from the wire, turns from the dialogue, questions to the desk.

use super::limits::{MOST_COMMANDS, RATE_WINDOW, SESSION};
use super::line_stream::{Broken, Wire};
use super::relay_handler::{Desk, Taken};
use super::reply::{self, Reply};
use super::state::{Dialogue, Privacy, Turn};
use crate::shutdown::Stop;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

/// One peer, for as long as its words are clear or encrypted.
pub(super) struct Session<'a, D> {
    /// Who knows the recipients and takes the mails.
    pub(super) desk: &'a D,
    /// The peer's address.
    pub(super) peer: IpAddr,
    /// Whether the session is encrypted, or could be.
    pub(super) privacy: Privacy,
    /// When the relay stops.
    pub(super) stop: Stop,
}

impl<D: Desk> Session<'_, D> {
    /// Holds the session to its end, or until TLS is to be started: then the stream comes back.
    pub(super) async fn hold<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) -> Option<S> {
        let mut wire = Wire::new(stream);
        if self.privacy != Privacy::Encrypted {
            wire.say(&reply::GREETING);
        }
        let held = tokio::time::timeout(SESSION, self.talk(&mut wire)).await;
        match held.unwrap_or(Err(Some(reply::TOO_SLOW))) {
            Ok(()) => wire.into_stream(),
            Err(last) => {
                if let Some(last) = last {
                    wire.say(&last);
                }
                wire.part().await;
                None
            }
        }
    }

    /// Talks until TLS is to be started, or until there is nothing more to say than this.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&self, wire: &mut Wire<S>) -> Result<(), Option<Reply>> {
        let mut dialogue = Dialogue::new(self.privacy);
        let mut rate = Rate::new();
        let mut stop = self.stop.clone();
        loop {
            let line = tokio::select! {
                line = wire.command() => line.map_err(Broken::reply)?,
                () = stop.wait() => return Err(Some(reply::STOPPING)),
            };
            if !rate.allows() {
                return Err(Some(reply::TOO_FAST));
            }
            match self.settle(dialogue.hear(&line), &mut dialogue).await {
                Turn::Say(reply) => wire.say(&reply),
                Turn::Part(reply) => return Err(Some(reply)),
                Turn::TakeMail => {
                    wire.say(&reply::GO_AHEAD);
                    let mail = wire.mail().await.map_err(Broken::reply)?;
                    wire.say(&self.take(mail, &mut dialogue).await);
                }
                Turn::StartTls if wire.is_drained() => {
                    wire.say(&reply::START_TLS);
                    return wire.flush().await.map_err(Broken::reply);
                }
                // What came in the clear must not be taken for what was encrypted (RFC 3207 section 4.2).
                Turn::StartTls => return Err(Some(reply::EARLY_TALKER)),
                Turn::Ask(_) => wire.say(&reply::TRY_AGAIN),
            }
        }
    }

    /// Answers what the dialogue asks about a recipient.
    async fn settle(&self, turn: Turn, dialogue: &mut Dialogue) -> Turn {
        let Turn::Ask(recipient) = turn else { return turn };
        match self.desk.knows(&recipient).await {
            Ok(is_known) => dialogue.admit(recipient, is_known),
            Err(_) => Turn::Say(reply::TRY_AGAIN),
        }
    }

    async fn take(&self, mail: Vec<u8>, dialogue: &mut Dialogue) -> Reply {
        match self.desk.take(self.peer, dialogue.end_mail(), mail).await {
            Taken::Accepted => reply::ACCEPTED,
            Taken::TooLarge => reply::TOO_LARGE,
            Taken::Unproven => reply::UNPROVEN,
            Taken::Troubled => reply::TRY_AGAIN,
        }
    }
}

/// Counts commands.
struct Rate {
    since: Instant,
    commands: u32,
}

impl Rate {
    fn new() -> Self {
        Self { since: Instant::now(), commands: 0 }
    }

    fn allows(&mut self) -> bool {
        if self.since.elapsed() >= RATE_WINDOW {
            *self = Self::new();
        }
        self.commands += 1;
        self.commands <= MOST_COMMANDS
    }
}

#[cfg(test)]
mod tests;
