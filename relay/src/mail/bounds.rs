//! What is refused before the MIME parser sees it, so that reading any mail takes linear time and little stack.
//!
//! The parser keeps nested messages as values in values, and compares the parameters of one header with each other.
//! Both are fine for mail that people write, and neither is for mail that somebody built to hurt.

use super::{LARGEST_MAIL, Unreadable};
use memchr::{memchr, memchr_iter};

/// MIME headers in one mail. Code mails have fewer than ten.
const MOST_MIME_HEADERS: usize = 100;

/// Bytes of one MIME header with its continuation lines.
const LONGEST_MIME_HEADER: usize = 2048;

/// Bytes of the header section. Long chains of ARC headers reach 30 kB.
const LONGEST_HEAD: usize = 256 << 10;

/// The subtypes by which a part is a message of its own. No code mail attaches one.
const MESSAGE_SUBTYPES: [&str; 3] = ["rfc822", "global", "digest"];

/// Refuses mail that is too large to be looked at.
pub(super) fn check_size(raw: &[u8]) -> Result<(), Unreadable> {
    let ends = |rest: &[u8]| rest.starts_with(b"\n\r\n") || rest.starts_with(b"\n\n");
    let head = memchr_iter(b'\n', raw).find(|&at| raw.get(at..).is_some_and(ends)).unwrap_or(raw.len());
    (raw.len() <= LARGEST_MAIL && head <= LONGEST_HEAD).then_some(()).ok_or(Unreadable)
}

/// Refuses mail with too many parts, with oversized part headers, or with messages inside.
pub(super) fn check_structure(raw: &[u8]) -> Result<(), Unreadable> {
    let mut mime_headers = 0;
    let mut rest = raw;
    while !rest.is_empty() {
        if is_mime_header(rest) {
            let field = folded_field(rest);
            mime_headers += 1;
            if mime_headers > MOST_MIME_HEADERS || field.len() > LONGEST_MIME_HEADER || names_a_message(field) {
                return Err(Unreadable);
            }
        }
        rest = after_line(rest);
    }
    Ok(())
}

/// Whether a line starts `Content-Type:` or `Content-Disposition:`, in any case and with blanks anywhere, as the
/// parser reads it.
fn is_mime_header(line: &[u8]) -> bool {
    let mut name = line.iter().take_while(|&&b| b != b':' && b != b'\n').filter(|b| !b.is_ascii_whitespace());
    let mut starts_with = |word: &[u8]| word.iter().all(|w| name.next().is_some_and(|b| b.eq_ignore_ascii_case(w)));
    starts_with(b"content-")
        && match name.next().map(u8::to_ascii_lowercase) {
            Some(b't') => name.map(u8::to_ascii_lowercase).eq(*b"ype"),
            Some(b'd') => name.map(u8::to_ascii_lowercase).eq(*b"isposition"),
            _ => false,
        }
}

/// The header field at the start: its line and all that continue it (RFC 5322 section 2.2.3).
fn folded_field(text: &[u8]) -> &[u8] {
    let mut end = text.len() - after_line(text).len();
    while matches!(text.get(end), Some(b' ' | b'\t')) {
        end = text.len() - after_line(text.get(end..).unwrap_or_default()).len();
    }
    text.get(..end).unwrap_or_default()
}

fn after_line(text: &[u8]) -> &[u8] {
    let end = memchr(b'\n', text).map_or(text.len(), |at| at + 1);
    text.get(end..).unwrap_or_default()
}

fn names_a_message(field: &[u8]) -> bool {
    let field = String::from_utf8_lossy(field).to_ascii_lowercase();
    // Only the value ahead of the parameters, for a boundary may contain any word; but a comment may hide the end of it.
    let kind = if field.contains('(') { &field } else { field.split(';').next().unwrap_or_default() };
    MESSAGE_SUBTYPES.iter().any(|subtype| kind.contains(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_that_was_built_to_hurt_is_refused() {
        let nested_parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(10_000);
        let nested_messages = "Content-Type: message/rfc822\r\n\r\n".repeat(30_000);
        let parameters = format!("Content-Type: text/plain{}\r\n\r\n", "; a*1=b".repeat(100_000));
        let folded = format!("Content-Type: text/plain;\r\n{}\r\n", " a*1=b;\r\n".repeat(100_000));
        let disguised = "c o n t e n t-TYPE : message (;) / RFC822\r\n\r\n";
        for hostile in [&*nested_parts, &nested_messages, &parameters, &folded, disguised] {
            assert_eq!(check_structure(hostile.as_bytes()), Err(Unreadable));
        }
    }

    #[test]
    fn mail_that_people_write_passes() {
        let plain = "Content-Type: multipart/alternative;\r\n boundary=\"global-rfc822-digest\"\r\n\r\nDear reader\r\n";
        assert_eq!(check_structure(plain.as_bytes()), Ok(()));
    }

    #[test]
    fn a_mail_over_the_limit_is_not_looked_at() {
        let mail = |blank_line: &str, length: usize| {
            let mut mail = format!("Subject: x{blank_line}").into_bytes();
            mail.resize(length, b'x');
            mail
        };
        assert_eq!(check_size(&mail("\r\n\r\n", LARGEST_MAIL)), Ok(()));
        assert_eq!(check_size(&mail("\n\n", LARGEST_MAIL)), Ok(()));
        assert_eq!(check_size(&mail("\r\n\r\n", LARGEST_MAIL + 1)), Err(Unreadable));
        assert_eq!(check_size(&mail("", LONGEST_HEAD)), Ok(()));
        assert_eq!(check_size(&mail("", LONGEST_HEAD + 1)), Err(Unreadable));
    }
}
