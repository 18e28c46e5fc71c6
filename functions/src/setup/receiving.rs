//! SES receives mail by one rule set in each region, the active one. An account's own is never put out of force.

use super::{Done, Failure};

/// What is to become of the active rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiving {
    /// The stack's own set is to be the active one.
    Take {
        /// The stack's own set.
        own: String,
        /// What the stack asked for before.
        before: Before,
    },
    /// The account's set that the stack joins must be the active one.
    Join {
        /// The account's set.
        set: String,
    },
    /// The stack's own set is about to go.
    GiveBack {
        /// The stack's own set.
        own: String,
    },
}

/// What a stack that wants its own set had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// No set of its own.
    Nothing,
    /// The same set.
    Same,
    /// Its own set under another name.
    Own(String),
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// Make this set the active one, or none.
    Activate(Option<&'a str>, Done),
    /// Nothing.
    Rest(Done),
    /// Say why not.
    Refuse(Failure),
}

impl Receiving {
    /// The step from the set that is active now.
    pub fn step(&self, active: Option<&str>) -> Step<'_> {
        match (self, active) {
            (Self::Take { own, .. }, Some(active)) if active == own => Step::Rest(Done::Stands),
            (Self::Take { own, .. }, None) => Step::Activate(Some(own), Done::Activated),
            (Self::Take { own, before }, Some(active)) => match before {
                Before::Own(former) if active == former => Step::Activate(Some(own), Done::Activated),
                // It was active when the stack was last in order, or its owner has activated it since.
                Before::Same => Step::Rest(Done::LeftAlone),
                Before::Nothing | Before::Own(_) => Step::Refuse(Failure::AnotherActive(active.to_owned())),
            },
            (Self::Join { set }, Some(active)) if active == set => Step::Rest(Done::Stands),
            (Self::Join { set }, _) => Step::Refuse(Failure::NotActive(set.clone())),
            (Self::GiveBack { own }, Some(active)) if active == own => Step::Activate(None, Done::GivenBack),
            (Self::GiveBack { .. }, _) => Step::Rest(Done::LeftAlone),
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
    fn the_active_set_changes_hands_only_where_nobody_else_holds_it() {
        let take = |before| Receiving::Take { own: OURS.to_owned(), before };
        let join = || Receiving::Join { set: THEIRS.to_owned() };
        let give_back = || Receiving::GiveBack { own: OURS.to_owned() };
        let renamed = || Before::Own(FORMER.to_owned());
        let activate = Step::Activate(Some(OURS), Done::Activated);
        let refuse = || Step::Refuse(Failure::AnotherActive(THEIRS.to_owned()));
        let not_active = || Step::Refuse(Failure::NotActive(THEIRS.to_owned()));
        let table = [
            (take(Before::Nothing), None, activate.clone()),
            (take(Before::Nothing), Some(OURS), Step::Rest(Done::Stands)),
            (take(Before::Nothing), Some(THEIRS), refuse()),
            (take(Before::Same), None, activate.clone()),
            (take(Before::Same), Some(OURS), Step::Rest(Done::Stands)),
            (take(Before::Same), Some(THEIRS), Step::Rest(Done::LeftAlone)),
            (take(renamed()), None, activate.clone()),
            (take(renamed()), Some(OURS), Step::Rest(Done::Stands)),
            (take(renamed()), Some(FORMER), activate),
            (take(renamed()), Some(THEIRS), refuse()),
            (join(), None, not_active()),
            (join(), Some(THEIRS), Step::Rest(Done::Stands)),
            (join(), Some(OURS), not_active()),
            (give_back(), None, Step::Rest(Done::LeftAlone)),
            (give_back(), Some(OURS), Step::Activate(None, Done::GivenBack)),
            (give_back(), Some(THEIRS), Step::Rest(Done::LeftAlone)),
        ];
        for (receiving, active, expected) in &table {
            assert_eq!(receiving.step(*active), *expected, "{receiving:?}, {active:?} active");
        }
    }

    #[test]
    fn a_step_taken_twice_finds_itself_done() {
        for receiving in [
            Receiving::Take { own: OURS.to_owned(), before: Before::Nothing },
            Receiving::GiveBack { own: OURS.to_owned() },
        ] {
            let mut active = matches!(receiving, Receiving::GiveBack { .. }).then_some(OURS);
            if let Step::Activate(next, _) = receiving.step(active) {
                active = next;
            }
            assert!(matches!(receiving.step(active), Step::Rest(_)), "{receiving:?}");
        }
    }
}
