//! The owner's actions on enrolments, in the JSON of the `enroll` function (DESIGN section 3.4).

use crate::configuration::Configuration;
use crate::jobs::Jobs;
use crate::local_relay::{StartError, open_jobs};
use jiff::Timestamp;
use serde_json::{Value, json};
use service::enroll::{Action, Answered, Failure};
use service::port::Unavailable;
use std::time::Instant;

/// Performs the owner's actions on the enrolments of one store.
#[derive(Clone)]
pub struct Enroller {
    jobs: Jobs,
}

/// The result of an action: what it answers, or what the owner has to correct.
type Decision = Result<Answered, Failure>;

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
    /// `message`, and `error` is `try_again` if the store did not answer.
    pub async fn answer(&self, event: &Value) -> Value {
        answer(&self.decide(event).await)
    }

    /// As [`answer`](Self::answer), and logs the decision.
    pub(crate) async fn answer_and_log(&self, event: &Value) -> Value {
        let started = Instant::now();
        let decision = self.decide(event).await;
        match &decision {
            Ok(Ok(_)) => self.jobs.log.decision("enroll", "done", None, started),
            Ok(Err(failure)) => self.jobs.log.decision("enroll", "denied", Some(failure.word()), started),
            Err(unavailable) => self.jobs.log.unavailable("enroll", unavailable, started),
        }
        answer(&decision)
    }

    async fn decide(&self, event: &Value) -> Result<Decision, Unavailable> {
        match Action::read(event, &self.jobs.relay_address) {
            Ok(action) => self.jobs.enroll().act(&action, Timestamp::now()).await,
            Err(failure) => Ok(Err(failure)),
        }
    }
}

fn answer(decision: &Result<Decision, Unavailable>) -> Value {
    match decision {
        Ok(Ok(answered)) => answered.to_json(),
        Ok(Err(failure)) => failure.to_json(),
        Err(unavailable) => {
            json!({"error": "try_again", "message": format!("The store did not answer: {unavailable}")})
        }
    }
}
