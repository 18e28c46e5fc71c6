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

/// The active rule set of the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Its name.
    pub name: String,
    /// The names of its rules.
    pub rules: Vec<String>,
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
    /// Returns the step to take if `active` is the active set and the stack's rule is called `rule`.
    pub fn step(&self, active: Option<&Active>, rule: &str) -> Step<'_> {
        match (self, active) {
            (Self::Activate { own: set } | Self::Join { set }, Some(active)) if active.name == *set => {
                Step::Finish(Outcome::AlreadyActive)
            }
            (Self::Activate { own }, None) => Step::Set(Some(own), Outcome::Activated),
            (Self::Activate { .. }, Some(active)) => Step::Fail(Failure::AnotherActive(active.name.clone())),
            (Self::Join { set }, _) => Step::Fail(Failure::NotActive(set.clone())),
            (Self::Deactivate { own }, Some(active)) if active.name == *own => {
                // Others receive mail by it: a second stack that joined the set, or the account's owner.
                if active.rules.iter().any(|name| name != rule) {
                    return Step::Fail(Failure::HoldsOtherRules(own.clone()));
                }
                Step::Set(None, Outcome::Deactivated)
            }
            (Self::Deactivate { .. }, _) => Step::Finish(Outcome::Unchanged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "relay-ruleset";
    const THEIRS: &str = "default-rule-set";
    const RULE: &str = "relay";

    fn active(name: &str, rules: &[&str]) -> Active {
        Active { name: name.to_owned(), rules: rules.iter().map(|&rule| rule.to_owned()).collect() }
    }

    #[test]
    fn the_account_s_active_set_is_never_deactivated() {
        let own_set = || RuleSetTask::Activate { own: OURS.to_owned() };
        let join = || RuleSetTask::Join { set: THEIRS.to_owned() };
        let deactivate = || RuleSetTask::Deactivate { own: OURS.to_owned() };
        let ours = || Some(active(OURS, &[RULE]));
        let theirs = || Some(active(THEIRS, &["mail-of-the-firm"]));
        let table = [
            (own_set(), None, Step::Set(Some(OURS), Outcome::Activated)),
            (own_set(), ours(), Step::Finish(Outcome::AlreadyActive)),
            (own_set(), theirs(), Step::Fail(Failure::AnotherActive(THEIRS.to_owned()))),
            (join(), None, Step::Fail(Failure::NotActive(THEIRS.to_owned()))),
            (join(), theirs(), Step::Finish(Outcome::AlreadyActive)),
            (join(), ours(), Step::Fail(Failure::NotActive(THEIRS.to_owned()))),
            (deactivate(), None, Step::Finish(Outcome::Unchanged)),
            (deactivate(), ours(), Step::Set(None, Outcome::Deactivated)),
            (deactivate(), theirs(), Step::Finish(Outcome::Unchanged)),
        ];
        for (task, active, expected) in &table {
            assert_eq!(task.step(active.as_ref(), RULE), *expected, "{task:?}, {active:?} active");
        }
    }

    #[test]
    fn the_stack_s_own_set_is_not_deactivated_while_it_holds_a_rule_of_anybody_else() {
        let deactivate = RuleSetTask::Deactivate { own: OURS.to_owned() };
        let refused = Step::Fail(Failure::HoldsOtherRules(OURS.to_owned()));
        for (rules, expected) in [
            (&[RULE, "second-stack"][..], refused.clone()),
            (&["second-stack"], refused),
            // The stack's rule is deleted later, or its creation failed.
            (&[], Step::Set(None, Outcome::Deactivated)),
        ] {
            assert_eq!(deactivate.step(Some(&active(OURS, rules)), RULE), expected, "{rules:?}");
        }
    }

    #[test]
    fn a_step_is_idempotent() {
        for task in [RuleSetTask::Activate { own: OURS.to_owned() }, RuleSetTask::Deactivate { own: OURS.to_owned() }] {
            let mut before = matches!(task, RuleSetTask::Deactivate { .. }).then(|| active(OURS, &[RULE]));
            if let Step::Set(next, _) = task.step(before.as_ref(), RULE) {
                before = next.map(|name| active(name, &[RULE]));
            }
            assert!(matches!(task.step(before.as_ref(), RULE), Step::Finish(_)), "{task:?}");
        }
    }
}
