//! A mail as the rules see it: who wrote it, to whom, when, and what its reader would see.
//!
//! A mail is read by one split into fields (`header`) and one walk over its parts (`mime`), both within `bounds`.
//! Everything else is parsed from what these two give.

mod address;
mod bounds;
mod date;
mod decode;
mod entity;
mod flowed;
mod header;
mod mime;
mod parameters;
mod self_evident;

pub use bounds::LARGEST_MAIL;

use crate::address::Address;
use entity::{Content, Entity, TextLayout};
use header::{Header, Single};
use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mime::Leaf;
use std::borrow::Cow;
use std::sync::OnceLock;

/// A mail whose header section has been split. The body is read when it is asked for.
pub struct Mail<'a> {
    header: Header<'a>,
    body: &'a [u8],
    /// Decoded when it is asked for the first time.
    subject: OnceLock<Option<String>>,
}

/// Why a mail cannot be read: cut off, malformed so that readers disagree about it, beyond the `bounds`, or no mail
/// at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail is cut off, malformed, nested beyond reason, or no mail at all")]
pub struct Unreadable;

/// The decoded text of a mail, part by part. Attachments are left out.
#[derive(Debug, Default)]
pub struct Body<'a> {
    /// The `text/plain` parts.
    pub texts: Vec<Cow<'a, str>>,
    /// The `text/html` parts.
    pub pages: Vec<Cow<'a, str>>,
}

impl<'a> Mail<'a> {
    /// Splits the header section of a stored mail.
    ///
    /// # Errors
    /// [`Unreadable`] if the section can be split in more than one way, or if a field that must occur once occurs
    /// twice. A second From is no error here: such a mail has no [`sole_from`](Self::sole_from).
    pub fn parse(raw: &'a [u8]) -> Result<Self, Unreadable> {
        if raw.len() > LARGEST_MAIL {
            return Err(Unreadable);
        }
        let (header, length) = Header::split(raw, |_| false)?;
        header.refuse_repeated(&[
            Single::To,
            Single::Date,
            Single::Subject,
            Single::MimeVersion,
            Single::ContentType,
            Single::ContentDisposition,
            Single::ContentTransferEncoding,
        ])?;
        if header.fields().is_empty() {
            return Err(Unreadable);
        }
        Ok(Self { header, body: raw.get(length..).unwrap_or_default(), subject: OnceLock::new() })
    }

    /// The header fields from the top, each with its name and its raw value: folding kept, last line end removed.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.header.fields().iter().map(|field| {
            let value = without_line_end(field.value);
            // Nearly all values are ASCII, and checking that is eight times faster than repairing.
            (field.name, str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed))
        })
    }

    /// The header fields from the top as they stand in the mail: each name, and every byte behind its colon.
    pub fn raw_fields(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.header.fields().iter().map(|field| (field.name, field.value))
    }

    /// Everything behind the blank line that ends the header section.
    pub fn raw_body(&self) -> &'a [u8] {
        self.body
    }

    /// The one address that wrote the mail. Returns `None` if From is missing, repeated, a list or a group, or shows
    /// any other address beside the real one.
    pub fn sole_from(&self) -> Option<Address> {
        address::shown_alone(self.header.single(Single::From)?)
    }

    /// The one address in To. Returns `None` if there are more, or if it shows any other, for a code mail is written to one
    /// mailbox.
    pub fn sole_to(&self) -> Option<Address> {
        address::shown_alone(self.header.single(Single::To)?)
    }

    /// When the author says it was written. Returns `None` if Date is missing or is not a date.
    pub fn date(&self) -> Option<Timestamp> {
        date::date(self.header.single(Single::Date)?)
    }

    /// The subject, with its encoded words decoded (RFC 2047).
    pub fn subject(&self) -> Option<&str> {
        self.subject.get_or_init(|| unstructured(self.header.single(Single::Subject)?)).as_deref()
    }

    /// Whether the body itself shows that it is of the type that the header declares.
    pub(crate) fn shows_its_type(&self) -> bool {
        Entity::of(&self.header).is_ok_and(|entity| self_evident::shows_type(&entity, self.body))
    }

    /// Whether the body itself shows that it is in the transfer encoding that the header declares.
    pub(crate) fn shows_its_encoding(&self) -> bool {
        Entity::of(&self.header).is_ok_and(|entity| self_evident::shows_encoding(&entity, self.body))
    }

    /// What a reader of the mail would see.
    ///
    /// # Errors
    /// [`Unreadable`] if the mail was cut off inside a part, or if a part's header can be read in more than one way.
    pub fn body(&self) -> Result<Body<'a>, Unreadable> {
        let mut body = Body::default();
        for leaf in mime::leaves(Entity::of(&self.header)?, self.body)? {
            match leaf.entity.content {
                Content::Text(layout) => body.texts.push(text_part(&leaf, layout)?),
                Content::Page => body.pages.push(page_part(&leaf)?),
                Content::Multipart(_) | Content::Other => {}
            }
        }
        Ok(body)
    }
}

fn text_part<'a>(leaf: &Leaf<'a>, layout: TextLayout) -> Result<Cow<'a, str>, Unreadable> {
    let text = decoded(leaf);
    // Nothing in plain text says that it ends.
    if !leaf.is_delimited && !text.trim_ascii().is_empty() {
        return Err(Unreadable);
    }
    Ok(match layout {
        TextLayout::Fixed => text,
        TextLayout::Flowed { delsp } => flowed::joined(&text, delsp).into(),
    })
}

/// A page with its own end tag is whole, even if the delimiter behind it is missing.
fn page_part<'a>(leaf: &Leaf<'a>) -> Result<Cow<'a, str>, Unreadable> {
    let page = decoded(leaf);
    let is_whole =
        leaf.is_delimited || page.trim_ascii().is_empty() || behind_end_tag(&page).is_some_and(shows_nothing);
    if is_whole { Ok(page) } else { Err(Unreadable) }
}

/// What follows the last end tag of a page.
fn behind_end_tag(page: &str) -> Option<&str> {
    let behind = |tag: &'_ str| -> Option<usize> {
        let (name, rest) = tag.split_at_checked("</html".len())?;
        let rest = rest.trim_ascii_start().strip_prefix('>')?;
        ["</html", "</body"].iter().any(|end| name.eq_ignore_ascii_case(end)).then_some(rest.len())
    };
    let length = memchr::memrchr_iter(b'<', page.as_bytes()).find_map(|at| behind(page.get(at..)?))?;
    page.get(page.len() - length..)
}

/// Whether a piece of a page is tags, comments and blanks: tracking pixels stand behind many a page.
fn shows_nothing(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        match rest.strip_prefix('<').and_then(|tag| tag.split_once(end)) {
            Some((_, behind)) => rest = behind,
            None => return rest.is_empty(),
        }
    }
}

fn decoded<'a>(leaf: &Leaf<'a>) -> Cow<'a, str> {
    let content = decode::transfer_decoded(leaf.entity.encoding, leaf.content);
    decode::text(leaf.entity.charset.as_deref(), content)
}

fn unstructured(value: &[u8]) -> Option<String> {
    let value = MessageStream::new(&address::terminated(value)).parse_unstructured().into_owned();
    value.as_text().map(str::to_owned)
}

fn without_line_end(value: &[u8]) -> &[u8] {
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    value.strip_suffix(b"\r").unwrap_or(value)
}

#[cfg(test)]
mod tests;
