//! A mail as the rules see it: who wrote it, to whom, when, and what its reader would see.

mod bounds;

use crate::address::Address;
use jiff::Timestamp;
use mail_parser::{Header, HeaderName, Message, MessageParser, MessagePart, PartType};
use memchr::memmem;
use std::borrow::Cow;

/// The largest mail that is read, in bytes. A code mail has 30 kB; ten times that would be odd.
pub const LARGEST_MAIL: usize = 1 << 20;

/// A mail whose header section has been read. The body is read when it is asked for.
pub struct Mail<'a> {
    raw: &'a [u8],
    head: Message<'a>,
}

/// Why a mail cannot be read: cut off, built beyond reason, or no mail at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail is cut off, nested beyond reason, or no mail at all")]
pub struct Unreadable;

/// The decoded text of a mail, part by part. Attachments are left out.
#[derive(Default)]
pub struct Body {
    /// The `text/plain` parts.
    pub texts: Vec<String>,
    /// The `text/html` parts.
    pub pages: Vec<String>,
}

impl<'a> Mail<'a> {
    /// Reads the header section of a stored mail.
    pub fn parse(raw: &'a [u8]) -> Result<Self, Unreadable> {
        bounds::check_size(raw)?;
        let head = parser().parse_headers(raw).filter(|head| !head.parts.is_empty()).ok_or(Unreadable)?;
        Ok(Self { raw, head })
    }

    /// The header fields from the top, each with its name and its raw value.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.head.headers().iter().map(|header| (header.name.as_str(), self.value(header)))
    }

    /// The one address that wrote the mail; nothing when From is missing, given twice, a list or a group, or when
    /// it shows any other address beside the real one.
    pub fn sole_from(&self) -> Option<Address> {
        let address = self.sole_address(HeaderName::From)?;
        let raw = self.sole_field("from")?.to_lowercase();
        // Readers disagree about which of two addresses in one line is the author, so there must not be two.
        let shown = raw.matches('@').count();
        (shown == raw.matches(address.as_str()).count()).then_some(address)
    }

    /// The one address in To; nothing when there are more, for a code mail is written to one mailbox.
    pub fn sole_to(&self) -> Option<Address> {
        self.sole_address(HeaderName::To)
    }

    /// When the author says it was written; nothing when Date is missing, given twice or no date.
    pub fn date(&self) -> Option<Timestamp> {
        self.sole_field("date")?;
        let date = self.head.date().filter(|date| date.is_valid())?;
        Timestamp::from_second(date.to_timestamp()).ok()
    }

    /// The subject, with its encoded words decoded (RFC 2047).
    pub fn subject(&self) -> Option<&str> {
        self.head.subject()
    }

    /// What a reader of the mail would see.
    pub fn body(&self) -> Result<Body, Unreadable> {
        bounds::check_structure(self.raw)?;
        let message = parser().parse(self.raw).ok_or(Unreadable)?;
        check_closed(&message, self.raw)?;
        let mut body = Body::default();
        for part in message.parts.iter().filter(|part| !is_attached(part)) {
            match &part.body {
                PartType::Text(text) => body.texts.push(text.clone().into_owned()),
                PartType::Html(page) => body.pages.push(page.clone().into_owned()),
                _ => {}
            }
        }
        Ok(body)
    }

    fn sole_field(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut found = self.head.headers().iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name));
        let header = found.next()?;
        found.next().is_none().then(|| self.value(header))
    }

    fn value(&self, header: &Header<'_>) -> Cow<'_, str> {
        let value = self.raw.get(header.offset_start as usize..header.offset_end as usize);
        String::from_utf8_lossy(value.unwrap_or_default())
    }

    fn sole_address(&self, name: HeaderName<'static>) -> Option<Address> {
        self.sole_field(name.as_str())?;
        let list = self.head.header(name)?.as_address()?.as_list()?;
        let [only] = list else { return None };
        Address::parse(only.address.as_deref()?)
    }
}

/// Only what the rules look at is parsed; everything else stays raw, which is faster and gives a hostile mail less to
/// play with.
fn parser() -> MessageParser {
    MessageParser::new()
        .with_mime_headers()
        .header_address(HeaderName::From)
        .header_address(HeaderName::To)
        .header_date(HeaderName::Date)
        .header_text(HeaderName::Subject)
}

