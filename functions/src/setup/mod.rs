//! What the stack needs and CloudFormation cannot do: making its rule set the active one, and emptying its bucket. The
//! decisions stand here; `bin/setup.rs` carries them out.

pub mod receiving;

use receiving::Receiving;
use service::ports::Unavailable;

/// What CloudFormation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Nothing: there is nothing to make, or nothing that was ever made.
    Nothing,
    /// Empty the stack's bucket, so that it can be deleted.
    EmptyBucket,
    /// See to it that the stack's rule receives mail, or give up receiving.
    Receiving(Receiving),
}

/// What has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// There was nothing to do.
    Nothing,
    /// The bucket is empty.
    Emptied,
    /// The right rule set was the active one already.
    Stands,
    /// The stack's rule set is the active one now.
    Activated,
    /// Another rule set is active, and that is nothing of the stack's.
    LeftAlone,
    /// No rule set is active any more.
    GivenBack,
}

impl Done {
    /// Its word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing_to_do",
            Self::Emptied => "emptied",
            Self::Stands => "stands",
            Self::Activated => "activated",
            Self::LeftAlone => "left_alone",
            Self::GivenBack => "given_back",
        }
    }
}

/// Why it has not been done, and what to do about it: CloudFormation shows this beside the resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The event is of another version of the template, or not CloudFormation's.
    #[error("The setup function does not know this {0}. Deploy template and functions of one version, by deploy.sh.")]
    NotUnderstood(&'static str),
    /// The account receives mail by another rule set, which is never put out of force.
    #[error(
        "The receipt rule set {0} is the active one in this region, and only one can be. Deploy with RuleSetName={0} \
         (deploy.sh: --rule-set {0}): the stack then adds its rule to that set."
    )]
    AnotherActive(String),
    /// The rule set that the stack's rule was added to receives no mail.
    #[error(
        "The receipt rule set {0}, which the stack joins, is not the active one. Activate it by `aws ses \
         set-active-receipt-rule-set --rule-set-name {0}`, or deploy without RuleSetName where none is active."
    )]
    NotActive(String),
    /// AWS did not do its part, however often it was asked.
    #[error("{0} Deploy or delete the stack once more.")]
    Unavailable(Unavailable),
    /// The function's time was nearly up.
    #[error("There was not enough time. What has been done stays done: deploy or delete the stack once more.")]
    OutOfTime,
}

impl Failure {
    /// Its word in the log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotUnderstood(_) => "not_understood",
            Self::AnotherActive(_) => "another_active",
            Self::NotActive(_) => "not_active",
            Self::Unavailable(_) => "unavailable",
            Self::OutOfTime => "out_of_time",
        }
    }
}
