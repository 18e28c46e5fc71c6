//! The function behind the template's custom resources: makes the stack's rule set the active one, gives it back, and
//! empties the stack's bucket. Whatever happens, CloudFormation gets its answer.

use functions::aws::{answer::Answers, connection::Connection, contents::Contents, receiving::ActiveRuleSet};
use functions::environment::text;
use functions::event::cloudformation::Request;
use functions::setup::receiving::Step;
use functions::setup::{Done, Failure, Task};
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
        contents: Contents::new(&connection, &text("BUCKET")?),
        rule_set: ActiveRuleSet::new(&connection),
        answers: Answers::new(&connection),
    };
    runtime::run_until(async |event, deadline| setup.handle(&event, deadline).await).await
}

struct Setup {
    contents: Contents,
    rule_set: ActiveRuleSet,
    answers: Answers,
}

impl Setup {
    /// Fails where the answer cannot be handed over, so that Lambda hands in the same event again.
    async fn handle(&self, event: &Value, deadline: Instant) -> Result<(), Unavailable> {
        let started = Instant::now();
        let Some(request) = Request::read(event) else {
            log::decision("setup", "ignored", Some("unreadable"), started);
            return Ok(());
        };
        let work_ends = deadline.checked_sub(runtime::LAST_WORDS).unwrap_or(started);
        let outcome = match &request.task {
            Ok(task) => timeout_at(work_ends.into(), self.carry_out(task)).await.unwrap_or(Err(Failure::OutOfTime)),
            Err(failure) => Err(failure.clone()),
        };
        let answered = self.answers.put(&request.answer_to, &request.answer(&outcome)).await;
        answered.inspect_err(|trouble| log::trouble("setup", trouble, started))?;
        match &outcome {
            Ok(done) => log::decision("setup", "done", Some(done.word()), started),
            Err(Failure::Unavailable(trouble)) => log::trouble("setup", trouble, started),
            Err(failure) => log::decision("setup", "failed", Some(failure.word()), started),
        }
        Ok(())
    }

    async fn carry_out(&self, task: &Task) -> Result<Done, Failure> {
        match task {
            Task::Nothing => Ok(Done::Nothing),
            Task::EmptyBucket => {
                self.contents.remove_all().await.map_err(Failure::Unavailable)?;
                Ok(Done::Emptied)
            }
            Task::Receiving(receiving) => {
                let active = self.rule_set.name().await.map_err(Failure::Unavailable)?;
                match receiving.step(active.as_deref()) {
                    Step::Rest(done) => Ok(done),
                    Step::Refuse(failure) => Err(failure),
                    Step::Activate(name, done) => {
                        self.rule_set.set(name).await.map_err(Failure::Unavailable)?;
                        Ok(done)
                    }
                }
            }
        }
    }
}
