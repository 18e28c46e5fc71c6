//! Enroll: the owner ties a mailbox to a token and a relay address, looks at it, renews it, ends it.

mod action;
mod answer;

pub use action::Action;
pub use answer::{Answered, Failure};

use crate::advance::{Advanced, advance};
use crate::port::{Answer, Kept, PublishStatus, ReadArrivals, StepRequest, WriteEnrolments};
use action::{Add, Addressing, Rotate};
use answer::{Issued, Known, Shown};
use jiff::Timestamp;
use relay::enrolment::{Enrolment, TagHolder};
use relay::mailbox::{AddressKey, Mailbox, MailboxKey};
use relay::relay_address::RelayAddress;
use relay::secret::{Tag, Token};

/// The job and what it needs.
pub struct Enroll<T, B> {
    /// Enrolments, requests, and what has arrived.
    pub table: T,
    /// Status documents.
    pub statuses: B,
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The key under which mailboxes are stored.
    pub key: AddressKey,
    /// Where clients prestage, without a token.
    pub prestage_url: String,
}

impl<T, B> Enroll<T, B>
where
    T: WriteEnrolments + StepRequest + ReadArrivals,
    B: PublishStatus,
{
    /// Does what the owner asks and answers with what there is to paste or to know. What the owner got wrong is an
    /// answer too.
    ///
    /// # Errors
    /// The store did not answer. Every action can be asked for again.
    pub async fn act(&self, action: &Action, now: Timestamp) -> Answer<Result<Answered, Failure>> {
        match action {
            Action::Add(add) => self.add(add, now).await,
            Action::Rotate(rotate) => self.rotate(rotate, now).await,
            Action::Revoke(mailbox) => self.revoke(mailbox).await,
            Action::Show(mailbox) => self.show(mailbox, now).await,
            Action::List => self.list(now).await,
        }
    }

    async fn add(&self, add: &Add, now: Timestamp) -> Answer<Result<Answered, Failure>> {
        let mailbox = self.key.mailbox(&add.mailbox);
        let (token, tag) = (Token::from_random(crate::random()?), Tag::from_random(crate::random()?));
        let holder =
            TagHolder { mailbox: mailbox.clone(), domain: self.key.domain(&add.mailbox.domain()), trust: add.trust };
        let enrolment = Enrolment {
            tag: tag.clone(),
            token_digest: token.digest(),
            label: add.label.clone(),
            created_at: now,
            rotated_at: None,
        };
        self.table.put_holder(&tag, &holder).await?;
        if self.table.keep_enrolment(&mailbox, &enrolment, None).await? == Kept::Changed {
            self.table.remove_holder(&tag).await?;
            return Ok(Err(Failure::AlreadyEnrolled));
        }
        Ok(Ok(self.issued(&enrolment, &holder, &token)))
    }

    async fn rotate(&self, rotate: &Rotate, now: Timestamp) -> Answer<Result<Answered, Failure>> {
        let mailbox = self.key.mailbox(&rotate.mailbox);
        let (enrolment, holder) = match self.enrolled(&mailbox).await? {
            Ok(both) => both,
            Err(failure) => return Ok(Err(failure)),
        };
        let token = Token::from_random(crate::random()?);
        let tag = match rotate.addressing {
            Addressing::Keep => enrolment.tag.clone(),
            Addressing::Renew => Tag::from_random(crate::random()?),
        };
        let trust = rotate.trust.unwrap_or(holder.trust);
        let renewed = TagHolder { trust, ..holder.clone() };
        let next =
            Enrolment { tag: tag.clone(), token_digest: token.digest(), rotated_at: Some(now), ..enrolment.clone() };
        let moves = tag != enrolment.tag;
        if moves {
            self.table.put_holder(&tag, &renewed).await?;
        }
        if self.table.keep_enrolment(&mailbox, &next, Some(&enrolment.token_digest)).await? == Kept::Changed {
            if moves {
                self.table.remove_holder(&tag).await?;
            }
            return Ok(Err(Failure::Changed));
        }
        if moves {
            // A crash ahead of this leaves a tag that opens nothing, for requests wait under the new one.
            self.table.remove_holder(&enrolment.tag).await?;
        } else if trust != holder.trust {
            self.table.put_holder(&tag, &renewed).await?;
        }
        Ok(Ok(self.issued(&next, &renewed, &token)))
    }

    /// The enrolment goes last: for as long as it stands, revoking can be asked for again.
    async fn revoke(&self, mailbox: &Mailbox) -> Answer<Result<Answered, Failure>> {
        let mailbox = self.key.mailbox(mailbox);
        let Some(enrolment) = self.table.enrolment(&mailbox).await? else { return Ok(Err(Failure::NotEnrolled)) };
        self.table.remove_holder(&enrolment.tag).await?;
        let advanced =
            advance(&self.table, &enrolment.tag, |request| request.end.is_none().then(|| request.revoke())).await?;
        if let Some((request, status)) = advanced.and_then(|Advanced { now, .. }| Some((now.id.clone(), now.ended()?)))
        {
            self.statuses.publish(&request, &status).await?;
        }
        self.table.remove_enrolment(&mailbox).await?;
        Ok(Ok(Answered::Revoked))
    }

    async fn show(&self, mailbox: &Mailbox, now: Timestamp) -> Answer<Result<Answered, Failure>> {
        let mailbox = self.key.mailbox(mailbox);
        let (enrolment, holder) = match self.enrolled(&mailbox).await? {
            Ok(both) => both,
            Err(failure) => return Ok(Err(failure)),
        };
        let relay_address = self.relay_address.tagged(&enrolment.tag);
        let known = self.known(enrolment, now).await?;
        Ok(Ok(Answered::Shown(Shown { relay_address, trust: holder.trust, known })))
    }

    /// One after the other: a household has a handful.
    async fn list(&self, now: Timestamp) -> Answer<Result<Answered, Failure>> {
        let mut list = Vec::new();
        for enrolment in self.table.enrolments().await? {
            list.push(self.known(enrolment, now).await?);
        }
        Ok(Ok(Answered::List(list)))
    }

    async fn known(&self, enrolment: Enrolment, now: Timestamp) -> Answer<Known> {
        let mut arrivals = self.table.arrivals(&enrolment.tag).await?;
        arrivals.confirmation = arrivals.confirmation.filter(|confirmation| now < confirmation.until);
        Ok(Known { enrolment, arrivals })
    }

    async fn enrolled(&self, mailbox: &MailboxKey) -> Answer<Result<(Enrolment, TagHolder), Failure>> {
        let Some(enrolment) = self.table.enrolment(mailbox).await? else { return Ok(Err(Failure::NotEnrolled)) };
        let holder = self.table.holder(&enrolment.tag).await?;
        Ok(holder.map(|holder| (enrolment, holder)).ok_or(Failure::HalfRevoked))
    }

    fn issued(&self, enrolment: &Enrolment, holder: &TagHolder, token: &Token) -> Answered {
        Answered::Issued(Issued {
            relay_address: self.relay_address.tagged(&enrolment.tag),
            prestage_url: format!("{}?token={}", self.prestage_url, token.reveal()),
            token: token.reveal().to_owned(),
            trust: holder.trust,
            label: enrolment.label.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
