//! Character references (HTML standard, section 13.2.5.72): `&nbsp;`, `&#51;`, `&#x33;`.
//!
//! The names stand in a text and not in html5ever's map, which holds every beginning of every name, and with its
//! addresses makes a program 0.4 MB larger. A test holds the two against each other.

use memchr::memchr;
use std::borrow::Cow;

/// Where a reference stands. In an attribute, an old name without `;` counts only if nothing is run into it, so that
/// `?a=1&copy=2` stays a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    Attribute,
}

/// The names (section 13.5), one in a line: the name, `;` or, if it needs none, `=`, and the
/// hexadecimal numbers of its one or two characters.
const NAMES: &str = include_str!("char_refs.txt");

/// What the C1 controls stand for (section 13.2.5.80): the bytes of windows-1252. NUL where it has none.
const C1: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The text with its character references replaced.
pub(super) fn decoded(text: &str, place: Place) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return text.into() };
    let mut decoded = String::with_capacity(text.len());
    let (plain, mut rest) = text.split_at_checked(first).unwrap_or_default();
    decoded.push_str(plain);
    while let Some(body) = rest.strip_prefix('&') {
        let length = match body.strip_prefix('#') {
            Some(number) => numeric(number, &mut decoded).map(|length| length + 1),
            None => named(body, place, &mut decoded),
        };
        if length.is_none() {
            decoded.push('&');
        }
        rest = body.get(length.unwrap_or(0)..).unwrap_or_default();
        // Mailers pad with long rows of references, so the next is often here.
        if !rest.starts_with('&') {
            let next = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
            let (plain, behind) = rest.split_at_checked(next).unwrap_or_default();
            decoded.push_str(plain);
            rest = behind;
        }
    }
    decoded.into()
}

/// Decodes what follows `&#`. Returns its length.
fn numeric(text: &str, decoded: &mut String) -> Option<usize> {
    let (digits, radix, prefix) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let mut value = 0_u32;
    let mut length = 0;
    while let Some(digit) = digits.as_bytes().get(length).and_then(|&b| char::from(b).to_digit(radix)) {
        // Too large for a number is too large for a character.
        value = value.saturating_mul(radix).saturating_add(digit);
        length += 1;
    }
    if length == 0 {
        return None;
    }
    let windows_1252 = value.checked_sub(0x80).and_then(|at| C1.get(usize::try_from(at).ok()?));
    let c = windows_1252.copied().filter(|&c| c != '\0').or(char::from_u32(value)).filter(|&c| c != '\0');
    decoded.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
    let ends = digits.get(length..).is_some_and(|rest| rest.starts_with(';'));
    Some(prefix + length + usize::from(ends))
}

/// Decodes a name behind `&`, the longest one there is. Returns its length.
fn named(text: &str, place: Place, decoded: &mut String) -> Option<usize> {
    /// `CounterClockwiseContourIntegral`.
    const LONGEST: usize = 31;
    /// `&Aacute` and its like: names of HTML 2 to 4, which need no `;`.
    const LONGEST_OLD: usize = 6;
    let length = text.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count();
    let whole = if text.as_bytes().get(length) == Some(&b';') { lookup(text.get(..length)?) } else { None };
    if let Some((_, characters)) = whole {
        decoded.extend(characters);
        return Some(length + 1);
    }
    let (length, characters) = (1..=length.min(LONGEST_OLD)).rev().find_map(|length| {
        let (needs_semicolon, characters) = lookup(text.get(..length)?)?;
        (!needs_semicolon).then_some((length, characters))
    })?;
    let next = text.as_bytes().get(length);
    if place == Place::Attribute && next.is_some_and(|&b| b == b'=' || b.is_ascii_alphanumeric()) {
        return None;
    }
    decoded.extend(characters);
    Some(length)
}

