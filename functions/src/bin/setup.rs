//! The function behind the template's custom resources and behind its circuit breaker: activates and deactivates the stack's
//! rule set, empties the stack's bucket, pauses receiving in a flood. CloudFormation gets a response in every case.

use functions::aws::{
    bucket_contents::BucketContents,
    connection::Connection,
    receipt_rule::{OwnRule, ReceiptRule},
    response::Responder,
    rule_set::ActiveRuleSet,
    scheduler::Scheduler,
};
use functions::environment::{pause, text};
use functions::event::{cloudformation::Request, flood};
use functions::log;
use functions::runtime::{self, Handled};
use functions::setup::breaker::{self, Signal};
use functions::setup::rule_set::{RuleSetTask, Step};
use functions::setup::{Failure, Outcome, Task};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Error;
use serde_json::Value;
use service::decision::Metric;
use service::{Decision, Unavailable};
use std::time::Instant;
use tokio::time::timeout_at;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::open()?;
    let connection = Connection::from_environment()?;
    // A function cannot name itself in its template.
    let own_arn = text("FUNCTION_ARN_PREFIX")? + &text("AWS_LAMBDA_FUNCTION_NAME")?;
    let (stack, bucket) = (text("STACK")?, text("BUCKET")?);
    let setup = Setup {
        contents: BucketContents::new(&connection, &bucket),
        rule_set: ActiveRuleSet::new(&connection),
        rule: OwnRule::new(&connection, text("RULE_SET")?, stack.clone(), bucket),
        scheduler: Scheduler::new(&connection, text("SCHEDULE_GROUP")?, own_arn, text("SCHEDULE_ROLE_ARN")?),
        responder: Responder::new(&connection),
        pause: pause()?,
        stack,
    };
    runtime::run_with_deadline(async |event, deadline| setup.handle(&event, deadline).await).await
}

struct Setup {
    contents: BucketContents,
    rule_set: ActiveRuleSet,
    rule: OwnRule,
    scheduler: Scheduler,
    responder: Responder,
    pause: SignedDuration,
    /// The stack's name, which its rule has too.
    stack: String,
}

impl Setup {
    async fn handle(&self, event: &Value, deadline: Instant) -> Handled<()> {
        let work_ends = deadline.checked_sub(runtime::TIME_TO_REPORT).unwrap_or_else(Instant::now);
        if let Some(request) = Request::read(event) {
            return self.respond(&request, work_ends).await;
        }
        let Some(signal) = flood::signal(event) else {
            return Handled::new((), Decision::new("setup", "ignored").because("unreadable"));
        };
        // Lambda retries what fails.
        match self.switch(signal).await {
            Ok(outcome) => Handled::new((), done(outcome)),
            Err(unavailable) => Handled::unavailable("setup", unavailable),
        }
    }

    /// Carries out a request of CloudFormation. Fails if the response cannot be sent, so that Lambda retries the event.
    async fn respond(&self, request: &Request, work_ends: Instant) -> Handled<()> {
        let outcome = match &request.task {
            Ok(task) => timeout_at(work_ends.into(), self.carry_out(task)).await.unwrap_or(Err(Failure::OutOfTime)),
            Err(failure) => Err(failure.clone()),
        };
        let sent = self.responder.send(&request.response_url, &request.response(&outcome)).await;
        if let Err(unavailable) = sent {
            return Handled::unavailable("setup", unavailable);
        }
        let decision = match outcome {
            Ok(outcome) => done(outcome),
            Err(Failure::Unavailable(unavailable)) => Decision::unavailable("setup", &unavailable),
            Err(failure) => Decision::new("setup", "failed").because((&failure).into()),
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
            Task::RuleSet(task) => self.activate(task).await,
        }
    }

    async fn activate(&self, task: &RuleSetTask) -> Result<Outcome, Failure> {
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

    /// Pauses or resumes receiving.
    async fn switch(&self, signal: Signal) -> Result<Outcome, Unavailable> {
        let rule = self.rule.find().await?;
        match (signal.step(rule.as_ref().map(ReceiptRule::is_enabled)), rule) {
            (breaker::Step::Pause, Some(rule)) => {
                self.scheduler.schedule_resume(Timestamp::now() + self.pause).await?;
                rule.set_enabled(false).await?;
                Ok(Outcome::Paused)
            }
            (breaker::Step::Enable, Some(rule)) => {
                rule.set_enabled(true).await?;
                Ok(Outcome::Resumed)
            }
            (breaker::Step::Finish(outcome), _) => Ok(outcome),
            (_, None) => Ok(Outcome::NoRule),
        }
    }
}

fn done(outcome: Outcome) -> Decision {
    let metric = (outcome == Outcome::Paused).then_some(Metric::ReceivingPaused);
    Decision::new("setup", "done").because(outcome.into()).counting(metric)
}
