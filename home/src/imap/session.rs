//! One session: reads commands, drives the state machine, asks the source of codes.

use super::input::{Input, ReadError, Received};
use super::limits::{IDLE_TIMEOUT, LOGIN_TIMEOUT, LOOK_INTERVAL, MAX_COMMANDS, RATE_WINDOW};
use super::response::Responses;
use super::state::{Action, SessionState};
use super::watch::Watch;
use crate::codes::{Account, CodeSource, Progress, Refusal};
use crate::rate_limit::RateLimit;
use crate::shutdown::Shutdown;
use imap_codec::AuthenticateDataCodec;
use imap_codec::decode::Decoder;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

/// A session with one client.
pub struct Session<'a, S> {
    /// Where codes come from.
    pub source: &'a S,
    /// The time, for the dates of messages.
    pub now: fn() -> Timestamp,
    /// Ends the session between two commands.
    pub shutdown: Shutdown,
}

/// A client that is logged in, and its request if INBOX is selected.
struct Client<A: Account> {
    account: A,
    watch: Option<Watch<A::Request>>,
}

/// The last responses of a session that ends, if the client can still read them.
type Last = Option<Responses>;

impl From<ReadError> for Last {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => None,
            ReadError::TooLong => Some(Responses::bye("The command is too long.")),
        }
    }
}

impl<S: CodeSource> Session<'_, S> {
    /// Runs the session until one side closes it.
    pub async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut running =
            Running { input: Input::new(stream), state: SessionState::new((self.now)()), client: None, session: self };
        let Err(last) = running.process_commands().await;
        if let Some(last) = last {
            let _ = running.input.send(&last).await;
        }
        running.input.close().await;
    }
}

/// A session that runs.
struct Running<'a, S: CodeSource, T> {
    session: Session<'a, S>,
    input: Input<T>,
    state: SessionState,
    client: Option<Client<S::Account>>,
}

