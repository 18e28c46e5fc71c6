//! One SMTP session: reads lines, drives the state machine, asks the handler.

use super::handler::{MailHandler, MailOutcome, RecipientStatus};
use super::limits::{MAX_COMMANDS, RATE_WINDOW, SESSION_TIMEOUT};
use super::line_stream::{LineStream, ReadError};
use super::mail_buffer::{MailBuffer, MailMemory};
use super::reply::{self, Reply};
use super::state::{Action, SessionState, Tls};
use crate::rate_limit::RateLimit;
use crate::shutdown::Shutdown;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncWrite};

/// A session with one peer. STARTTLS ends it, and a second one runs over the encrypted stream.
pub struct Session<'a, H> {
    /// What the session hands recipients and mails to.
    pub handler: &'a H,
    /// The peer's address.
    pub peer: IpAddr,
    /// Whether the session is encrypted, or can be.
    pub tls: Tls,
    /// What the session shares with the others for the mails that it reads.
    pub memory: MailMemory,
    /// Ends the session between two commands.
    pub shutdown: Shutdown,
}

impl<H: MailHandler> Session<'_, H> {
    /// Runs the session until one side closes it. After STARTTLS, returns the stream for the handshake.
    pub async fn run<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) -> Option<S> {
        let mut lines = LineStream::new(stream);
        if self.tls != Tls::Active {
            lines.queue(&reply::GREETING);
        }
        let ended = tokio::time::timeout(SESSION_TIMEOUT, self.process_commands(&mut lines)).await;
        match ended.unwrap_or(Err(Some(reply::TIMEOUT))) {
            Ok(()) => lines.into_stream(),
            Err(last) => {
                if let Some(last) = last {
                    lines.queue(&last);
                }
                lines.close().await;
                None
            }
        }
    }

    /// Processes commands. Returns `Ok` at STARTTLS, and `Err` with the last reply, if any, when the session ends.
    async fn process_commands<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        lines: &mut LineStream<S>,
    ) -> Result<(), Option<Reply>> {
        let mut state = SessionState::new(self.tls);
        let mut rate = RateLimit::new(MAX_COMMANDS, RATE_WINDOW);
        let mut shutdown = self.shutdown.clone();
        loop {
            let line = tokio::select! {
                line = lines.read_command() => line.map_err(ReadError::reply)?,
                () = shutdown.requested() => return Err(Some(reply::SHUTTING_DOWN)),
            };
            if !rate.allows() {
                return Err(Some(reply::TOO_FAST));
            }
            match self.looked_up(state.command(&line), &mut state).await {
                Action::Reply(reply) => lines.queue(&reply),
                Action::Close(reply) => return Err(Some(reply)),
                Action::ReadMail => {
                    lines.queue(&reply::START_MAIL);
                    let mail = lines.read_mail(&self.memory).await.map_err(ReadError::reply)?;
                    lines.queue(&self.handle(mail, &mut state).await);
                }
                Action::StartTls if lines.is_buffer_empty() => {
                    lines.queue(&reply::START_TLS);
                    return lines.flush().await.map_err(ReadError::reply);
                }
                // Plaintext that was sent ahead must not be processed as if it were encrypted (RFC 3207 section 4.2).
                Action::StartTls => return Err(Some(reply::PIPELINED_STARTTLS)),
                Action::LookUp(_) => lines.queue(&reply::TRY_AGAIN),
            }
        }
    }

    /// Performs [`Action::LookUp`] and returns the action that follows; every other action is returned as it is.
    async fn looked_up(&self, action: Action, state: &mut SessionState) -> Action {
        let Action::LookUp(recipient) = action else { return action };
        match self.handler.recipient_status(&recipient).await {
            RecipientStatus::Known => state.recipient(recipient, true),
            RecipientStatus::Unknown => state.recipient(recipient, false),
            RecipientStatus::StoreUnavailable => Action::Reply(reply::TRY_AGAIN),
        }
    }

    /// Hands a mail in. Its share of the memory is kept until it is judged.
    async fn handle(&self, mut buffer: MailBuffer, state: &mut SessionState) -> Reply {
        let envelope = state.end_transaction();
        let Some(mail) = buffer.take_mail() else { return reply::OUT_OF_MEMORY };
        match self.handler.handle(self.peer, envelope, mail).await {
            MailOutcome::Accepted => reply::ACCEPTED,
            MailOutcome::TooLarge => reply::TOO_LARGE,
            MailOutcome::DnsUnavailable => reply::DNS_UNAVAILABLE,
            MailOutcome::StoreUnavailable => reply::TRY_AGAIN,
        }
    }
}

#[cfg(test)]
mod tests;
