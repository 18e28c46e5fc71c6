//! The owner's actions on enrolments, in the JSON of the `enroll` function (DESIGN section 3.4).

use crate::configuration::Configuration;
use crate::jobs::Jobs;
use crate::local_relay::{StartError, open_jobs};
use crate::now::now;
use relay::enrolment::Enrolment;
use serde_json::Value;
use service::Decision;
use service::enroll::{Action, Answer, Error};
use service::ports::EnrolmentStore;
use std::time::Instant;

/// Performs the owner's actions on the enrolments of one store.
#[derive(Clone)]
pub struct Enroller {
    jobs: Jobs,
}

impl Enroller {
    pub(crate) fn new(jobs: Jobs) -> Self {
        Self { jobs }
    }

    /// Opens the store of a relay that is not running.
    ///
    /// # Errors
    /// The data folder or the store cannot be used, for example because a relay holds it.
    pub fn open(configuration: &Configuration) -> Result<Self, StartError> {
        let (_, jobs) = open_jobs(configuration, configuration.http)?;
        Ok(Self { jobs })
    }

    /// Performs the action in `event`. Returns the answer of the `enroll` function; an error has the fields `error` and
    /// `message`, and `error` is `unavailable` if the store did not answer.
    pub async fn answer(&self, event: &Value) -> Value {
        answer(&self.act(event).await)
    }

    /// As [`answer`](Self::answer), and logs the decision.
    pub(crate) async fn answer_and_log(&self, event: &Value) -> Value {
        let started = Instant::now();
        let result = self.act(event).await;
        self.jobs.log.write(&Decision::from(&result), started);
        answer(&result)
    }

    async fn act(&self, event: &Value) -> Result<Answer, Error> {
        let action = Action::parse(event, &self.jobs.relay_address)?;
        let revoked = match &action {
            Action::Revoke(mailbox) => self.jobs.store.enrolment(&self.jobs.key.mailbox(mailbox)).await?,
            _ => None,
        };
        let answer = self.jobs.enroll().act(&action, now()).await?;
        if let Some(Enrolment { tag, .. }) = revoked {
            self.jobs.store.forget_tag(&tag)?;
        }
        Ok(answer)
    }
}

fn answer(result: &Result<Answer, Error>) -> Value {
    match result {
        Ok(answer) => answer.to_json(),
        Err(error) => error.to_json(),
    }
}
