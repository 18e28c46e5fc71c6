//! Enroll: the owner ties a mailbox to programs and a relay address, looks at it, renews it, ends it.

mod action;
mod answer;
mod programs;

pub use action::{Action, TokenAction};
pub use answer::{Answer, Error};

use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore, StatusStore, WriteOutcome};
use crate::transition::transition;
use action::{Add, AddressChange, Rotate};
use answer::{Issued, Known};
use jiff::Timestamp;
use relay::enrolment::{Enrolment, Label, Program, TaggedMailbox};
use relay::id::ProgramId;
use relay::mailbox::{AddressKey, Mailbox, MailboxKey};
use relay::relay_address::RelayAddress;
use relay::request::Request;
use relay::secret::{Tag, Token};
use relay::status::End;
use zeroize::Zeroizing;

/// The job and the ports it uses.
pub struct Enroll<T, S> {
    /// Enrolments, requests and arrivals.
    pub table: T,
    /// Status documents.
    pub statuses: S,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// Where clients prestage, without a token.
    pub prestage_url: String,
}

impl<T, S> Enroll<T, S>
where
    T: EnrolmentStore + RequestStore + ArrivalStore,
    S: StatusStore,
{
    /// Does what the owner asks, and answers with what there is to paste or to know.
    ///
    /// # Errors
    /// What the owner can put right, or [`Error::Unavailable`]. Every action is safe to retry.
    pub async fn act(&self, action: &Action, now: Timestamp) -> Result<Answer, Error> {
        match action {
            Action::Add(add) => self.add(add, now).await,
            Action::Rotate(rotate) => self.rotate(rotate, now).await,
            Action::Revoke(mailbox) => self.revoke(mailbox).await,
            Action::Show(mailbox) => self.show(mailbox, now).await,
            Action::List => self.list(now).await,
            Action::Token(mailbox, TokenAction::Add(label)) => self.add_program(mailbox, label, now).await,
            Action::Token(mailbox, TokenAction::Revoke(label)) => self.revoke_program(mailbox, label).await,
            Action::Token(mailbox, TokenAction::List) => {
                let (enrolment, _) = self.enrolled(&self.key.mailbox(mailbox)).await?;
                Ok(Answer::Programs(self.known(enrolment, now).await?))
            }
        }
    }

    async fn add(&self, add: &Add, now: Timestamp) -> Result<Answer, Error> {
        let mailbox = self.key.mailbox(&add.mailbox);
        let (token, tag) = (Token::from_random(crate::random()?), Tag::from_random(crate::random()?));
        let domain = self.key.domain(&add.mailbox.domain());
        let tagged = TaggedMailbox { mailbox: mailbox.clone(), domain, trust: add.trust };
        let program = new_program(&add.label, &token, now)?;
        let enrolment = Enrolment { revision: 1, tag, programs: vec![program], created_at: now };
        self.table.put_tagged_mailbox(&enrolment.tag, &tagged).await?;
        if self.table.write_enrolment(&mailbox, &enrolment, None).await? == WriteOutcome::Conflict {
            self.table.delete_tagged_mailbox(&enrolment.tag).await?;
            return Err(Error::AlreadyEnrolled);
        }
        Ok(self.issued(&enrolment, &tagged, &add.label, token))
    }

    async fn rotate(&self, rotate: &Rotate, now: Timestamp) -> Result<Answer, Error> {
        let mailbox = self.key.mailbox(&rotate.mailbox);
        let (enrolment, tagged) = self.enrolled(&mailbox).await?;
        let label = programs::meant(&enrolment, rotate.label.as_ref())?.label.clone();
        let token = Token::from_random(crate::random()?);
        let tag = match rotate.relay_address {
            AddressChange::Keep => enrolment.tag.clone(),
            AddressChange::Renew => Tag::from_random(crate::random()?),
        };
        let trust = rotate.trust.unwrap_or(tagged.trust);
        let renewed = TaggedMailbox { trust, ..tagged.clone() };
        let next = enrolment.changed(|next| {
            next.tag = tag.clone();
            if let Some(program) = next.programs.iter_mut().find(|program| program.label == label) {
                (program.token_digest, program.rotated_at) = (token.digest(), Some(now));
            }
        });
        let moves = tag != enrolment.tag;
        if moves {
            self.table.put_tagged_mailbox(&tag, &renewed).await?;
        }
        if self.table.write_enrolment(&mailbox, &next, Some(enrolment.revision)).await? == WriteOutcome::Conflict {
            if moves {
                self.table.delete_tagged_mailbox(&tag).await?;
            }
            return Err(Error::Changed);
        }
        if moves {
            // A crash before this leaves a tag that opens nothing: requests wait under the new one.
            self.forget_tag(&enrolment.tag).await?;
        } else if trust != tagged.trust {
            self.table.put_tagged_mailbox(&tag, &renewed).await?;
        }
        Ok(self.issued(&next, &renewed, &label, token))
    }

    /// The enrolment is deleted last: as long as it exists, the revocation can be retried.
    async fn revoke(&self, mailbox: &Mailbox) -> Result<Answer, Error> {
        let mailbox = self.key.mailbox(mailbox);
        let enrolment = self.table.enrolment(&mailbox).await?.ok_or(Error::NotEnrolled)?;
        self.forget_tag(&enrolment.tag).await?;
        self.end_requests(&enrolment.tag, None).await?;
        self.table.delete_enrolment(&mailbox).await?;
        // A program may have opened one more in between. If this fails, the end of that one's window ends it.
        let _ = self.end_requests(&enrolment.tag, None).await;
        Ok(Answer::Revoked)
    }

    async fn show(&self, mailbox: &Mailbox, now: Timestamp) -> Result<Answer, Error> {
        let (enrolment, tagged) = self.enrolled(&self.key.mailbox(mailbox)).await?;
        let relay_address = self.relay_address.tagged(&enrolment.tag);
        Ok(Answer::Shown { relay_address, trust: tagged.trust, known: self.known(enrolment, now).await? })
    }

    /// One after the other: an owner has a handful.
    async fn list(&self, now: Timestamp) -> Result<Answer, Error> {
        let mut list = Vec::new();
        for enrolment in self.table.enrolments().await? {
            list.push(self.known(enrolment, now).await?);
        }
        Ok(Answer::List(list))
    }

    async fn known(&self, enrolment: Enrolment, now: Timestamp) -> Result<Known, Error> {
        let mut arrivals = self.table.arrivals(&enrolment.tag).await?;
        arrivals.confirmation = arrivals.confirmation.filter(|confirmation| now < confirmation.until);
        Ok(Known { enrolment, arrivals })
    }

    async fn enrolled(&self, mailbox: &MailboxKey) -> Result<(Enrolment, TaggedMailbox), Error> {
        let enrolment = self.table.enrolment(mailbox).await?.ok_or(Error::NotEnrolled)?;
        let tagged = self.table.tagged_mailbox(&enrolment.tag).await?.ok_or(Error::HalfRevoked)?;
        Ok((enrolment, tagged))
    }

    async fn forget_tag(&self, tag: &Tag) -> Result<(), Error> {
        self.table.delete_tagged_mailbox(tag).await?;
        self.table.delete_arrivals(tag).await?;
        Ok(())
    }

    /// Ends the open requests of a mailbox, or of one of its programs, and tells their clients. A retry publishes the
    /// statuses again that an interrupted try has not.
    async fn end_requests(&self, tag: &Tag, program: Option<&ProgramId>) -> Result<(), Error> {
        let read = self.table.requests(tag).await?;
        let revoked = transition(&self.table, tag, read, |requests| requests.revoked(program)).await?.now;
        let is_meant = |request: &&Request| {
            request.end == Some(End::Revoked) && program.is_none_or(|program| request.program == *program)
        };
        for request in revoked.iter().filter(is_meant) {
            if let Some(status) = request.ended() {
                self.statuses.publish(&request.id, &status).await?;
            }
        }
        Ok(())
    }

    fn issued(&self, enrolment: &Enrolment, tagged: &TaggedMailbox, label: &Label, token: Token) -> Answer {
        Answer::Issued(Issued {
            relay_address: self.relay_address.tagged(&enrolment.tag),
            prestage_url: Zeroizing::new(format!("{}?token={}", self.prestage_url, token.reveal())),
            token,
            trust: tagged.trust,
            label: label.as_str().to_owned(),
        })
    }
}

fn new_program(label: &Label, token: &Token, now: Timestamp) -> Result<Program, Error> {
    Ok(Program {
        id: ProgramId::from_random(crate::random()?),
        label: label.clone(),
        token_digest: token.digest(),
        created_at: now,
        rotated_at: None,
    })
}

#[cfg(test)]
mod tests;
