//! What a job decided, as a value that an edge writes to its log once.
//!
//! Words of closed lists, numbers, and the kind of error that a service answered with: no address, code, token, tag or URL.

use crate::ports::Unavailable;
use relay::refusal::Refusal;
use std::time::Duration;

/// One decision of one job.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The job, e.g. `receive`.
    pub job: &'static str,
    /// What was decided, e.g. `delivered`.
    pub outcome: &'static str,
    /// Why, if the outcome does not say it: the word for a refusal or an error, or the operation that failed.
    pub reason: Option<&'static str>,
    /// The kind of error of an operation that failed.
    pub cause: Option<String>,
    /// What is counted and measured of it.
    pub metrics: Vec<Metric>,
}

/// One metric with its value. Counts are of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// A request was opened.
    RequestsOpened,
    /// A code was put into a status document.
    CodesDelivered,
    /// The time from a message's acceptance to its code in the status document.
    DeliverySeconds(Duration),
    /// A message was refused.
    Refused(Refusal),
    /// A window ended without a code.
    TimedOut,
    /// A request was still open long after its window.
    PendingPastEnd,
    /// A service did not answer.
    Unavailable,
    /// A flood of mail: receiving is paused.
    ReceivingPaused,
}

impl Decision {
    /// A decision without a reason and without metrics.
    pub fn new(job: &'static str, outcome: &'static str) -> Self {
        Self { job, outcome, reason: None, cause: None, metrics: Vec::new() }
    }

    /// The same decision with a reason.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The same decision with metrics.
    #[must_use]
    pub fn counting(self, metrics: impl IntoIterator<Item = Metric>) -> Self {
        Self { metrics: metrics.into_iter().collect(), ..self }
    }

    /// A job could not decide, because a service did not answer.
    pub fn unavailable(job: &'static str, unavailable: &Unavailable) -> Self {
        Self {
            job,
            outcome: "unavailable",
            reason: Some(unavailable.operation),
            cause: Some(unavailable.cause.clone()),
            metrics: vec![Metric::Unavailable],
        }
    }
}
