//! Whether a body itself shows how it is to be read.
//!
//! A signature that does not cover Content-Type or Content-Transfer-Encoding lets anybody declare another one, and so have
//! a signed text read as a page, a page as a text, or a piece of either as a part of its own. Such a signature vouches
//! for what is read only if the body, which it does cover, can hardly be read in another way.

use super::decode::{self, transfer_decoded};
use super::entity::{Content, Encoding, Entity, TextLayout};
use super::header::{Header, first_line};

/// Whether the body shows that it is of the declared type.
pub(super) fn shows_type(entity: &Entity<'_>, body: &[u8]) -> bool {
    let text = || decode::text(entity.charset.as_deref(), transfer_decoded(entity.encoding, body));
    match &entity.content {
        Content::Page => is_page(&text()),
        Content::Text(TextLayout::Fixed) => !has_markup(&text()) && first_part(body).is_none(),
        // Which lines belong together is not to be seen.
        Content::Text(TextLayout::Flowed { .. }) => false,
        Content::Multipart(boundary) => begins_with_part(boundary, body),
        Content::Other => true,
    }
}

/// Whether the body shows that it is in the declared transfer encoding.
pub(super) fn shows_encoding(entity: &Entity<'_>, body: &[u8]) -> bool {
    match (&entity.content, entity.encoding) {
        // Each part declares its own.
        (Content::Multipart(_) | Content::Other, _) => true,
        (_, Encoding::Base64) => is_base64(body),
        (_, Encoding::QuotedPrintable) => !is_base64(body) && (looks_quoted(body) || !body.contains(&b'=')),
        (_, Encoding::Identity) => !is_base64(body) && !looks_quoted(body),
    }
}

/// Whether a text is a page: it begins with a tag, and has an end tag, a comment or a declaration.
fn is_page(text: &str) -> bool {
    text.trim_start().starts_with('<') && has_markup(text)
}

/// Whether a text has an end tag, a comment or a declaration of HTML. What a person writes has none.
fn has_markup(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| matches!(text.as_bytes().get(at + 1), Some(b'/' | b'!')))
}

/// Where a line begins that reads like a delimiter, with a field of a part's header below it.
fn first_part(body: &[u8]) -> Option<usize> {
    let is_part = |at: &usize| {
        let rest = body.get(*at..).unwrap_or_default();
        let below = rest.get(first_line(rest).len()..).unwrap_or_default();
        let name = below.trim_ascii_start().get(..b"content-".len());
        rest.starts_with(b"--") && name.is_some_and(|name| name.eq_ignore_ascii_case(b"content-"))
    };
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', body).map(|at| at + 1)).find(is_part)
}

/// Whether the body's first part begins with this delimiter and has a type. Only a sentence about MIME may stand above it,
/// as many programs write it for readers that know no parts.
fn begins_with_part(boundary: &[u8], body: &[u8]) -> bool {
    let Some((preamble, body)) = first_part(body).and_then(|at| body.split_at_checked(at)) else { return false };
    let line = first_line(body);
    let is_delimiter = line.strip_prefix(b"--").is_some_and(|rest| rest.trim_ascii_end() == boundary);
    let part = body.get(line.len()..).unwrap_or_default();
    let has_type = |(header, _): (Header<'_>, usize)| {
        header.fields().iter().any(|field| field.name.eq_ignore_ascii_case("content-type"))
    };
    is_delimiter && is_about_mime(preamble) && Header::split(part, |_| true).is_ok_and(has_type)
}

/// Whether a preamble is empty or one line that says what a multipart is, without a digit.
fn is_about_mime(preamble: &[u8]) -> bool {
    let preamble = preamble.trim_ascii();
    let is_sentence = || {
        !preamble.contains(&b'\n')
            && !preamble.iter().any(u8::is_ascii_digit)
            && memchr::memmem::find(preamble, b"MIME").is_some()
    };
    preamble.is_empty() || is_sentence()
}

/// Whether a body consists of lines of base64 and nothing else. A line shorter than this is also a word or a code.
fn is_base64(body: &[u8]) -> bool {
    const SHORTEST_LINE: usize = 40;
    let is_digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let body = body.trim_ascii();
    first_line(body).len() >= SHORTEST_LINE
        && body.iter().all(|b| is_digit(b) || b.is_ascii_whitespace())
        && !body.contains(&b' ')
}

