//! Which receipt rule set is to be active. SES receives mail by one in each region; the account's own is never
//! deactivated.

use super::{Failure, Outcome};

/// What a stack needs of the active rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleSetTask {
    /// The stack's own set must be active.
    Activate {
        /// The stack's own set.
        own: String,
        /// What the stack had before.
        previous: Previous,
    },
    /// The account's set, to which the stack adds its rule, must be active already.
    Join {
        /// The account's set.
        set: String,
    },
    /// The stack's own set is about to be deleted, which SES refuses while it is active.
    Deactivate {
        /// The stack's own set.
        own: String,
    },
}

/// What a stack that needs its own set had before this update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previous {
    /// No set of its own.
    NoOwnSet,
    /// The same set.
    Same,
    /// A set of its own by another name.
    Own(String),
}

/// The next step of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// Activate this set, or with `None` deactivate the active one. The task then ends with this outcome.
    Set(Option<&'a str>, Outcome),
    /// The task ends with this outcome.
    Finish(Outcome),
    /// The task fails.
    Fail(Failure),
}

impl RuleSetTask {
    /// Returns the step to take if `active` is the active set.
    pub fn step(&self, active: Option<&str>) -> Step<'_> {
        match (self, active) {
            (Self::Activate { own, .. }, Some(active)) if active == own => Step::Finish(Outcome::AlreadyActive),
            (Self::Activate { own, .. }, None) => Step::Set(Some(own), Outcome::Activated),
            (Self::Activate { own, previous }, Some(active)) => match previous {
                Previous::Own(former) if active == former => Step::Set(Some(own), Outcome::Activated),
                // The last deployment succeeded, so the account's owner has activated the other set since, on purpose.
                Previous::Same => Step::Finish(Outcome::Unchanged),
                Previous::NoOwnSet | Previous::Own(_) => Step::Fail(Failure::AnotherActive(active.to_owned())),
            },
            (Self::Join { set }, Some(active)) if active == set => Step::Finish(Outcome::AlreadyActive),
            (Self::Join { set }, _) => Step::Fail(Failure::NotActive(set.clone())),
            (Self::Deactivate { own }, Some(active)) if active == own => Step::Set(None, Outcome::Deactivated),
            (Self::Deactivate { .. }, _) => Step::Finish(Outcome::Unchanged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "relay-ruleset";
    const FORMER: &str = "relay-former";
    const THEIRS: &str = "default-rule-set";

    #[test]
    fn the_account_s_active_set_is_never_deactivated() {
        let own_set = |previous| RuleSetTask::Activate { own: OURS.to_owned(), previous };
        let join = || RuleSetTask::Join { set: THEIRS.to_owned() };
        let deactivate = || RuleSetTask::Deactivate { own: OURS.to_owned() };
        let renamed = || Previous::Own(FORMER.to_owned());
        let activate = Step::Set(Some(OURS), Outcome::Activated);
        let another_active = || Step::Fail(Failure::AnotherActive(THEIRS.to_owned()));
        let not_active = || Step::Fail(Failure::NotActive(THEIRS.to_owned()));
        let table = [
            (own_set(Previous::NoOwnSet), None, activate.clone()),
            (own_set(Previous::NoOwnSet), Some(OURS), Step::Finish(Outcome::AlreadyActive)),
            (own_set(Previous::NoOwnSet), Some(THEIRS), another_active()),
            (own_set(Previous::Same), None, activate.clone()),
            (own_set(Previous::Same), Some(OURS), Step::Finish(Outcome::AlreadyActive)),
            (own_set(Previous::Same), Some(THEIRS), Step::Finish(Outcome::Unchanged)),
            (own_set(renamed()), None, activate.clone()),
            (own_set(renamed()), Some(OURS), Step::Finish(Outcome::AlreadyActive)),
            (own_set(renamed()), Some(FORMER), activate),
            (own_set(renamed()), Some(THEIRS), another_active()),
            (join(), None, not_active()),
            (join(), Some(THEIRS), Step::Finish(Outcome::AlreadyActive)),
            (join(), Some(OURS), not_active()),
            (deactivate(), None, Step::Finish(Outcome::Unchanged)),
            (deactivate(), Some(OURS), Step::Set(None, Outcome::Deactivated)),
            (deactivate(), Some(THEIRS), Step::Finish(Outcome::Unchanged)),
        ];
        for (task, active, expected) in &table {
            assert_eq!(task.step(*active), *expected, "{task:?}, {active:?} active");
        }
    }

    #[test]
    fn a_step_is_idempotent() {
        for task in [
            RuleSetTask::Activate { own: OURS.to_owned(), previous: Previous::NoOwnSet },
            RuleSetTask::Deactivate { own: OURS.to_owned() },
        ] {
            let mut active = matches!(task, RuleSetTask::Deactivate { .. }).then_some(OURS);
            if let Step::Set(next, _) = task.step(active) {
                active = next;
            }
            assert!(matches!(task.step(active), Step::Finish(_)), "{task:?}");
        }
    }
}
