//! A message: a small mail that the relay makes of a code, in forms in which every known client finds it.
//!
//! | client | looks for |
//! |---|---|
//! | pyaarlo | a line of a part that is six digits, with signs around them at most |
//! | Scrypted | the same in the text of an HTML part |
//! | others | six digits in `<h1>`, or behind a tab |

use crate::codes::CodeMail;
use jiff::Timestamp;
use relay::provider::Provider;
use relay::secret::Code;
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// The boundary between the parts. No line of a part starts with it.
const BOUNDARY: &str = "mfa-relay";

/// The media subtype of each part: both are text in US-ASCII.
pub(super) const SUBTYPES: [&str; 2] = ["plain", "html"];

/// What stands in place of a digit that has been erased.
const ERASED: &str = "*";

/// A message of an inbox.
#[derive(Debug)]
pub(super) struct Message {
    /// Its unique identifier.
    pub(super) uid: NonZeroU32,
    /// Whether the client has read it.
    pub(super) seen: bool,
    provider: &'static Provider,
    /// `None` once it has been erased.
    code: Option<Code>,
    received_at: Timestamp,
    mailbox: String,
}

impl Message {
    /// Makes a message to this mailbox.
    pub(super) fn new(uid: NonZeroU32, mail: CodeMail, mailbox: String) -> Self {
        let CodeMail { code, provider, received_at } = mail;
        Self { uid, seen: false, provider, code: Some(code), received_at, mailbox }
    }

    /// Erases the code. Digits become stars, so that the size stays what the client knows.
    pub(super) fn erase(&mut self) {
        self.code = None;
    }

    /// When the relay accepted the mail.
    pub(super) fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// The address of the sender.
    pub(super) fn sender(&self) -> &'static str {
        self.provider.sender
    }

    /// The mailbox.
    pub(super) fn mailbox(&self) -> &str {
        &self.mailbox
    }

    /// The header fields, in their order.
    pub(super) fn header(&self) -> Vec<(&'static str, String)> {
        vec![
            ("From", self.sender().to_owned()),
            ("To", self.mailbox.clone()),
            ("Date", self.date()),
            ("Subject", self.provider.subject.to_owned()),
            ("Message-ID", self.message_id()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", format!("multipart/alternative; boundary=\"{BOUNDARY}\"")),
        ]
    }

    /// The value of a header field. Returns `None` if the message has no such field.
    pub(super) fn header_field(&self, name: &str) -> Option<String> {
        self.header().into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn date(&self) -> String {
        self.received_at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }

    fn message_id(&self) -> String {
        format!("<{}@mfa-relay.invalid>", self.uid)
    }

    /// The body of each part, by the order of [`SUBTYPES`].
    pub(super) fn parts(&self) -> [Zeroizing<String>; 2] {
        let erased = ERASED.repeat(self.provider.digits);
        let code = self.code.as_ref().map_or(erased.as_str(), Code::reveal);
        let text = format!("Your one-time code:\r\n\r\n{code}\r\n\r\nOnce more:\r\n\t{code}\r\n");
        let html = format!(
            "<html><body>\r\n<p>Your one-time code:</p>\r\n<h1>{code}</h1>\r\n<p>Once more:</p>\r\n<pre>\r\n{code}\r\n</pre>\r\n</body></html>\r\n"
        );
        [Zeroizing::new(text), Zeroizing::new(html)]
    }

    /// The header fields of the part with this subtype, without the blank line.
    pub(super) fn part_header(subtype: &str) -> String {
        format!("Content-Type: text/{subtype}; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n")
    }

    /// The header fields whose names are wanted, and the blank line.
    pub(super) fn header_text(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let fields = self.header().into_iter().filter(|(name, _)| is_wanted(name));
        let lines: Vec<String> = fields.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{}\r\n", lines.concat())
    }

    /// The body.
    pub(super) fn body(&self) -> Zeroizing<String> {
        let ([text, html], [of_text, of_html]) = (self.parts(), SUBTYPES.map(Self::part_header));
        Zeroizing::new(format!(
            "--{BOUNDARY}\r\n{of_text}\r\n{}\r\n--{BOUNDARY}\r\n{of_html}\r\n{}\r\n--{BOUNDARY}--\r\n",
            *text, *html,
        ))
    }

    /// The whole message.
    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}{}", self.header_text(|_| true), *self.body()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::fake::code_mail;
    use relay::mail::LARGEST_MAIL;

    fn message() -> Message {
        Message::new(NonZeroU32::MIN, code_mail("467266"), "me@gmail.com".to_owned())
    }

    #[test]
    fn every_client_finds_the_code_in_its_way() {
        let message = message();
        let [text, html] = message.parts();
        for part in [&text, &html] {
            assert!(part.lines().any(|line| line == "467266"), "a line of its own");
        }
        assert!(html.contains("<h1>467266</h1>") && message.text().contains("\t467266"));
    }

    #[test]
    fn the_header_names_the_provider_and_the_time() {
        let message = message();
        assert_eq!(message.header_field("from").as_deref(), Some("do_not_reply@arlo.com"));
        assert_eq!(message.header_field("DATE").as_deref(), Some("Sat, 21 Nov 2026 20:01:12 +0000"));
        assert_eq!(message.header_field("Subject").as_deref(), Some("Your one-time authentication code from Arlo"));
        assert_eq!(message.header_field("Cc"), None);
    }

    #[test]
    fn an_erased_message_has_no_code_and_the_same_size() {
        let mut message = message();
        let size = message.text().len();
        message.erase();
        assert!(!message.text().contains("467266"));
        assert_eq!(message.text().len(), size);
        assert!(size < LARGEST_MAIL && message.text().is_ascii());
    }
}
