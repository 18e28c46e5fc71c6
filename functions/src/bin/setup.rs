//! The function behind the template's custom resources: makes the stack's rule set the active one, gives it back, and
//! empties the stack's bucket. Whatever happens, CloudFormation gets its answer.

use functions::aws::{answer::Answers, connection::Connection, contents::Contents, receiving::ActiveRuleSet};
use functions::environment::text;
use functions::event::cloudformation::Request;
use functions::log;
use functions::runtime::{self, Handled};
use functions::setup::receiving::Step;
use functions::setup::{Done, Failure, Task};
use lambda_runtime::Error;
use serde_json::Value;
use service::Decision;
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
    /// Fails if the answer cannot be delivered, so that Lambda hands in the same event again.
    async fn handle(&self, event: &Value, deadline: Instant) -> Handled<()> {
        let Some(request) = Request::read(event) else {
            return Handled::new((), Decision::new("setup", "ignored").because("unreadable"));
        };
        let work_ends = deadline.checked_sub(runtime::LAST_WORDS).unwrap_or_else(Instant::now);
        let outcome = match &request.task {
            Ok(task) => timeout_at(work_ends.into(), self.carry_out(task)).await.unwrap_or(Err(Failure::OutOfTime)),
            Err(failure) => Err(failure.clone()),
        };
        let answered = self.answers.put(&request.answer_to, &request.answer(&outcome)).await;
        if let Err(unavailable) = answered {
            return Handled::unavailable("setup", unavailable);
        }
        let decision = match &outcome {
            Ok(done) => Decision::new("setup", "done").because(done.word()),
            Err(Failure::Unavailable(unavailable)) => Decision::unavailable("setup", unavailable),
            Err(failure) => Decision::new("setup", "failed").because(failure.word()),
        };
        Handled::new((), decision)
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
