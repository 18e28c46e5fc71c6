//! Codes from the relay of this process.

use super::{Account, CodeSource, Login, Opened, Progress, Refusal, Unreachable};
use crate::jobs::Jobs;
use crate::now::now;
use relay::id::RequestId;
use relay::secret::Token;
use relay::status::Status;
use service::Decision;
use service::prestage::{self, Caller, Error};
use std::time::{Duration, Instant};

/// The job's name in the log.
const JOB: &str = "imap";

/// The relay of this process.
#[derive(Clone)]
pub(crate) struct LocalCodes {
    jobs: Jobs,
}

/// A client of this relay.
pub(crate) struct LocalAccount {
    jobs: Jobs,
    login: Login,
}

impl LocalCodes {
    pub(crate) fn new(jobs: Jobs) -> Self {
        Self { jobs }
    }
}

impl CodeSource for LocalCodes {
    type Account = LocalAccount;

    async fn log_in(&self, login: Login) -> Result<LocalAccount, Refusal> {
        let started = Instant::now();
        let account = LocalAccount { jobs: self.jobs.clone(), login };
        let admitted = match account.caller() {
            Ok(caller) => self.jobs.prestage().admitted(&caller).await.map(drop),
            Err(error) => Err(error),
        };
        match admitted {
            Ok(()) => Ok(account),
            Err(error) => {
                self.jobs.log.write(&error.decision(JOB), started);
                Err(refusal(&error))
            }
        }
    }
}

impl LocalAccount {
    fn caller(&self) -> Result<Caller, Error> {
        let token = Token::parse(&self.login.token).unwrap_or_else(Token::dummy);
        Caller::new(&self.login.mailbox, token, &self.jobs.relay_address)
    }
}

impl Account for LocalAccount {
    type Request = RequestId;

    /// Checks the token again: it may have been revoked since the login.
    async fn open(&mut self) -> Result<Opened<RequestId>, Refusal> {
        let started = Instant::now();
        let opened = match self.caller() {
            Ok(caller) => self.jobs.prestage().open(&caller, now()).await,
            Err(error) => Err(error),
        };
        self.jobs.log.write(&prestage::Opened::decision(&opened, JOB), started);
        let window = Duration::from_secs(self.jobs.window_seconds.into());
        opened.map(|opened| Opened { request: opened.id, window }).map_err(|error| refusal(&error))
    }

    async fn look(&self, request: &RequestId) -> Result<Progress, Unreachable> {
        let started = Instant::now();
        let document = self.jobs.store.status(request, now()).map_err(|unavailable| {
            self.jobs.log.write(&Decision::unavailable(JOB, &unavailable), started);
            Unreachable
        })?;
        let status = document.and_then(|document| Status::from_json(&document));
        Ok(status.map_or_else(|| Progress::Ended(None, "The request has ended.".to_owned()), Progress::from))
    }
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::Unavailable(_) => Refusal::Unavailable(error.to_string()),
        _ => Refusal::Denied(
            "The relay refuses this login. The user name is the mailbox, the password is the token that enrolling printed."
                .to_owned(),
        ),
    }
}
