//! Gmail's forwarding confirmation: a mail that asks the owner of a forwarding address to confirm it (FACTS section 2).

use crate::evidence::Evidence;
use crate::mail::Mail;

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
    /// Parses the confirmation. Returns `None` if the mail is another one, or Google's own domain does not vouch for it.
    pub fn parse(mail: &Mail<'_>, evidence: &Evidence) -> Option<Self> {
        let by_gmail = mail.sole_from().is_some_and(|author| author.as_str() == AUTHOR);
        let signed = evidence.vouches_for("from", mail, |domain| domain.as_str() == SIGNER);
        if !by_gmail || !signed {
            return None;
        }
        let texts = mail.body().ok()?.texts;
        let link = texts.iter().find_map(|text| confirming_link(text))?;
        Some(Self { link, code: mail.subject().and_then(code_in) })
    }
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
    fn the_code_is_read_from_the_older_subject_only() {
        assert_eq!(code_in("(#99427480) Gmail Forwarding Confirmation - x").as_deref(), Some("99427480"));
        assert_eq!(code_in("(Gmail Forwarding Confirmation - Receive Mail from user@gmail.com"), None);
    }
}
