//! From the bytes of a part to its text: transfer encoding, then character set.
//!
//! Nothing here fails. A wrong byte costs itself and not the part around it, as in a mail program.

use super::entity::Encoding;
use data_encoding::BASE64_NOPAD;
use encoding_rs::{UTF_8, WINDOWS_1252};
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// The content of a part without its transfer encoding.
pub(super) fn transfer_decoded(encoding: Encoding, content: &[u8]) -> Cow<'_, [u8]> {
    match encoding {
        Encoding::Identity => content.into(),
        Encoding::QuotedPrintable => quoted_printable(content).into(),
        Encoding::Base64 => base64(content).into(),
    }
}

/// The text of a part in a declared character set (WHATWG Encoding, which knows the names that mails use).
///
/// Text without a declaration, in ASCII or in a set that is unknown or not read any more (ISO-2022-KR) is UTF-8 if most of
/// what is not ASCII is valid UTF-8, and else windows-1252, which reads every byte.
pub(super) fn text<'a>(charset: Option<&[u8]>, content: Cow<'a, [u8]>) -> Cow<'a, str> {
    let declared = charset.filter(|name| !name.eq_ignore_ascii_case(b"us-ascii"));
    let declared = declared.and_then(encoding_rs::Encoding::for_label_no_replacement);
    let mut content = content;
    if declared.is_none_or(|encoding| encoding == UTF_8) {
        match valid_utf_8(content) {
            Ok(text) => return without_byte_order_mark(text),
            Err(bytes) => content = bytes,
        }
    }
    let encoding = declared.unwrap_or_else(|| if is_mostly_utf_8(&content) { UTF_8 } else { WINDOWS_1252 });
    match content {
        Cow::Borrowed(content) => encoding.decode(content).0,
        Cow::Owned(content) => encoding.decode(&content).0.into_owned().into(),
    }
}

/// Whether more characters beyond ASCII are valid UTF-8 than not: a wrong byte must not cost all the others.
fn is_mostly_utf_8(content: &[u8]) -> bool {
    let (mut valid, mut wrong) = (0, 0);
    for chunk in content.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    valid > wrong
}

fn valid_utf_8(content: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Cow<'_, [u8]>> {
    match content {
        Cow::Borrowed(content) => str::from_utf8(content).map(Cow::Borrowed).map_err(|_| content.into()),
        Cow::Owned(content) => String::from_utf8(content).map(Cow::Owned).map_err(|error| error.into_bytes().into()),
    }
}

fn without_byte_order_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.strip_prefix('\u{feff}').unwrap_or(text).into(),
        Cow::Owned(mut text) => {
            if text.starts_with('\u{feff}') {
                text.remove(0);
            }
            text.into()
        }
    }
}

/// Quoted-printable (RFC 2045 section 6.7). A `=` that begins nothing stays as it is.
fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = memchr2(b'=', b'\n', rest) {
        let (plain, sign) = rest.split_at_checked(at).unwrap_or_default();
        rest = match sign {
            [b'\n', rest @ ..] => {
                // Blanks at the end of a line were added on the way (rule 3).
                decoded.extend_from_slice(plain.trim_ascii_end());
                decoded.push(b'\n');
                rest
            }
            [_, rest @ ..] => {
                decoded.extend_from_slice(plain);
                escape(rest, &mut decoded)
            }
            [] => &[],
        };
    }
    decoded.extend_from_slice(rest.trim_ascii_end());
    decoded
}

