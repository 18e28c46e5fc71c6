//! The MIME fields of a part (RFC 2045 sections 5 and 6, RFC 2183): what is in it and how it is encoded.

use super::Unreadable;
use super::header::{Header, Single};
use super::parameters::{Scanner, Value};
use std::borrow::Cow;

/// What a part is, as far as the reader cares.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// `text/plain`, or no type that can be read (RFC 2045 section 5.2).
    Text(TextLayout),
    /// `text/html`.
    Page,
    /// A multipart with the boundary of its parts.
    Multipart(Vec<u8>),
    /// Anything else, and every attachment: not read.
    Other,
}

/// How lines of plain text belong together (RFC 3676).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextLayout {
    /// Each line is a line.
    Fixed,
    /// `format=flowed`: a line that ends with a blank goes on in the next. With `delsp` that blank is removed.
    Flowed { delsp: bool },
}

/// The transfer encoding (RFC 2045 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary or unknown: the bytes are the content.
    Identity,
    QuotedPrintable,
    Base64,
}

/// What the header of a part says about its content.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) content: Content,
    pub(super) charset: Option<Cow<'a, [u8]>>,
    pub(super) encoding: Encoding,
}

impl<'a> Entity<'a> {
    /// Reads the MIME fields of a header section.
    pub(super) fn of(header: &Header<'a>) -> Result<Self, Unreadable> {
        header.refuse_repeated(&[
            Single::MimeVersion,
            Single::ContentType,
            Single::ContentDisposition,
            Single::ContentTransferEncoding,
        ])?;
        let encoding = header.single(Single::ContentTransferEncoding).map_or(Encoding::Identity, encoding);
        let disposition = header.single(Single::ContentDisposition).map(Value::parse).transpose()?;
        let attached = disposition.is_some_and(|value| value.is("attachment") || value.has("filename"));
        let Some(value) = header.single(Single::ContentType).map(Value::parse).transpose()? else {
            let content = if attached { Content::Other } else { Content::Text(TextLayout::Fixed) };
            return Ok(Self { content, charset: None, encoding });
        };
        Ok(Self { content: content(&value, attached)?, charset: value.parameter("charset")?, encoding })
    }
}

fn content(value: &Value<'_>, attached: bool) -> Result<Content, Unreadable> {
    let Some((kind, subtype)) = value.text.split_once('/') else { return Ok(Content::Text(TextLayout::Fixed)) };
    if kind.eq_ignore_ascii_case("multipart") {
        let boundary = value.parameter("boundary")?.ok_or(Unreadable)?;
        // A boundary cannot end with a blank (RFC 2046 section 5.1.1); some declare one nevertheless.
        let boundary = boundary.trim_ascii_end();
        return if boundary.is_empty() { Err(Unreadable) } else { Ok(Content::Multipart(boundary.to_vec())) };
    }
    // A part with a file name is shown as an attachment by most mail programs.
    if attached || value.has("name") || !kind.eq_ignore_ascii_case("text") {
        return Ok(Content::Other);
    }
    Ok(match subtype {
        _ if subtype.eq_ignore_ascii_case("html") => Content::Page,
        _ if subtype.eq_ignore_ascii_case("plain") => Content::Text(layout(value)?),
        _ => Content::Other,
    })
}

fn layout(value: &Value<'_>) -> Result<TextLayout, Unreadable> {
    let says = |name, word: &[u8]| Ok(value.parameter(name)?.is_some_and(|found| found.eq_ignore_ascii_case(word)));
    Ok(if says("format", b"flowed")? {
        TextLayout::Flowed { delsp: says("delsp", b"yes")? }
    } else {
        TextLayout::Fixed
    })
}