fn is_attached(part: &MessagePart<'_>) -> bool {
    part.headers
        .iter()
        .filter(|header| header.name == HeaderName::ContentDisposition)
        .any(|header| header.value.as_content_type().is_some_and(mail_parser::ContentType::is_attachment))
}

/// A multipart mail ends with its closing delimiter (RFC 2046 section 5.1.1). Without it the mail was cut off, and
/// six digits before the cut may be the beginning of something else.
fn check_closed(message: &Message<'_>, raw: &[u8]) -> Result<(), Unreadable> {
    let root = message.parts.first().ok_or(Unreadable)?;
    let PartType::Multipart(_) = root.body else { return Ok(()) };
    let boundary = root
        .headers
        .iter()
        .find(|header| header.name == HeaderName::ContentType)
        .and_then(|header| header.value.as_content_type())
        .and_then(|content_type| content_type.attribute("boundary"))
        .ok_or(Unreadable)?;
    let closing = format!("--{boundary}--");
    // Backwards, for the delimiter stands at the end of every mail that is whole.
    memmem::rfind(raw, closing.as_bytes()).map(|_| ()).ok_or(Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(from: &str) -> Option<String> {
        let raw = format!("{from}Subject: x\r\n\r\nbody\r\n");
        Mail::parse(raw.as_bytes()).ok()?.sole_from().map(|address| address.as_str().to_owned())
    }

    #[test]
    fn an_author_is_one_address_and_shows_no_other() {
        for (from, expected) in [
            ("From: do_not_reply@arlo.com\r\n", Some("do_not_reply@arlo.com")),
            ("From: Arlo <Do_Not_Reply@arlo.com>\r\n", Some("do_not_reply@arlo.com")),
            ("From: do_not_reply@arlo.com <do_not_reply@arlo.com>\r\n", Some("do_not_reply@arlo.com")),
            ("From: a@arlo.com, b@evil.example\r\n", None),
            ("From: a@arlo.com, a@arlo.com\r\n", None),
            ("From: a@arlo.com\r\nFrom: b@evil.example\r\n", None),
            ("From: a@arlo.com\r\nfrom : b@evil.example\r\n", None),
            ("From: \"do_not_reply@arlo.com\" <b@evil.example>\r\n", None),
            ("From: team: a@arlo.com;\r\n", None),
            ("From: a@arlo.com (b@evil.example)\r\n", None),
            ("From: <\"a@arlo.com\"@evil.example>\r\n", None),
            ("From:\r\n", None),
            ("", None),
        ] {
            assert_eq!(author(from).as_deref(), expected, "{from}");
        }
    }

    #[test]
    fn a_date_counts_once_and_only_when_it_is_one() {
        for (date, expected) in [
            ("Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n", Some("2026-11-21T20:01:10Z")),
            ("Date: Sat, 21 Nov 2026 12:01:10 -0800 (PST)\r\n", Some("2026-11-21T20:01:10Z")),
            ("Date: soon\r\n", None),
            ("Date: Sat, 21 Nov 99999 20:01:10 +0000\r\n", None),
            ("Date: Sat, 21 Nov 2026 20:01:10 +0000\r\nDate: Sat, 21 Nov 2026 20:09:10 +0000\r\n", None),
            ("", None),
        ] {
            let raw = format!("{date}From: a@arlo.com\r\n\r\n");
            let found = Mail::parse(raw.as_bytes()).ok().and_then(|mail| mail.date());
            assert_eq!(found.map(|at| at.to_string()).as_deref(), expected, "{date}");
        }
    }

    #[test]
    fn a_mail_of_ten_thousand_parts_is_unreadable() {
        let nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(10_000);
        assert_eq!(Mail::parse(nested.as_bytes()).and_then(|mail| mail.body().map(|_| ())), Err(Unreadable));
    }

    #[test]
    fn a_multipart_mail_without_its_end_is_unreadable() {
        let whole = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n467266\r\n--b--\r\n";
        let cut = whole.strip_suffix("--b--\r\n").expect("a closing delimiter");
        assert!(Mail::parse(whole.as_bytes()).and_then(|mail| mail.body().map(|_| ())).is_ok());
        assert_eq!(Mail::parse(cut.as_bytes()).and_then(|mail| mail.body().map(|_| ())), Err(Unreadable));
    }
}