/// Whether a body has escapes of quoted-printable, and every `=` in it begins one.
fn looks_quoted(body: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(b'=', body).peekable();
    escapes.peek().is_some()
        && escapes.all(|at| match body.get(at + 1..).unwrap_or_default() {
            [] | [b'\n' | b'\r', ..] => true,
            [high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
            [_] => false,
        })
}

#[cfg(test)]
mod tests {
    use super::super::Mail;

    const PAGE: &str = "<!DOCTYPE html><html><body class=\"x\"><h1>467266</h1></body></html>";
    const QUOTED_PAGE: &str = "<html><body class=3D\"x\"><h1>467266</h1></body></html>";
    const PARTS: &str = "--b\r\nContent-Type: text/plain\r\n\r\n467266\r\n--b--\r\n";
    const BASE64: &str = "PGh0bWw+PGJvZHk+PGgxPjQ2NzI2NjwvaDE+PC9ib2R5PjwvaHRtbD4K";

    /// Whether the body shows its type, and its encoding.
    fn shows(fields: &str, body: &str) -> (bool, bool) {
        let raw = format!("From: x@arlo.com\r\n{fields}\r\n{body}");
        let mail = Mail::parse(raw.as_bytes()).expect("a mail");
        (mail.shows_its_type(), mail.shows_its_encoding())
    }

    #[test]
    fn a_body_shows_the_type_that_it_is_of() {
        let kind = |kind| format!("Content-Type: {kind}\r\n");
        for (declared, body, expected) in [
            (kind("text/html"), PAGE, true),
            (kind("text/html"), "Your code:\r\n467266\r\n", false),
            (kind("text/html"), "<h1>467266</h1>", true),
            (kind("text/html"), "<!-- x --><div>467266", true),
            (kind("text/html"), "<?xml version='1.0'?><html><h1>467266</h1></html>", true),
            (kind("text/html"), "Your code:\r\n<https://arlo.example/467266>\r\n", false),
            (kind("text/html"), "See </usr/share> for 467266", false),
            (kind("text/plain"), "See <https://arlo.example/>\r\n467266\r\n", true),
            (kind("text/plain"), "<div><span style='display:none'>\r\n111111\r\n</span>467266</div>", false),
            (kind("text/plain"), "<!-- x --><html>\r\n111111\r\n", false),
            (kind("text/plain"), "Hello\r\n<!--\r\n111111\r\n-->", false),
            (kind("text/plain"), &format!("You wrote:\r\n{PARTS}"), false),
            (kind("text/plain"), "Your code:\r\n467266\r\n", true),
            (String::new(), "Your code:\r\n467266\r\n", true),
            (kind("text/plain"), PAGE, false),
            (String::new(), PAGE, false),
            (kind("text/plain"), PARTS, false),
            (kind("text/plain; format=flowed; delsp=yes"), "467 \r\n266", false),
            (kind("text/html; charset=utf-16le"), PAGE, false),
            (kind("multipart/mixed; boundary=b"), PARTS, true),
            (kind("multipart/mixed; boundary=b"), &format!("You wrote:\r\n{PARTS}"), false),
            (
                kind("multipart/mixed; boundary=b"),
                &format!("This is a multi-part message in MIME format.\r\n\r\n{PARTS}"),
                true,
            ),
            (kind("multipart/mixed; boundary=b"), &format!("MIME\r\n467266\r\n{PARTS}"), false),
            (kind("multipart/mixed; boundary=c"), &PARTS.replace("467266", "--c\r\n\r\n467266\r\n--c--"), false),
            (kind("multipart/mixed; boundary=b"), "--b\r\n\r\n467266\r\n--b--\r\n", false),
            (kind("image/png"), PAGE, true),
        ] {
            assert_eq!(shows(&declared, body).0, expected, "{declared}{body}");
        }
    }

    #[test]
    fn a_body_shows_the_encoding_that_it_is_in() {
        let encoding = |encoding| format!("Content-Transfer-Encoding: {encoding}\r\nContent-Type: text/html\r\n");
        for (declared, body, expected) in [
            (encoding("7bit"), PAGE, true),
            (encoding("quoted-printable"), QUOTED_PAGE, true),
            (encoding("base64"), BASE64, true),
            (encoding("quoted-printable"), PAGE, false),
            (encoding("7bit"), QUOTED_PAGE, false),
            (encoding("7bit"), "Device =34=36 is offline", false),
            (encoding("quoted-printable"), "Your code:\r\n467266\r\n", true),
            (encoding("base64"), PAGE, false),
            (encoding("7bit"), BASE64, false),
        ] {
            assert_eq!(shows(&declared, body).1, expected, "{declared}{body}");
        }
        assert!(shows(&encoding("base64"), BASE64).0, "the type is that of the decoded content");
    }
}
