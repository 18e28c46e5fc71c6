//! The circuit breaker of a flood of mail. Receiving has no rate limit and every mail costs; a recipient that no enabled
//! rule matches is refused during SMTP and costs nothing. So the stack's rule is disabled for a pause.

use super::Outcome;

/// What the breaker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// More mails came than the template's `FloodMails`.
    Flood,
    /// The pause is over, or the owner ends it.
    Resume,
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Schedule the end of the pause, then disable the rule. In this order, because a disabled rule without a schedule
    /// stays disabled.
    Pause,
    /// Enable the rule.
    Enable,
    /// Nothing is left to do.
    Finish(Outcome),
}

impl Signal {
    /// Returns the step to take. `enabled` is the state of the stack's rule, `None` if there is no such rule.
    pub fn step(self, enabled: Option<bool>) -> Step {
        match (self, enabled) {
            (_, None) => Step::Finish(Outcome::NoRule),
            (Self::Flood, Some(true)) => Step::Pause,
            (Self::Resume, Some(false)) => Step::Enable,
            // By an earlier attempt, or by the account's owner, whose decision holds.
            (Self::Flood, Some(false)) => Step::Finish(Outcome::AlreadyPaused),
            (Self::Resume, Some(true)) => Step::Finish(Outcome::AlreadyReceiving),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_changed_only_if_it_is_there_and_not_yet_as_wanted() {
        for (signal, enabled, expected) in [
            (Signal::Flood, Some(true), Step::Pause),
            (Signal::Flood, Some(false), Step::Finish(Outcome::AlreadyPaused)),
            (Signal::Flood, None, Step::Finish(Outcome::NoRule)),
            (Signal::Resume, Some(false), Step::Enable),
            (Signal::Resume, Some(true), Step::Finish(Outcome::AlreadyReceiving)),
            (Signal::Resume, None, Step::Finish(Outcome::NoRule)),
        ] {
            assert_eq!(signal.step(enabled), expected, "{signal:?} {enabled:?}");
        }
    }
}
