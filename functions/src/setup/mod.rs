//! What the stack needs and CloudFormation cannot do. This module decides; `bin/setup.rs` executes.
//!
//! Each part is here because neither the template nor `deploy.sh` can do it, for a stack may be deployed by `sam deploy` and
//! deleted in the console:
//!
//! - [`rule_set`]: no resource of CloudFormation activates a rule set. SES receives nothing without one, refuses to delete the
//!   active one, and knows only one in each region, which may be the account's own.
//! - Emptying the bucket: CloudFormation deletes only an empty one.
//! - [`breaker`]: an alarm can call a function but change no rule.

pub mod breaker;
pub mod rule_set;

use rule_set::RuleSetTask;
use service::ports::Unavailable;

/// What CloudFormation requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Nothing to create, or nothing was created that could be deleted.
    NothingToDo,
    /// Empty the stack's bucket, so that CloudFormation can delete it.
    EmptyBucket,
    /// Activate, check or deactivate a receipt rule set.
    RuleSet(RuleSetTask),
}

/// How a task ended that succeeded. Its name in snake case is the reason in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// There was nothing to do.
    NothingToDo,
    /// The bucket is empty.
    Emptied,
    /// The right rule set was active already.
    AlreadyActive,
    /// The stack's rule set is now the active one.
    Activated,
    /// The stack's rule set is not the active one, and what is active stays so.
    Unchanged,
    /// No rule set is active now.
    Deactivated,
    /// The stack's rule does not exist, or it is another's.
    NoRule,
    /// The stack's rule is disabled, and the end of the pause is scheduled.
    Paused,
    /// The stack's rule was disabled before.
    AlreadyPaused,
    /// The stack's rule is enabled again.
    Resumed,
    /// The stack's rule was enabled before.
    AlreadyReceiving,
}

/// Why a task failed, and what to do about it: CloudFormation shows this text beside the resource. Its name in snake
/// case is the reason in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Failure {
    /// The event comes from another version of the template, or not from CloudFormation.
    #[error("The setup function does not know this {0}. Deploy template and functions of one version, by deploy.sh.")]
    NotUnderstood(&'static str),
    /// The account's own rule set is active. It is never deactivated.
    #[error(
        "The receipt rule set {0} is the active one in this region, and only one can be. Deploy with RuleSetName={0} \
         (deploy.sh: --rule-set {0}): the stack then adds its rule to that set."
    )]
    AnotherActive(String),
    /// The rule set that has the stack's rule is not active, so it receives no mail.
    #[error(
        "The receipt rule set {0}, which the stack joins, is not the active one. Activate it by `aws ses \
         set-active-receipt-rule-set --rule-set-name {0}`, or deploy without RuleSetName if no rule set is active."
    )]
    NotActive(String),
    /// Others receive mail by the stack's own rule set.
    #[error(
        "The receipt rule set {0} of this stack is the active one and holds rules of others, who would receive no more mail. \
         Delete the stacks that joined it first, and then this one once more. If they are to stay, give them another set: \
         `aws ses create-receipt-rule-set --rule-set-name shared`, `aws ses set-active-receipt-rule-set --rule-set-name \
         shared`, deploy them with RuleSetName=shared (deploy.sh: --rule-set shared), and delete this stack once more. \
         Between the second step and the third no mail is received."
    )]
    HoldsOtherRules(String),
    /// AWS did not respond, or responded with an error, at every attempt.
    #[error("{0} Deploy or delete the stack once more.")]
    Unavailable(Unavailable),
    /// The deadline of the invocation was near.
    #[error("There was not enough time. What has been done stays done: deploy or delete the stack once more.")]
    OutOfTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_outcomes_and_failures_in_snake_case() {
        assert_eq!(<&str>::from(Outcome::NothingToDo), "nothing_to_do");
        assert_eq!(<&str>::from(&Failure::AnotherActive("default".to_owned())), "another_active");
    }
}
