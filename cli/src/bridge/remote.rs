//! Codes from a relay elsewhere, over prestage and status.

use crate::code::client::Client;
use crate::code::failure::Failure;
use crate::code::response::{self, Response};
use crate::code::secret::Secret;
use home::codes::{Account, CodeSource, Login, Opened, Progress, Refusal, Unreachable};
use relay::request::DEFAULT_WINDOW_SECONDS;
use relay::status::Status;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::Uri;

/// How long a request that a login opened serves the first SELECT. A prestage is the only way to check a token.
const FRESH: Duration = Duration::from_secs(10);

/// Time between two polls of a status URL, however often a client asks.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The longest window that a relay can have.
const MAX_WINDOW: Duration = Duration::from_secs(u16::MAX as u64);

/// A relay elsewhere; cheap to clone.
#[derive(Clone)]
pub(super) struct RemoteRelay {
    prestage: Arc<Secret>,
}

/// A client of that relay.
pub(super) struct RemoteAccount {
    client: Arc<Client>,
    mailbox: String,
    /// The request that the login opened.
    prestaged: Option<(Instant, Opened<Polled>)>,
}

/// A request at its status URL, and when it was polled last.
pub(super) struct Polled {
    status_url: Uri,
    last: Mutex<Option<(Instant, Progress)>>,
}

impl RemoteRelay {
    pub(super) fn new(prestage: Secret) -> Self {
        Self { prestage: Arc::new(prestage) }
    }
}

impl CodeSource for RemoteRelay {
    type Account = RemoteAccount;

    async fn log_in(&self, login: Login) -> Result<RemoteAccount, Refusal> {
        let token = Secret::from(login.token.as_str());
        let client = Client::new(&self.prestage, Some(&token)).map_err(|failure| refusal(&failure))?;
        let mut account = RemoteAccount { client: Arc::new(client), mailbox: login.mailbox, prestaged: None };
        account.prestaged = Some((Instant::now(), account.prestage().await?));
        Ok(account)
    }
}

impl RemoteAccount {
    async fn prestage(&self) -> Result<Opened<Polled>, Refusal> {
        let call = json!({"email": self.mailbox});
        let client = Arc::clone(&self.client);
        let prestage = move || client.prestage(&call).and_then(|response| response::opened(&response));
        let opened = blocking(prestage).await.map_err(|failure| refusal(&failure))?;
        let window = opened.window.unwrap_or(Duration::from_secs(DEFAULT_WINDOW_SECONDS.into())).min(MAX_WINDOW);
        Ok(Opened { request: Polled { status_url: opened.status_url, last: Mutex::default() }, window })
    }
}

impl Account for RemoteAccount {
    type Request = Polled;

    async fn open(&mut self) -> Result<Opened<Polled>, Refusal> {
        match self.prestaged.take() {
            Some((at, opened)) if at.elapsed() < FRESH => Ok(opened),
            _ => self.prestage().await,
        }
    }

    async fn look(&self, request: &Polled) -> Result<Progress, Unreachable> {
        if let Some(progress) = request.recent() {
            return Ok(progress);
        }
        let (client, url) = (Arc::clone(&self.client), request.status_url.clone());
        let response = blocking(move || client.poll(&url)).await.map_err(|_| Unreachable)?;
        let progress = progress(&response).ok_or(Unreachable)?;
        *request.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), progress.clone()));
        Ok(progress)
    }
}

impl Polled {
    /// What the last poll saw, if it was a moment ago.
    fn recent(&self) -> Option<Progress> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() < POLL_INTERVAL).map(|(_, progress)| progress.clone())
    }
}

/// The progress in the response of a status URL. Returns `None` if the relay or its gateway is failing.
fn progress(response: &Response) -> Option<Progress> {
    match Status::from_json(&response.body) {
        Some(status) => Some(status.into()),
        None if response.status == 429 || response.status >= 500 => None,
        // The URL has expired: S3 answers 403, a relay at home 410.
        None => Some(Progress::Ended(None, "The request has ended.".to_owned())),
    }
}

/// Runs what waits for the network on a thread of its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let busy = |_| Err(Failure::Busy { status: 503, retry_after: None });
    tokio::task::spawn_blocking(work).await.unwrap_or_else(busy)
}

fn refusal(failure: &Failure) -> Refusal {
    match failure {
        Failure::Refused(_) | Failure::InvalidToken => Refusal::Denied(
            "The relay refuses this login. The user name is the mailbox, the password is the token that enrolling printed."
                .to_owned(),
        ),
        _ => Refusal::Unavailable(failure.to_string()),
    }
}
