//! From the text of a `style` attribute to its declarations (CSS Syntax, sections 4 and 5).

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Calls `take` with each declaration of a `style` attribute that matters here.
pub(super) fn declarations(text: &str, take: impl FnMut(Declaration<'_>)) {
    if has_syntax(text) {
        split(&without_comments(text), declaration_end).filter_map(Declaration::parse).for_each(take);
    } else {
        split(text, |rest| memchr(b';', rest.as_bytes())).filter_map(Declaration::parse).for_each(take);
    }
}

/// Whether a text has comments, quotes, brackets or escapes. Most have none, and semicolons are all there is to them.
fn has_syntax(text: &str) -> bool {
    let is_sign = |b: u8| matches!(b, b'"' | b'\'' | b'(' | b'[' | b'{' | b'\\' | b'*');
    // Without a branch, so that the compiler vectorizes it.
    text.bytes().fold(false, |found, b| found | is_sign(b))
}

/// The text with each comment replaced by a blank (CSS Syntax, section 4.3.2). Words on its two sides stay two.
fn without_comments(text: &str) -> Cow<'_, str> {
    if memmem::find(text.as_bytes(), b"/*").is_none() {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'"' | b'\'' | b'/')) {
        let (before, sign) = rest.split_at_checked(at).unwrap_or_default();
        plain.push_str(before);
        if sign.starts_with("/*") {
            plain.push(' ');
            // `/*/` does not end what it begins.
            let content = sign.get(2..).unwrap_or_default();
            rest = memmem::find(content.as_bytes(), b"*/").and_then(|end| content.get(end + 2..)).unwrap_or_default();
            continue;
        }
        let length = if sign.starts_with('/') { 1 } else { string_length(sign) };
        let (kept, behind) = sign.split_at_checked(length).unwrap_or((sign, ""));
        plain.push_str(kept);
        rest = behind;
    }
    plain.push_str(rest);
    plain.into()
}

/// The length of a string with its quotes (CSS Syntax, section 4.3.5). A line end ends it too.
fn string_length(text: &str) -> usize {
    let quote = text.bytes().next();
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|b| {
        let ends = !escaped && (Some(b) == quote || b == b'\n');
        escaped = !escaped && b == b'\\';
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The declarations of a text, between the semicolons that `find_end` finds.
fn split(text: &str, find_end: impl Fn(&str) -> Option<usize>) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = find_end(text);
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// Where the next semicolon stands that is in no quotes and no brackets.
fn declaration_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote: Option<u8> = None;
    let mut escaped = false;
    text.bytes().position(|b| {
        match (quote, b) {
            _ if escaped => escaped = false,
            (_, b'\\') => escaped = true,
            (Some(open), _) => quote = quote.filter(|_| b != open && b != b'\n'),
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b';') => return depth == 0,
            _ => {}
        }
        false
    })
}

/// A property with its value in lower case, without `!important`.
pub(super) struct Declaration<'a> {
    pub(super) property: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) is_important: bool,
}

impl<'a> Declaration<'a> {
    /// Returns `None` if it is no declaration, or of no property that matters here.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_ascii_start();
        // Most declarations are for looks, and their first letters say so.
        let [first, second, ..] = text.as_bytes() else { return None };
        let is_read = matches!(
            [first.to_ascii_lowercase(), second.to_ascii_lowercase()].as_slice(),
            b"di"
                | b"fl"
                | b"fo"
                | b"he"
                | b"ma"
                | b"op"
                | b"ov"
                | b"po"
                | b"vi"
                | b"wh"
                | b"wi"
                | [b'\\', _]
                | [_, b'\\']
        );
        if !is_read {
            return None;
        }
        let (property, value) = text.split_at_checked(memchr(b':', text.as_bytes())?)?;
        let property = plain(property.trim_ascii_end());
        let value = value.get(1..)?.trim_ascii();
        // `!important` may have blanks around the sign.
        let (value, is_important) = match value.rsplit_once('!') {
            Some((value, word)) if plain(word.trim_ascii()) == "important" => (value.trim_ascii_end(), true),
            _ => (value, false),
        };
        Some(Self { property, value: plain(value), is_important })
    }
}

/// The text in lower case, with escapes decoded (CSS Syntax, section 4.3.7).
fn plain(text: &str) -> Cow<'_, str> {
    let has_upper = text.bytes().fold(false, |found, b| found | b.is_ascii_uppercase());
    if memchr(b'\\', text.as_bytes()).is_none() {
        return if has_upper { text.to_ascii_lowercase().into() } else { text.into() };
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let length = behind.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let (digits, behind) = behind.split_at_checked(length).unwrap_or_default();
        match u32::from_str_radix(digits, 16) {
            Ok(value) => {
                plain.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
                // One blank ends the digits and belongs to them.
                rest = behind.strip_prefix(|c: char| c.is_ascii_whitespace()).unwrap_or(behind);
            }
            Err(_) => rest = behind,
        }
    }
    plain.push_str(rest);
    plain.to_ascii_lowercase().into()
}
