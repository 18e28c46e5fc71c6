//! Content-Transfer-Encoding (RFC 2045 section 6), as an edit.

use crate::error::Problem;
use data_encoding::BASE64;
use serde::Deserialize;
use std::fmt::Write;

/// The longest line of an encoded part, in characters without the line end (RFC 2045 section 6.7).
const LINE: usize = 76;

/// The encodings that a 7bit or 8bit part can be given.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TransferEncoding {
    Base64,
    QuotedPrintable,
}

impl TransferEncoding {
    /// The mail with every 7bit and 8bit part encoded.
    ///
    /// # Errors
    /// There is no such part.
    pub(crate) fn apply(self, raw: &[u8]) -> Result<Vec<u8>, Problem> {
        let delimiters = delimiters(raw);
        let (mut encoded, mut rest, mut parts) = (Vec::new(), raw, 0);
        while let Some((before, after)) = split_at_identity_encoding(rest) {
            let header = find(after, b"\r\n\r\n").map_or(after.len(), |end| end + 4);
            let (header, body) = after.split_at_checked(header).unwrap_or((after, b""));
            let end = delimiters.iter().filter_map(|delimiter| find(body, delimiter)).min().unwrap_or(body.len());
            let (body, behind) = body.split_at_checked(end).unwrap_or((body, b""));
            encoded.extend_from_slice(before);
            encoded.extend_from_slice(format!("Content-Transfer-Encoding: {}", self.name()).as_bytes());
            encoded.extend_from_slice(header);
            encoded.extend_from_slice(self.encode(body).as_bytes());
            rest = behind;
            parts += 1;
        }
        encoded.extend_from_slice(rest);
        if parts == 0 { Err(Problem::NothingToEncode) } else { Ok(encoded) }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::QuotedPrintable => "quoted-printable",
        }
    }

    fn encode(self, body: &[u8]) -> String {
        match self {
            Self::Base64 => body.chunks(LINE / 4 * 3).map(|line| BASE64.encode(line) + "\r\n").collect(),
            Self::QuotedPrintable => quoted_printable(body),
        }
    }
}

/// The mail before and behind the next `Content-Transfer-Encoding: 7bit` or `8bit`.
fn split_at_identity_encoding(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let fields: [&[u8]; 2] = [b"Content-Transfer-Encoding: 7bit\r\n", b"Content-Transfer-Encoding: 8bit\r\n"];
    let start = fields.iter().filter_map(|field| find(raw, field)).min()?;
    let (before, field) = raw.split_at_checked(start)?;
    Some((before, field.get(b"Content-Transfer-Encoding: 8bit".len()..)?))
}

/// The lines before which a part ends: one for each boundary that the mail declares.
fn delimiters(raw: &[u8]) -> Vec<Vec<u8>> {
    let (mut found, mut rest) = (Vec::new(), raw);
    while let Some(start) = find(rest, b"boundary=\"") {
        let declared = rest.get(start + b"boundary=\"".len()..).unwrap_or_default();
        let boundary = declared.split(|&byte| byte == b'"').next().unwrap_or_default();
        found.push([b"\r\n--", boundary].concat());
        rest = declared;
    }
    found
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The text with every byte but printable ASCII as `=XX`, and soft line breaks so that no line is too long.
fn quoted_printable(body: &[u8]) -> String {
    let (mut encoded, mut length) = (String::new(), 0);
    for (at, &byte) in body.iter().enumerate() {
        if byte == b'\r' || byte == b'\n' {
            encoded.push(char::from(byte));
            length = 0;
            continue;
        }
        let ends_line = matches!(body.get(at + 1), None | Some(b'\r' | b'\n'));
        let plain = match byte {
            b' ' | b'\t' => !ends_line,
            _ => byte.is_ascii_graphic() && byte != b'=',
        };
        let width = if plain { 1 } else { 3 };
        if length + width >= LINE {
            encoded.push_str("=\r\n");
            length = 0;
        }
        if plain {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "={byte:02X}");
        }
        length += width;
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_before_the_next_boundary_of_any_multipart() {
        let head = "Content-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\n\
                    Content-Type: multipart/related; boundary=\"in\"\r\n\r\n";
        let mail = |part: &str| {
            format!("{head}--in\r\nContent-Transfer-Encoding: {part}\r\n--in--\r\n--out--\r\n").into_bytes()
        };
        let raw = mail("8bit\r\n\r\n=");
        assert_eq!(TransferEncoding::Base64.apply(&raw).unwrap(), mail("base64\r\n\r\nPQ==\r\n"));
        assert_eq!(TransferEncoding::QuotedPrintable.apply(&raw).unwrap(), mail("quoted-printable\r\n\r\n=3D"));
    }
}