/// Decodes what follows a `=`, and returns what is behind it.
fn escape<'a>(text: &'a [u8], decoded: &mut Vec<u8>) -> &'a [u8] {
    if let [high, low, rest @ ..] = text
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        decoded.push(high << 4 | low);
        return rest;
    }
    // A soft line break, perhaps with blanks that were added on the way.
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    match text.get(blanks..).unwrap_or_default() {
        [] => &[],
        [b'\n', rest @ ..] => rest,
        _ => {
            decoded.push(b'=');
            text
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Base64 (RFC 2045 section 6.8). It ends at padding, or before a footer in plain text that a host on the way has
/// added behind a blank line. Any other byte that is no symbol is skipped.
fn base64(content: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(content.len() + QUANTUM);
    let mut is_behind_blank_line = false;
    for line in content.split(|&b| b == b'\n').map(<[u8]>::trim_ascii) {
        let (line, is_padded) = match memchr(b'=', line) {
            Some(padding) => (line.get(..padding).unwrap_or_default(), true),
            None => (line, false),
        };
        let is_pure = line.iter().all(|&b| is_symbol(b));
        match (is_pure, is_behind_blank_line) {
            (true, _) => symbols.extend_from_slice(line),
            (false, false) => symbols.extend(line.iter().copied().filter(|&b| is_symbol(b))),
            (false, true) => break,
        }
        if is_padded {
            break;
        }
        is_behind_blank_line = line.is_empty() && !symbols.is_empty();
    }
    decode_symbols(symbols)
}

/// Symbols that make whole bytes.
const QUANTUM: usize = 4;

fn decode_symbols(mut symbols: Vec<u8>) -> Vec<u8> {
    // Missing symbols are filled up with zero bits, and the bytes that come of those are dropped.
    let missing = (QUANTUM - symbols.len() % QUANTUM) % QUANTUM;
    symbols.resize(symbols.len() + missing, b'A');
    let mut decoded = BASE64_NOPAD.decode(&symbols).unwrap_or_default();
    decoded.truncate(decoded.len().saturating_sub(missing));
    decoded
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoted_printable_is_read_and_a_wrong_sign_costs_itself_only() {
        for (encoded, decoded) in [
            ("a=3Db=\r\nc\r\nd", "a=bc\nd"),
            ("=e2=82=AC", "€"),
            ("soft=  \r\nbreak", "softbreak"),
            ("blanks \t\r\nat the end=20\r\n", "blanks\nat the end \n"),
            ("467266==\r\n=\r\n=4\r\n=zz=3", "467266==4\n=zz=3"),
            ("=", ""),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&quoted_printable(encoded.as_bytes())), decoded, "{encoded:?}");
        }
    }

    #[test]
    fn base64_is_read_and_ends_where_it_ends() {
        for (encoded, decoded) in [
            ("NDY3MjY2\r\nCg==\r\n", "467266\n"),
            ("NDY3\r\n\r\nMjY2", "467266"),
            ("N D\tY3M\njY2", "467266"),
            ("NDY3MjY2Cg", "467266\n"),
            ("NDY3MjY2C", "467266"),
            ("NDY3MjY2Ch==", "467266\n"),
            ("NDY3M*jY2", "467266"),
            ("NDY3MjY2Cg==\r\nNDY3", "467266\n"),
            ("NDY3MjY2\r\n\r\n-- \r\nA list server\r\n", "467266"),
            ("\r\nNDY3MjY2", "467266"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&base64(encoded.as_bytes())), decoded, "{encoded:?}");
        }
    }

    #[test]
    fn a_character_set_is_what_a_mail_program_takes_it_for() {
        for (charset, bytes, expected) in [
            (Some("utf-8"), &b"\xc2\xa9 467266"[..], "© 467266"),
            (Some("UTF8"), b"\xc2\xa9", "©"),
            (Some("utf-8"), b"\xa9 467266", "\u{fffd} 467266"),
            (Some("iso-8859-1"), b"\xa9 467266", "© 467266"),
            (Some("us-ascii"), b"\xc2\xa9", "©"),
            (Some("unheard-of"), b"\xa9", "©"),
            (None, b"\xa9", "©"),
            (None, b"\xc2\xa9", "©"),
            (None, b"\xe2\x80\x8b467266\xc2\xa0 \xa9", "\u{200b}467266\u{a0} \u{fffd}"),
            (None, b"\xfc\xe4", "üä"),
            (Some("iso-2022-kr"), b"467266", "467266"),
            (Some("utf-8"), b"\xef\xbb\xbf467266", "467266"),
            (Some("iso-2022-jp"), b"\x1b$B%\"\x1b(B 467266", "ア 467266"),
        ] {
            let charset = charset.map(str::as_bytes);
            assert_eq!(text(charset, Cow::Borrowed(bytes)), expected, "{charset:?} {bytes:?}");
            assert_eq!(text(charset, Cow::Owned(bytes.to_vec())), expected, "{charset:?} {bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(&base64(data_encoding::BASE64_MIME.encode(&bytes).as_bytes()), &bytes);
            let quoted: Vec<String> = bytes.iter().map(|b| format!("={b:02X}")).collect();
            let quoted = quoted.join("=\r\n");
            prop_assert_eq!(&quoted_printable(quoted.as_bytes()), &bytes);
        }

        #[test]
        fn any_bytes_are_decoded_without_panic(bytes in prop::collection::vec(prop::sample::select(&b"=A4 \r\n*\xe9"[..]), 0..60)) {
            for encoding in [Encoding::Identity, Encoding::QuotedPrintable, Encoding::Base64] {
                text(None, transfer_decoded(encoding, &bytes));
            }
        }
    }
}