impl<S: CodeSource, T: AsyncRead + AsyncWrite + Unpin> Running<'_, S, T> {
    async fn process_commands(&mut self) -> Result<std::convert::Infallible, Last> {
        self.input.send(&Responses::greeting()).await?;
        let mut rate = RateLimit::new(MAX_COMMANDS, RATE_WINDOW);
        let started = Instant::now();
        loop {
            let deadline =
                if self.state.is_authenticated() { Instant::now() + IDLE_TIMEOUT } else { started + LOGIN_TIMEOUT };
            let received = self.received(deadline).await?;
            if !rate.allows() {
                return Err(Some(Responses::bye("Too many commands. Try again in a minute.")));
            }
            let action = match received {
                Received::Command(command) => self.state.command(command),
                Received::Literal => Action::Send(Responses::continuation("Go on.")),
                Received::TooBig(tag) => Action::Send(Responses::default().too_big(tag)),
                Received::Invalid(tag) => self.state.invalid(tag),
            };
            self.perform(action).await?;
            if self.state.is_full() {
                return Err(Some(Responses::bye("This session has seen a thousand codes. Connect again.")));
            }
        }
    }

    /// Waits for the next command. Meanwhile the codes of a request that closes are erased.
    async fn received(&mut self, deadline: Instant) -> Result<Received, Last> {
        loop {
            let closes_at = self.client.as_ref().and_then(|client| client.watch.as_ref()?.closes_at());
            tokio::select! {
                // The end of the window comes before a command that would read its code.
                biased;
                () = wait_until(closes_at) => self.close_request(),
                received = self.input.command() => return Ok(received?),
                () = self.session.shutdown.requested() => {
                    return Err(Some(Responses::bye("The relay shuts down. Connect again soon.")));
                }
                () = tokio::time::sleep_until(deadline) => {
                    return Err(Some(Responses::bye("Nothing was sent for too long.")));
                }
            }
        }
    }

    async fn perform(&mut self, action: Action) -> Result<(), Last> {
        let responses = match action {
            Action::Send(responses) => responses,
            Action::Close(responses) => return Err(Some(responses)),
            Action::ReadCredentials(tag, responses) => {
                self.input.send(&responses).await?;
                let line = tokio::time::timeout(LOGIN_TIMEOUT, self.input.line()).await.map_err(|_| Last::None)??;
                let action = match AuthenticateDataCodec::default().decode(&line) {
                    Ok((_, data)) => self.state.credentials(tag, data),
                    Err(_) => self.state.invalid(Some(tag)),
                };
                return Box::pin(self.perform(action)).await;
            }
            Action::LogIn(tag, login) => {
                let mailbox = login.mailbox.clone();
                match self.session.source.log_in(login).await {
                    Ok(account) => {
                        self.client = Some(Client { account, watch: None });
                        self.state.logged_in(tag, &mailbox, (self.session.now)())
                    }
                    Err(refusal) => {
                        let refused = self.state.login_refused(tag, &refusal);
                        return Box::pin(self.perform(refused)).await;
                    }
                }
            }
            Action::Select(tag, access) => {
                self.close_request();
                match self.open().await {
                    Ok(()) => self.state.selected(tag, access),
                    Err(refusal) => self.state.select_refused(tag, &refusal),
                }
            }
            Action::Unselect(responses) => {
                self.close_request();
                if let Some(client) = &mut self.client {
                    client.watch = None;
                }
                responses
            }
            Action::Look(tag, question) => {
                self.look().await?;
                self.state.answer(tag, &question)
            }
            Action::Idle(tag) => {
                self.look().await?;
                self.idle().await?;
                self.state.news().ok(tag, "Done.")
            }
        };
        self.note_use();
        self.input.send(&responses).await?;
        Ok(())
    }

    /// Tells the client of each code, until it sends a line: DONE (RFC 2177). The request is not renewed meanwhile: a login
    /// that begins sends a command.
    async fn idle(&mut self) -> Result<(), Last> {
        self.input.send(&Responses::continuation("Waiting for codes.").and(&self.state.news())).await?;
        let deadline = Instant::now() + IDLE_TIMEOUT;
        loop {
            tokio::select! {
                line = self.input.line() => return line.map(drop).map_err(Last::from),
                () = tokio::time::sleep(LOOK_INTERVAL), if self.has_open_request() => {}
                () = self.session.shutdown.requested() => {
                    return Err(Some(Responses::bye("The relay shuts down. Connect again soon.")));
                }
                () = tokio::time::sleep_until(deadline) => {
                    return Err(Some(Responses::bye("Nothing was sent for too long.")));
                }
            }
            self.see_progress().await;
            let news = self.state.news();
            self.input.send(&news).await?;
        }
    }

    /// Looks for codes, and opens a new request if the client needs one.
    async fn look(&mut self) -> Result<(), Last> {
        if !self.needs_renewal() {
            self.see_progress().await;
        }
        if self.needs_renewal() {
            self.close_request();
            match self.open().await {
                Ok(()) => {}
                // The token has been revoked.
                Err(Refusal::Denied(text)) => return Err(Some(Responses::bye(&text))),
                Err(Refusal::Unavailable(text)) => self.state.note(text),
            }
        }
        Ok(())
    }

    fn needs_renewal(&self) -> bool {
        let watch = self.client.as_ref().and_then(|client| client.watch.as_ref());
        watch.is_some_and(|watch| watch.needs_renewal(Instant::now()))
    }

    fn has_open_request(&self) -> bool {
        let watch = self.client.as_ref().and_then(|client| client.watch.as_ref());
        watch.is_some_and(|watch| watch.open_request().is_some())
    }

    /// Opens a request.
    async fn open(&mut self) -> Result<(), Refusal> {
        if let Some(client) = &mut self.client {
            let opened = client.account.open().await?;
            client.watch = Some(Watch::new(opened, Instant::now()));
        }
        Ok(())
    }

    /// Looks at the request.
    async fn see_progress(&mut self) {
        let Some(Client { account, watch: Some(watch) }) = &mut self.client else { return };
        let Some(request) = watch.open_request() else { return };
        match account.look(request).await {
            Ok(Progress::Complete(mail)) => {
                if watch.note_code(&mail) {
                    self.state.add(mail, (self.session.now)());
                }
            }
            Ok(Progress::Ended(end, message)) => {
                watch.note_end(end);
                self.state.erase_codes();
                self.state.note(message);
            }
            // The next look may see more.
            Ok(Progress::Pending) | Err(_) => {}
        }
    }

    /// Notes that the request is over, and erases its codes.
    fn close_request(&mut self) {
        self.state.erase_codes();
        if let Some(Client { watch: Some(watch), .. }) = &mut self.client {
            watch.note_end(None);
        }
    }

    fn note_use(&mut self) {
        if let Some(Client { watch: Some(watch), .. }) = &mut self.client {
            watch.note_use(Instant::now());
        }
    }
}

async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
