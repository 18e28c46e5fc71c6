//! pyaarlo's REST dialect over any source of codes: what `bridge` serves in front of a relay elsewhere.

use super::response::{self, Response};
use super::server::{self, Handler};
use crate::codes::{Account, CodeSource, Login, Progress, Refusal};
use crate::shutdown::Shutdown;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{Method, Request};
use relay::secret::{Token, TokenDigest};
use service::dialects::pyaarlo::{Call, Failure, Look, Operation, answer, owns};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// Time within which a call is answered. pyaarlo gives up a login if an answer takes 10 s.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// The most programs whose requests are remembered. With one more, the one that asked first is forgotten.
const MAX_PROGRAMS: usize = 64;

/// A server of the dialect.
pub struct PyaarloServer<S: CodeSource> {
    source: S,
    opened: Mutex<VecDeque<Opened<S::Account>>>,
}

/// The newest request of a program.
struct Opened<A: Account> {
    mailbox: String,
    token: TokenDigest,
    request: Arc<(A, A::Request)>,
}

impl<A: Account> Opened<A> {
    fn is_of(&self, mailbox: &str, token: &Token) -> bool {
        self.mailbox == mailbox && self.token.constant_time_eq(&token.digest())
    }
}

/// The fields that the dialect reads. Everything is in the head: a body is not read.
pub(super) fn call(request: &Request<Incoming>) -> Call<'_> {
    Call {
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        authorization: request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()),
    }
}

impl<S> PyaarloServer<S>
where
    S: CodeSource + Send + 'static,
    S::Account: Sync + 'static,
    <S::Account as Account>::Request: 'static,
{
    /// A server in front of this source.
    pub fn new(source: S) -> Self {
        Self { source, opened: Mutex::default() }
    }

    /// Serves until the shutdown is requested.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) {
        server::serve(listener, self, shutdown).await;
    }

    async fn open(&self, mailbox: String, token: &Token) -> Result<(), Failure> {
        let login = Login { mailbox: mailbox.clone(), token: token.reveal().to_owned().into() };
        let mut account = self.source.log_in(login).await.map_err(|refusal| failure(&refusal))?;
        let request = account.open().await.map_err(|refusal| failure(&refusal))?.request;
        let mut opened = self.lock();
        opened.retain(|known| !known.is_of(&mailbox, token));
        opened.push_back(Opened { mailbox, token: token.digest(), request: Arc::new((account, request)) });
        if opened.len() > MAX_PROGRAMS {
            opened.pop_front();
        }
        Ok(())
    }

    async fn look(&self, mailbox: &str, token: &Token) -> Result<Look, Failure> {
        let known =
            self.lock().iter().find(|known| known.is_of(mailbox, token)).map(|known| Arc::clone(&known.request));
        let Some(known) = known else { return Ok(Look::NO_REQUEST) };
        let (account, request) = &*known;
        Ok(match account.look(request).await {
            Ok(Progress::Pending) => Look::WAITING,
            Ok(Progress::Complete(mail)) => Look::Found { code: mail.code, received_at: mail.received_at },
            Ok(Progress::Ended(_, message)) => Look::Without(message.into()),
            Err(_) => return Err(Failure::Unavailable),
        })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Opened<S::Account>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Handler for PyaarloServer<S>
where
    S: CodeSource + Send + 'static,
    S::Account: Sync + 'static,
    <S::Account as Account>::Request: 'static,
{
    async fn response(&self, request: Request<Incoming>) -> Response {
        if !owns(request.uri().path()) {
            return response::not_found();
        }
        if ![Method::GET, Method::POST].contains(request.method()) {
            return response::method_not_allowed("GET, POST");
        }
        let call = call(&request);
        let (operation, email) = (call.operation(), call.email());
        let token = call.token().map_err(|_| Failure::Refused);
        response::reply(match operation {
            None => answer::not_found(),
            Some(Operation::Clear) => {
                let opened = within_timeout(async { self.open(email.clone(), &token?).await }).await;
                answer::cleared(opened, &email)
            }
            Some(Operation::Get) => {
                let looked = within_timeout(async { self.look(&email, &token?).await }).await;
                answer::looked(looked, &email)
            }
        })
    }
}

async fn within_timeout<T>(answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.unwrap_or(Err(Failure::Unavailable))
}

fn failure(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::Denied(_) => Failure::Refused,
        Refusal::Unavailable(_) => Failure::Unavailable,
    }
}
