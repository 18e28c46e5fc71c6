//! Gmail's forwarding confirmation: a mail that asks the owner of a forwarding address to confirm it (FACTS section 2).

use crate::evidence::Proof;
use crate::mail::Mail;
use crate::mailbox::Mailbox;

/// What the mail holds: a link to open, and in mails of the older form a code to type.
///
/// Holding the link is enough to confirm, so it stays out of logs.
#[derive(derive_more::Debug, Clone, PartialEq, Eq)]
#[debug("Confirmation(…)")]
pub struct Confirmation {
    /// The link that confirms.
    pub link: String,
    /// The code that confirms as well.
    pub code: Option<String>,
}

const AUTHOR: &str = "forwarding-noreply@google.com";
const SIGNER: &str = "google.com";

/// The prefixes of the link that confirms. A link whose path starts with `/mail/uf-` cancels and does not match.
const CONFIRMING: [&str; 2] = ["https://mail-settings.google.com/mail/vf-", "https://mail.google.com/mail/vf-"];

impl Confirmation {
    /// Parses the confirmation of the owner's own mailbox. Returns `None` if the mail is another one, if Google's own domain
    /// does not vouch for it, or if somebody else asked for it: anybody can have Gmail ask any address.
    pub fn parse(mail: &Mail<'_>, proof: &Proof<'_>, is_owners: impl Fn(&Mailbox) -> bool) -> Option<Self> {
        let by_gmail = mail.sole_from().is_some_and(|author| author.as_str() == AUTHOR);
        let signed = proof.vouches_for("from", |domain| domain.as_str() == SIGNER);
        if !by_gmail || !signed {
            return None;
        }
        if !named_mailboxes(mail).iter().any(is_owners) {
            return None;
        }
        let texts = mail.body().ok()?.texts;
        let link = texts.iter().find_map(|text| confirming_link(text))?;
        Some(Self { link, code: mail.subject().and_then(code_in) })
    }
}

/// The mailboxes that a confirmation names: whose it is, the relay address, and Google's own.
pub(crate) fn named_mailboxes(mail: &Mail<'_>) -> Vec<Mailbox> {
    let texts = mail.body().map(|body| body.texts).unwrap_or_default();
    let texts = mail.subject().into_iter().chain(texts.iter().map(|text| &**text));
    texts.flat_map(mailboxes_in).collect()
}

/// The mailboxes among the first words with an `@`, in any language around them.
fn mailboxes_in(text: &str) -> impl Iterator<Item = Mailbox> {
    const MOST_NAMED: usize = 64;
    let ends_word = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let words = text.split(ends_word).filter(|word| word.contains('@')).take(MOST_NAMED);
    words.filter_map(|word| Mailbox::parse(word.trim_matches('.')).ok())
}

fn confirming_link(text: &str) -> Option<String> {
    let start = CONFIRMING.iter().filter_map(|link| text.find(link)).min()?;
    // The characters of a URL (RFC 3986 section 2), so that nothing else comes along into a terminal or a browser.
    let in_url = |c: &char| c.is_ascii_alphanumeric() || "-._~%:/?#[]@!$&'()*+,;=".contains(*c);
    Some(text.get(start..)?.chars().take_while(in_url).collect())
}

/// The code in a subject of the older form: `(#99427480) Gmail Forwarding Confirmation - …`.
fn code_in(subject: &str) -> Option<String> {
    let (digits, _) = subject.trim_start().strip_prefix("(#")?.split_once(')')?;
    let holds = (6..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    holds.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_that_cancels_is_never_shown() {
        let confirm = "https://mail-settings.google.com/mail/vf-%5BANG%5D-abc";
        let cancel = "https://mail-settings.google.com/mail/uf-%5BANG%5D-abc";
        assert_eq!(confirming_link(&format!("{cancel}\n{confirm}\nbye")).as_deref(), Some(confirm));
        assert_eq!(confirming_link(cancel), None);
        assert_eq!(confirming_link("https://mail-settings.google.com.evil.example/mail/vf-x"), None);
    }

    #[test]
    fn a_mailbox_is_found_among_the_words() {
        let found: Vec<_> = mailboxes_in("(#1) Receive Mail from M.e@gmail.com: <you@example.org>, them@example.org.")
            .map(|mailbox| mailbox.as_str().to_owned())
            .collect();
        assert_eq!(found, ["me@gmail.com", "you@example.org", "them@example.org"]);
    }

    #[test]
    fn the_code_is_read_from_the_older_subject_only() {
        assert_eq!(code_in("(#99427480) Gmail Forwarding Confirmation - x").as_deref(), Some("99427480"));
        assert_eq!(code_in("(Gmail Forwarding Confirmation - Receive Mail from user@gmail.com"), None);
    }
}
