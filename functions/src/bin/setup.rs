//! The function behind the template's custom resources: activates and deactivates the stack's rule set, and
//! empties the stack's bucket. CloudFormation gets a response in every case.

use functions::aws::{
    bucket_contents::BucketContents, connection::Connection, response::Responder, rule_set::ActiveRuleSet,
};
use functions::environment::text;
use functions::event::cloudformation::Request;
use functions::setup::rule_set::Step;
use functions::setup::{Failure, Outcome, Task};
use functions::{log, runtime};
use lambda_runtime::Error;
use serde_json::Value;
use service::port::Unavailable;
use std::time::Instant;
use tokio::time::timeout_at;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    let setup = Setup {
        contents: BucketContents::new(&connection, &text("BUCKET")?),
        rule_set: ActiveRuleSet::new(&connection),
        responder: Responder::new(&connection),
    };
    runtime::run_with_deadline(async |event, deadline| setup.handle(&event, deadline).await).await
}

struct Setup {
    contents: BucketContents,
    rule_set: ActiveRuleSet,
    responder: Responder,
}

impl Setup {
    /// Returns `Err` if the response cannot be sent, so that Lambda retries the event.
    async fn handle(&self, event: &Value, deadline: Instant) -> Result<(), Unavailable> {
        let started = Instant::now();
        let Some(request) = Request::read(event) else {
            log::decision("setup", "ignored", Some("unreadable"), started);
            return Ok(());
        };
        let work_ends = deadline.checked_sub(runtime::TIME_TO_REPORT).unwrap_or(started);
        let outcome = match &request.task {
            Ok(task) => timeout_at(work_ends.into(), self.carry_out(task)).await.unwrap_or(Err(Failure::OutOfTime)),
            Err(failure) => Err(failure.clone()),
        };
        let answered = self.responder.send(&request.response_url, &request.response(&outcome)).await;
        answered.inspect_err(|trouble| log::trouble("setup", trouble, started))?;
        match &outcome {
            Ok(outcome) => log::decision("setup", "done", Some(outcome.into()), started),
            Err(Failure::Unavailable(trouble)) => log::trouble("setup", trouble, started),
            Err(failure) => log::decision("setup", "failed", Some(failure.into()), started),
        }
        Ok(())
    }

    async fn carry_out(&self, task: &Task) -> Result<Outcome, Failure> {
        match task {
            Task::NothingToDo => Ok(Outcome::NothingToDo),
            Task::EmptyBucket => {
                self.contents.delete_all().await.map_err(Failure::Unavailable)?;
                Ok(Outcome::Emptied)
            }
            Task::RuleSet(task) => {
                let active = self.rule_set.name().await.map_err(Failure::Unavailable)?;
                match task.step(active.as_deref()) {
                    Step::Finish(outcome) => Ok(outcome),
                    Step::Fail(failure) => Err(failure),
                    Step::Set(name, outcome) => {
                        self.rule_set.set(name).await.map_err(Failure::Unavailable)?;
                        Ok(outcome)
                    }
                }
            }
        }
    }
}
