//! The programs of a mailbox: each has a token of its own.

use super::{Answer, Enroll, Error, new_program};
use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore, StatusStore, WriteOutcome};
use jiff::Timestamp;
use relay::enrolment::{Enrolment, Label, MOST_PROGRAMS, Program};
use relay::mailbox::Mailbox;
use relay::secret::Token;

impl<T, S> Enroll<T, S>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore,
{
    pub(super) async fn add_program(&self, mailbox: &Mailbox, label: &Label, now: Timestamp) -> Result<Answer, Error> {
        let mailbox = self.key.mailbox(mailbox);
        let (enrolment, tagged) = self.enrolled(&mailbox).await?;
        if enrolment.program_labelled(label).is_some() {
            return Err(Error::LabelTaken(label.as_str().to_owned()));
        }
        if enrolment.programs.len() >= MOST_PROGRAMS {
            return Err(Error::TooManyPrograms(MOST_PROGRAMS));
        }
        let token = Token::from_random(crate::random()?);
        let program = new_program(label, &token, now)?;
        let next = enrolment.changed(|next| next.programs.push(program));
        match self.table.write_enrolment(&mailbox, &next, Some(enrolment.revision)).await? {
            WriteOutcome::Written => Ok(self.issued(&next, &tagged, label, token)),
            WriteOutcome::Conflict => Err(Error::Changed),
        }
    }

    /// The program's requests end before its token is gone, so that an interrupted revocation can be retried, and after it,
    /// because the program may have opened another one in between.
    pub(super) async fn revoke_program(&self, mailbox: &Mailbox, label: &Label) -> Result<Answer, Error> {
        let mailbox = self.key.mailbox(mailbox);
        let (enrolment, _) = self.enrolled(&mailbox).await?;
        let program = meant(&enrolment, Some(label))?.id.clone();
        if enrolment.programs.len() == 1 {
            return Err(Error::LastProgram);
        }
        self.end_requests(&enrolment.tag, Some(&program)).await?;
        let next = enrolment.changed(|next| next.programs.retain(|other| other.id != program));
        match self.table.write_enrolment(&mailbox, &next, Some(enrolment.revision)).await? {
            WriteOutcome::Written => {
                self.end_requests(&enrolment.tag, Some(&program)).await?;
                Ok(Answer::Revoked)
            }
            WriteOutcome::Conflict => Err(Error::Changed),
        }
    }
}

/// The program that a label means, or the only one if there is no label.
pub(super) fn meant<'a>(enrolment: &'a Enrolment, label: Option<&Label>) -> Result<&'a Program, Error> {
    let labels = || enrolment.programs.iter().map(|program| program.label.as_str()).collect::<Vec<_>>().join(", ");
    match (label, enrolment.programs.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Error::LabelMissing(labels())),
        (Some(label), _) => {
            enrolment.program_labelled(label).ok_or_else(|| Error::NoSuchProgram(label.as_str().to_owned(), labels()))
        }
    }
}
