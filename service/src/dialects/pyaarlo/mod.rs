//! The REST service that pyaarlo's `tfa_source: rest-api` expects (<https://github.com/twrecked/pyaarlo>).
//!
//! | call | pyaarlo sends it | what it does here |
//! |---|---|---|
//! | `/pyaarlo/clear?email=…&token=…` | once, before the login asks for a code | opens a request |
//! | `/pyaarlo/get?email=…&token=…` | every few seconds after that | looks at the newest request of this program |
//!
//! GET and POST are alike, and the token may come as `Authorization: Bearer` instead: a fork sends both. pyaarlo encodes
//! neither value, so a `+` in the address may arrive as a blank; a base URL with a slash at its end makes `//clear`.

pub mod answer;
mod call;

pub use answer::{Failure, Look};
pub use call::{Call, Operation, owns};

use crate::decision::Decision;
use crate::ports::{
    ArrivalStore, EnrolmentStore, RequestStore, Schedule, StatusReader, StatusStore, StatusUrls, Unavailable,
};
use crate::prestage::{Caller, Error, Opened, Prestage, Reply};
use jiff::Timestamp;
use relay::provider::Provider;
use relay::request::{Request, State};
use relay::status::{Ending, Status};
use std::time::Duration;

/// Time within which a call is answered. pyaarlo gives up a login if an answer takes 10 s.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

const JOB: &str = "pyaarlo";

/// The dialect over the job that it translates to.
pub struct Pyaarlo<T, S, C> {
    /// The job.
    pub prestage: Prestage<T, S, C>,
}

impl<T, S, C> Pyaarlo<T, S, C>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore + StatusUrls + StatusReader,
    C: Schedule,
{
    /// Answers a call at a path that the dialect [owns]. A look that finds no code decides nothing.
    pub async fn answer(&self, call: &Call<'_>, now: Timestamp) -> (Reply, Option<Decision>) {
        match call.operation() {
            None => (answer::not_found(), None),
            Some(Operation::Clear) => {
                let opened = within_timeout(self.open(call, now)).await;
                let decision = Opened::decision(&opened, JOB);
                (
                    answer::cleared(opened.map(drop).map_err(|error| Failure::from(&error)), &call.email()),
                    Some(decision),
                )
            }
            Some(Operation::Get) => {
                let looked = within_timeout(self.look(call, now)).await;
                let decision = match &looked {
                    Ok(Look::Found { .. }) => Some(Decision::new(JOB, "code")),
                    Ok(Look::Without(_)) => None,
                    Err(error) => Some(error.decision(JOB)),
                };
                (answer::looked(looked.map_err(|error| Failure::from(&error)), &call.email()), decision)
            }
        }
    }

    async fn open(&self, call: &Call<'_>, now: Timestamp) -> Result<Opened, Error> {
        self.prestage.open(&self.caller(call)?, now).await
    }

    /// Looks at the newest request of the program that the token belongs to.
    async fn look(&self, call: &Call<'_>, now: Timestamp) -> Result<Look, Error> {
        let (tag, program) = self.prestage.admitted(&self.caller(call)?).await?;
        let requests = self.prestage.table.requests(&tag).await?;
        let Some(request) = requests.newest(&program.id, Provider::DEFAULT) else { return Ok(Look::NO_REQUEST) };
        match self.status(request).await? {
            // A read checks the end of the window itself: nothing promises that what erases codes is on time.
            Status::Complete { code, received_at, expires_at, .. } if now < expires_at => {
                Ok(Look::Found { code, received_at })
            }
            Status::Pending { expires_at } if now < expires_at => Ok(Look::WAITING),
            Status::Complete { .. } | Status::Pending { .. } => Ok(Look::OVER),
            Status::Ended(Ending { message, .. }) => Ok(Look::Without(message.into())),
        }
    }

    /// The status of a request. Only a code is not in its record.
    async fn status(&self, request: &Request) -> Result<Status, Unavailable> {
        let of_record = request.ended().unwrap_or_else(|| request.pending());
        match request.state() {
            State::Complete => Ok(self.prestage.statuses.read_status(&request.id).await?.unwrap_or(of_record)),
            State::Pending | State::Ended(_) => Ok(of_record),
        }
    }

    fn caller(&self, call: &Call<'_>) -> Result<Caller, Error> {
        Caller::new(&call.email(), call.token()?, &self.prestage.relay_address)
    }
}

async fn within_timeout<R>(answer: impl Future<Output = Result<R, Error>>) -> Result<R, Error> {
    let timeout = |_| Unavailable { operation: JOB, cause: "timed out".to_owned() };
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.map_err(timeout)?
}

#[cfg(test)]
mod tests;
