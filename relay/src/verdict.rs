//! The trust table: whose mail is it, and who wrote it (DESIGN section 4).

use crate::address::Address;
use crate::enrolment::{TagHolder, Trust};
use crate::evidence::Evidence;
use crate::extract;
use crate::forwarder::forwarding_mailbox;
use crate::id::MessageId;
use crate::mail::Mail;
use crate::mailbox::{AddressKey, Mailbox};
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::relay_address::Place;
use crate::secret::Code;
use jiff::Timestamp;

/// What the accepting server knows of a mail without reading it.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The server's name for the mail.
    pub id: MessageId,
    /// When the server accepted it.
    pub accepted_at: Timestamp,
    /// The address at the relay that it was sent to.
    pub place: Place,
    /// The envelope sender, where there is one.
    pub sender: Option<Address>,
    /// The server's own refusal: [`Refusal::Spam`] or [`Refusal::Virus`].
    pub screened: Option<Refusal>,
}

/// A mail that may be trusted: the provider wrote it, and it is for this mailbox. Whether it holds a code, and whether
/// a request waits for it, is not said yet.
#[derive(Debug)]
pub struct Letter {
    /// The accepting server's name for it.
    pub id: MessageId,
    /// Who wrote it.
    pub provider: &'static Provider,
    /// When the server accepted it.
    pub accepted_at: Timestamp,
    /// When its author says it was written.
    pub date: Option<Timestamp>,
    /// The code in it, or why there is none.
    pub content: Result<Code, Refusal>,
}

/// Judges a mail for the mailbox that holds the tag.
///
/// # Errors
/// The first reason that applies, in this order: virus or spam, not from a provider, not signed or not forwarded.
pub fn judge(
    envelope: &Envelope,
    mail: &Mail<'_>,
    evidence: &Evidence,
    holder: &TagHolder,
    key: &AddressKey,
) -> Result<Letter, Refusal> {
    envelope.screened.map_or(Ok(()), Err)?;
    let provider = provider_of(mail).ok_or(Refusal::NotFromProvider)?;
    let signed = evidence.is_signed_by(provider);
    match envelope.place {
        Place::Tagged(_) => {
            let forwarded = evidence.last_hop().any(|domain| key.domain(domain) == holder.domain);
            admit_tagged(holder.trust, signed, forwarded)?;
        }
        Place::Plain => admit_plain(signed, names_mailbox(envelope, mail, evidence, holder, key))?,
    }
    Ok(Letter {
        id: envelope.id.clone(),
        provider,
        accepted_at: envelope.accepted_at,
        date: mail.date(),
        content: mail.body().map_err(|_| Refusal::Unreadable).and_then(|body| extract::code(provider, &body)),
    })
}

/// The mailboxes that a mail at the plain address may be for: where To points, and for whom the last hop forwards.
/// Both are claims, which [`judge`] checks.
pub fn claimed_mailboxes(envelope: &Envelope, mail: &Mail<'_>) -> Vec<Mailbox> {
    let to = addressed_mailbox(mail);
    let forwarder = envelope.sender.as_ref().and_then(forwarding_mailbox);
    let mut claimed: Vec<Mailbox> = to.into_iter().chain(forwarder).collect();
    claimed.dedup();
    claimed
}

/// The provider whose domain the one author writes from.
pub fn provider_of(mail: &Mail<'_>) -> Option<&'static Provider> {
    Provider::writing_from(&mail.sole_from()?.domain())
}

fn addressed_mailbox(mail: &Mail<'_>) -> Option<Mailbox> {
    Mailbox::of(&mail.sole_to()?).ok()
}

/// The table's rows for a tagged address.
fn admit_tagged(trust: Trust, signed: bool, forwarded: bool) -> Result<(), Refusal> {
    match (trust, signed, forwarded) {
        (_, true, _) | (Trust::Forwarded, _, true) | (Trust::Addressed, _, _) => Ok(()),
        (Trust::Signed, false, _) => Err(Refusal::NotSigned),
        (Trust::Forwarded, false, false) => Err(Refusal::NotForwarded),
    }
}

/// The table's rows for the plain address, the same for every trust.
fn admit_plain(signed: bool, names_mailbox: bool) -> Result<(), Refusal> {
    match (signed, names_mailbox) {
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::NotForwarded),
        (false, _) => Err(Refusal::NotSigned),
    }
}

/// Whether a mail at the plain address is this mailbox's: To names it, or the last hop forwards for it and is proven.
fn names_mailbox(
    envelope: &Envelope,
    mail: &Mail<'_>,
    evidence: &Evidence,
    holder: &TagHolder,
    key: &AddressKey,
) -> bool {
    let is_holders = |mailbox: &Mailbox| key.mailbox(mailbox) == holder.mailbox;
    let to = addressed_mailbox(mail);
    let proven = envelope.sender.as_ref().filter(|sender| evidence.spf.as_ref() == Some(&sender.domain()));
    to.iter().chain(&proven.and_then(forwarding_mailbox)).any(is_holders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_for_tagged_addresses() {
        use Refusal::{NotForwarded, NotSigned};
        use Trust::{Addressed, Forwarded, Signed};
        for (signed, forwarded, trust, expected) in [
            (true, true, Signed, Ok(())),
            (true, false, Signed, Ok(())),
            (true, false, Forwarded, Ok(())),
            (true, false, Addressed, Ok(())),
            (false, true, Signed, Err(NotSigned)),
            (false, true, Forwarded, Ok(())),
            (false, true, Addressed, Ok(())),
            (false, false, Signed, Err(NotSigned)),
            (false, false, Forwarded, Err(NotForwarded)),
            (false, false, Addressed, Ok(())),
        ] {
            assert_eq!(admit_tagged(trust, signed, forwarded), expected, "{trust:?} {signed} {forwarded}");
        }
    }

    #[test]
    fn the_table_for_the_plain_address() {
        assert_eq!(admit_plain(true, true), Ok(()));
        assert_eq!(admit_plain(true, false), Err(Refusal::NotForwarded));
        assert_eq!(admit_plain(false, true), Err(Refusal::NotSigned));
        assert_eq!(admit_plain(false, false), Err(Refusal::NotSigned));
    }
}
