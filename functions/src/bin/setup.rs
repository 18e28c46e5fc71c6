//! The function behind the template's custom resources: activates and deactivates the stack's rule set, and
//! empties the stack's bucket. CloudFormation gets a response in every case.

use functions::aws::{
    bucket_contents::BucketContents, connection::Connection, response::Responder, rule_set::ActiveRuleSet,
};
use functions::environment::text;
use functions::event::cloudformation::Request;
use functions::log;
use functions::runtime::{self, Handled};
use functions::setup::rule_set::Step;
use functions::setup::{Failure, Outcome, Task};
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
        contents: BucketContents::new(&connection, &text("BUCKET")?),
        rule_set: ActiveRuleSet::new(&connection),
        responder: Responder::new(&connection),
        stack: text("STACK")?,
    };
    runtime::run_with_deadline(async |event, deadline| setup.handle(&event, deadline).await).await
}

struct Setup {
    contents: BucketContents,
    rule_set: ActiveRuleSet,
    responder: Responder,
    /// The stack's name, which its rule has too.
    stack: String,
}

impl Setup {
    /// Fails if the response cannot be sent, so that Lambda retries the event.
    async fn handle(&self, event: &Value, deadline: Instant) -> Handled<()> {
        let Some(request) = Request::read(event) else {
            return Handled::new((), Decision::new("setup", "ignored").because("unreadable"));
        };
        let work_ends = deadline.checked_sub(runtime::TIME_TO_REPORT).unwrap_or_else(Instant::now);
        let outcome = match &request.task {
            Ok(task) => timeout_at(work_ends.into(), self.carry_out(task)).await.unwrap_or(Err(Failure::OutOfTime)),
            Err(failure) => Err(failure.clone()),
        };
        let sent = self.responder.send(&request.response_url, &request.response(&outcome)).await;
        if let Err(unavailable) = sent {
            return Handled::unavailable("setup", unavailable);
        }
        let decision = match &outcome {
            Ok(outcome) => Decision::new("setup", "done").because(outcome.into()),
            Err(Failure::Unavailable(unavailable)) => Decision::unavailable("setup", unavailable),
            Err(failure) => Decision::new("setup", "failed").because(failure.into()),
        };
        Handled::new((), decision)
    }

    async fn carry_out(&self, task: &Task) -> Result<Outcome, Failure> {
        match task {
            Task::NothingToDo => Ok(Outcome::NothingToDo),
            Task::EmptyBucket => {
                self.contents.delete_all().await.map_err(Failure::Unavailable)?;
                Ok(Outcome::Emptied)
            }
            Task::RuleSet(task) => {
                let active = self.rule_set.active().await.map_err(Failure::Unavailable)?;
                match task.step(active.as_ref(), &self.stack) {
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
