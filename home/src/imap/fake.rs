//! Sessions in memory, for tests: a source of codes that does as it is told.

use super::session::Session;
use crate::codes::{Account, CodeMail, CodeSource, Login, Opened, Progress, Refusal, Unreachable};
use crate::shutdown;
use jiff::Timestamp;
use relay::provider::Provider;
use relay::secret::Code;
use relay::status::End;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::task::JoinHandle;

pub(super) const MAILBOX: &str = "me@gmail.com";
pub(super) const TOKEN: &str = "mfar_token";
pub(super) const WINDOW: Duration = Duration::from_mins(5);

pub(super) fn code_mail(code: &str) -> CodeMail {
    let provider = Provider::named(Provider::DEFAULT).expect("a provider");
    CodeMail { code: Code::parse(code).expect("a code"), provider, received_at: now() }
}

pub(super) fn now() -> Timestamp {
    "2026-11-21T20:01:12Z".parse().expect("a time")
}

/// A relay with one mailbox. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct FakeSource(Arc<Mutex<Fake>>);

/// What the relay knows.
#[derive(Default)]
pub(super) struct Fake {
    /// The progress of each request, in the order of opening.
    pub(super) requests: Vec<Progress>,
    /// Whether it does not answer.
    pub(super) is_down: bool,
    /// Whether the token is revoked.
    pub(super) is_revoked: bool,
}

impl FakeSource {
    pub(super) fn fake(&self) -> MutexGuard<'_, Fake> {
        self.0.lock().expect("no panic")
    }

    /// How many requests were opened.
    pub(super) fn opened(&self) -> usize {
        self.fake().requests.len()
    }

    /// A code arrives for the newest request.
    pub(super) fn deliver(&self, code: &str) {
        self.set(Progress::Complete(code_mail(code)));
    }

    /// The newest request ends.
    pub(super) fn end(&self, end: End) {
        self.set(Progress::Ended(Some(end), format!("It ended: {}.", end.word())));
    }

    fn set(&self, progress: Progress) {
        *self.fake().requests.last_mut().expect("a request") = progress;
    }

    fn check(&self, login: &Login) -> Result<(), Refusal> {
        let fake = self.fake();
        if fake.is_down {
            return Err(Refusal::Unavailable("Try again.".to_owned()));
        }
        let is_right = login.mailbox == MAILBOX && *login.token == TOKEN && !fake.is_revoked;
        is_right.then_some(()).ok_or_else(|| Refusal::Denied("The password is the token.".to_owned()))
    }
}

impl CodeSource for FakeSource {
    type Account = FakeAccount;

    async fn log_in(&self, login: Login) -> Result<FakeAccount, Refusal> {
        self.check(&login)?;
        Ok(FakeAccount { source: self.clone(), login })
    }
}

pub(super) struct FakeAccount {
    source: FakeSource,
    login: Login,
}

impl Account for FakeAccount {
    type Request = usize;

    async fn open(&mut self) -> Result<Opened<usize>, Refusal> {
        self.source.check(&self.login)?;
        let requests = &mut self.source.fake().requests;
        requests.push(Progress::Pending);
        Ok(Opened { request: requests.len() - 1, window: WINDOW })
    }

    async fn look(&self, request: &usize) -> Result<Progress, Unreachable> {
        let fake = self.source.fake();
        if fake.is_down { Err(Unreachable) } else { Ok(fake.requests[*request].clone()) }
    }
}

/// A client with a session of its own.
pub(super) struct TestClient {
    pub(super) source: FakeSource,
    stream: BufReader<DuplexStream>,
    session: JoinHandle<()>,
    _trigger: shutdown::ShutdownTrigger,
}

impl TestClient {
    /// Connects and reads the greeting.
    pub(super) async fn connect() -> Self {
        let (client, server) = duplex(64 * 1024);
        let source = FakeSource::default();
        let (trigger, shutdown) = shutdown::channel();
        let of_session = source.clone();
        let session = tokio::spawn(async move {
            Session { source: &of_session, now, shutdown }.run(server).await;
        });
        let mut client = Self { source, stream: BufReader::new(client), session, _trigger: trigger };
        assert!(client.line().await.starts_with("* OK [CAPABILITY IMAP4REV1 "));
        client
    }

    /// Connects and logs in.
    pub(super) async fn log_in() -> Self {
        let mut client = Self::connect().await;
        let responses = client.command(&format!("LOGIN {MAILBOX} {TOKEN}")).await;
        assert!(responses.starts_with("a OK "), "{responses}");
        client
    }

    /// Connects, logs in and opens INBOX for reading.
    pub(super) async fn examine() -> Self {
        let mut client = Self::log_in().await;
        let responses = client.command("EXAMINE INBOX").await;
        assert!(responses.contains("\r\na OK [READ-ONLY] "), "{responses}");
        client
    }

    /// Sends bytes as they are.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("sent");
    }

    /// Reads a line; empty if the connection is closed.
    pub(super) async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.expect("UTF-8");
        line
    }

    /// Sends a command, and returns every response to it.
    pub(super) async fn command(&mut self, command: &str) -> String {
        self.send(format!("a {command}\r\n").as_bytes()).await;
        self.responses().await
    }

    /// Reads responses up to the tagged one.
    pub(super) async fn responses(&mut self) -> String {
        let mut responses = String::new();
        loop {
            let line = self.line().await;
            responses.push_str(&line);
            if line.is_empty() || line.starts_with("a ") {
                return responses;
            }
        }
    }

    /// Reads everything until the server closes the connection.
    pub(super) async fn rest(mut self) -> String {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).await.expect("UTF-8");
        self.session.await.expect("no panic");
        rest
    }
}