/// Reads a transfer encoding, however oddly it is declared: `base64;`, `"base64"`, `base64 (RFC 2045)`.
fn encoding(value: &[u8]) -> Encoding {
    let mut scanner = Scanner(value);
    let word = if scanner.next_is(b'"') { scanner.quoted() } else { scanner.token().into() };
    match &*word {
        word if word.eq_ignore_ascii_case(b"base64") => Encoding::Base64,
        word if word.eq_ignore_ascii_case(b"quoted-printable") => Encoding::QuotedPrintable,
        _ => Encoding::Identity,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::MOST_PARAMETERS;
    use super::*;

    fn entity(header: &str) -> Result<(Content, Option<String>, Encoding), Unreadable> {
        let text = format!("{header}\r\n");
        let (header, _) = Header::split(text.as_bytes(), |_| false)?;
        let entity = Entity::of(&header)?;
        let charset = entity.charset.map(|charset| String::from_utf8_lossy(&charset).into_owned());
        Ok((entity.content, charset, entity.encoding))
    }

    fn content_of(content_type: &str) -> Result<Content, Unreadable> {
        entity(&format!("Content-Type: {content_type}")).map(|(content, ..)| content)
    }

    #[test]
    fn a_type_is_read_however_it_is_written() {
        let plain = || Ok(Content::Text(TextLayout::Fixed));
        let flowed = |delsp| Ok(Content::Text(TextLayout::Flowed { delsp }));
        let multipart = |boundary: &str| Ok(Content::Multipart(boundary.as_bytes().to_vec()));
        for (written, expected) in [
            ("text/plain; charset=utf-8", plain()),
            ("text", plain()),
            ("", plain()),
            ("TEXT/HTML", Ok(Content::Page)),
            ("text (a comment; with\r\n \"signs\\)) / html (more)", Ok(Content::Page)),
            ("text/html charset=utf-8", Ok(Content::Page)),
            ("text/html; name=\"code.html\"", Ok(Content::Other)),
            ("text/html; name*0=co; name*1=de", Ok(Content::Other)),
            ("text/x-amp-html", Ok(Content::Other)),
            ("message/rfc822", Ok(Content::Other)),
            ("text/plain; format=Flowed", flowed(false)),
            ("text/plain; format=\"flowed\"; DelSp=Yes", flowed(true)),
            ("multipart/mixed; boundary=----=_Part_1", multipart("----=_Part_1")),
            ("multipart/mixed;\r\n\tboundary=\"a \\\"b; c \"", multipart("a \"b; c")),
            ("multipart/mixed; ; x; charset=\"utf-8\"; boundary=b;", multipart("b")),
            ("multipart/mixed; x=\"; boundary=a\"; boundary=b (; boundary=c)", multipart("b")),
            ("multipart/mixed", Err(Unreadable)),
            ("multipart/mixed; boundary=\" \"", Err(Unreadable)),
            ("multipart/mixed; boundary=a; boundary=b", Err(Unreadable)),
            ("multipart/mixed; boundary*0=a; boundary*1=b", Err(Unreadable)),
            ("multipart/mixed; boundary*=us-ascii''a", Err(Unreadable)),
        ] {
            assert_eq!(content_of(written), expected, "{written}");
        }
        assert_eq!(content_of(&format!("text/plain{}", "; x=1".repeat(MOST_PARAMETERS))), plain());
        assert_eq!(content_of(&format!("text/plain{}", "; x=1".repeat(MOST_PARAMETERS + 1))), Err(Unreadable));
    }

    #[test]
    fn an_attachment_is_not_read() {
        for (disposition, expected) in [
            ("inline", Content::Page),
            ("attachment", Content::Other),
            ("ATTACHMENT; size=3", Content::Other),
            ("inline; filename=a.html", Content::Other),
            ("inline; filename*=utf-8''a.html", Content::Other),
        ] {
            let header = format!("Content-Type: text/html\r\nContent-Disposition: {disposition}");
            assert_eq!(entity(&header).map(|(content, ..)| content), Ok(expected), "{disposition}");
        }
    }

    #[test]
    fn an_encoding_is_read_however_oddly_it_is_declared() {
        for (declared, expected) in [
            ("base64", Encoding::Base64),
            ("BASE64;", Encoding::Base64),
            ("\"base64\"", Encoding::Base64),
            ("(RFC 2045) base64 (as usual)", Encoding::Base64),
            ("Quoted-Printable", Encoding::QuotedPrintable),
            ("8bit", Encoding::Identity),
            ("base6", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            let header = format!("Content-Transfer-Encoding: {declared}");
            assert_eq!(entity(&header).map(|(_, _, encoding)| encoding), Ok(expected), "{declared}");
        }
    }

    #[test]
    fn a_character_set_is_a_word_or_a_quoted_one_and_given_once() {
        let charset = |written: &str| entity(&format!("Content-Type: text/html; {written}")).map(|(_, found, _)| found);
        assert_eq!(charset("charset=\"utf-8\""), Ok(Some("utf-8".to_owned())));
        assert_eq!(charset("CharSet = utf-8 (comment)"), Ok(Some("utf-8".to_owned())));
        assert_eq!(charset("x=charset"), Ok(None));
        assert_eq!(charset("charset=utf-8; charset=utf-7"), Err(Unreadable));
    }

    #[test]
    fn a_repeated_field_is_unreadable() {
        let twice = "Content-Type: text/plain\r\ncontent-type: text/html";
        assert_eq!(entity(twice), Err(Unreadable));
    }
}