/// Looks a name up: whether it needs a semicolon, and its characters.
fn lookup(name: &str) -> Option<(bool, impl Iterator<Item = char>)> {
    let mut slot = name.bytes().fold(SEED, hash_step) as usize;
    loop {
        slot %= SLOTS;
        let start = INDEX.get(slot).copied().filter(|&start| start != EMPTY)?;
        let line = NAMES.as_bytes().get(usize::from(start)..)?;
        match line.split_at_checked(name.len())? {
            (own, [sign @ (b';' | b'='), numbers @ ..]) if own == name.as_bytes() => {
                return Some((*sign == b';', characters(numbers)));
            }
            _ => slot += 1,
        }
    }
}

/// The characters of the numbers up to the line's end.
fn characters(numbers: &[u8]) -> impl Iterator<Item = char> {
    let line = numbers.iter().take_while(|&&b| b != b'\n');
    // No name stands for more than two.
    let mut numbers = [0_u32; 2];
    let mut index = 0;
    for &byte in line {
        if byte == b' ' {
            index += 1;
        } else if let Some(value) = numbers.get_mut(index) {
            *value = *value << 4 | char::from(byte).to_digit(16).unwrap_or_default();
        }
    }
    numbers.into_iter().filter(|&number| number != 0).filter_map(char::from_u32)
}

/// Slots of the index: twice as many as there are names, so that a search ends soon.
const SLOTS: usize = 4_096;

const EMPTY: u16 = u16::MAX;

/// Where each name begins, at the slot of its hash or behind it. Made by the compiler.
static INDEX: [u16; SLOTS] = index();

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "the compiler runs it, and sees it fail")]
const fn index() -> [u16; SLOTS] {
    let names = NAMES.as_bytes();
    assert!(names.len() < EMPTY as usize, "offsets must fit");
    let mut slots = [EMPTY; SLOTS];
    let mut at = 0;
    while at < names.len() {
        let start = at;
        let mut hash = SEED;
        while names[at].is_ascii_alphanumeric() {
            hash = hash_step(hash, names[at]);
            at += 1;
        }
        let mut slot = hash as usize % SLOTS;
        while slots[slot] != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = start as u16;
        while names[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    slots
}

/// FNV-1a. The names are fixed, so nobody can choose colliding ones.
const SEED: u32 = 0x811c_9dc5;

const fn hash_step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_the_standard_says() {
        for (text, expected) in [
            ("467266", "467266"),
            ("&#52;67&#x32;&#X36;6", "467266"),
            ("&#00000000000000000052;", "4"),
            ("&#52 &#52x", "4 4x"),
            ("&nbsp;&copy&ampx", "\u{a0}©&x"),
            ("&notit; &notin; &not;", "¬it; ∉ ¬"),
            ("&NotEqualTilde;", "≂\u{338}"),
            ("&CounterClockwiseContourIntegral;", "∳"),
            ("&#128;&#x9f;&#129;", "€Ÿ\u{81}"),
            ("&#0;&#xD800;&#x110000;&#99999999999999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("& &; &# &#; &#x &#x; &unheard; &", "& &; &# &#; &#x &#x; &unheard; &"),
        ] {
            assert_eq!(decoded(text, Place::Text), expected, "{text}");
        }
    }

    #[test]
    fn the_names_are_those_of_the_standard() {
        let mut names = 0;
        for (name, &(first, second)) in html5ever::data::NAMED_ENTITIES.entries().filter(|(_, (first, _))| *first != 0)
        {
            let expected: String = [first, second].into_iter().filter(|&c| c != 0).filter_map(char::from_u32).collect();
            assert_eq!(decoded(&format!("&{name}"), Place::Text), expected, "{name}");
            names += 1;
        }
        let own = NAMES.lines().map(|line| if line.contains('=') { 2 } else { 1 }).sum::<usize>();
        assert_eq!((names, names > 2_000), (own, true));
    }

    #[test]
    fn in_an_attribute_an_old_name_with_something_run_into_it_is_text() {
        for (text, expected) in [("?a&copy=1&copyx&copy", "?a&copy=1&copyx©"), ("&copy;=1&#52=", "©=14=")] {
            assert_eq!(decoded(text, Place::Attribute), expected, "{text}");
        }
    }
}
