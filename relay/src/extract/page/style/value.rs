//! The values of the properties. Each function returns `None` for a value that is not valid.

use super::super::display::Display;
use super::FontSize;
use super::math::math;

pub(super) fn display(value: &str) -> Option<Display> {
    Some(match value {
        "none" | "table-column" | "table-column-group" => Display::None,
        "inline" | "initial" | "contents" | "ruby" | "ruby-base" | "ruby-text" | "run-in" => Display::Inline,
        "inline-block" | "inline-table" => Display::InlineBlock,
        "block" | "flow-root" | "list-item" | "-webkit-box" => Display::Block,
        "flex" | "grid" | "-webkit-flex" => Display::Flex { is_inline: false },
        "inline-flex" | "inline-grid" | "-webkit-inline-flex" => Display::Flex { is_inline: true },
        "table" | "table-row" | "table-row-group" | "table-header-group" | "table-footer-group" | "table-caption" => {
            Display::Table
        }
        "table-cell" => Display::Cell,
        _ => two_words(value)?,
    })
}

/// The full syntax: `block flow`, `inline flex`.
fn two_words(value: &str) -> Option<Display> {
    let (one, other) = value.split_once(' ')?;
    let (outer, inner) =
        if matches!(one, "block" | "inline") { (one, other.trim_start()) } else { (other.trim_start(), one) };
    match (outer, inner) {
        ("block", "flow" | "flow-root") => Some(Display::Block),
        ("inline", "flow") => Some(Display::Inline),
        ("inline", "flow-root" | "table") => Some(Display::InlineBlock),
        ("block" | "inline", "flex" | "grid") => Some(Display::Flex { is_inline: outer == "inline" }),
        ("block", "table") => Some(Display::Table),
        _ => None,
    }
}

pub(super) fn cuts_off(value: &str) -> Option<bool> {
    match value {
        "hidden" | "clip" | "scroll" | "auto" => Some(true),
        "visible" | "initial" => Some(false),
        _ => None,
    }
}

pub(super) fn keeps_line_ends(value: &str) -> Option<bool> {
    match value.split_ascii_whitespace().next()? {
        "pre" | "pre-wrap" | "pre-line" | "break-spaces" | "preserve" | "preserve-breaks" => Some(true),
        "normal" | "nowrap" | "collapse" | "initial" => Some(false),
        _ => None,
    }
}

/// Whether an opacity leaves nothing to see.
pub(super) fn is_transparent(value: &str) -> Option<bool> {
    number(value).map(|number| number.is_zero || number.is_negative)
}

/// Whether a size is zero. Words are not.
pub(super) fn is_zero_size(value: &str) -> Option<bool> {
    match number(value) {
        Some(number) if number.is_negative => None,
        Some(number) => Some(number.is_zero),
        None => Some(math(value) == Some(FontSize::Zero)),
    }
}

pub(super) fn font_size(value: &str) -> Option<FontSize> {
    match value {
        "larger" | "smaller" => Some(FontSize::Relative),
        "xx-small" | "x-small" | "small" | "medium" | "large" | "x-large" | "xx-large" | "xxx-large" | "initial" => {
            Some(FontSize::Absolute)
        }
        _ if number(value).is_some_and(|number| number.is_negative) => None,
        _ => length(value).or_else(|| math(value)),
    }
}

/// What a number with a unit is worth as a size. A negative one is worth nothing.
pub(super) fn length(value: &str) -> Option<FontSize> {
    let number = number(value)?;
    Some(match number.unit {
        _ if number.is_zero || number.is_negative => FontSize::Zero,
        "em" | "ex" | "ch" | "%" => FontSize::Relative,
        _ => FontSize::Absolute,
    })
}

/// The size in a `font` shorthand: behind style and weight, before the line height and the family, which must be there.
pub(super) fn font(value: &str) -> Option<FontSize> {
    let mut rest = value;
    loop {
        let (word, behind) = first_word(rest)?;
        // A number without a unit is a weight, unless it is zero.
        let is_weight = number(word).is_some_and(|number| number.unit.is_empty() && !number.is_zero);
        match font_size(word) {
            Some(size) if !is_weight => {
                let family = match behind.trim_ascii_start().strip_prefix('/') {
                    Some(line_height) => first_word(line_height)?.1,
                    None => behind,
                };
                return first_word(family).map(|_| size);
            }
            _ => rest = behind,
        }
    }
}

/// The first word of a text and what follows it. A slash ends a word too.
fn first_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let end = text.bytes().position(|b| b.is_ascii_whitespace() || b == b'/').unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

/// A number with its unit: only its sign and whether it is zero matter.
struct Number<'a> {
    is_zero: bool,
    is_negative: bool,
    unit: &'a str,
}

/// Reads a number as CSS writes it (CSS Syntax, section 4.3.12): `0`, `.0`, `+0.00px`, `0e3em`; also as the only thing
/// in `calc()`, as an opacity may be.
fn number(value: &str) -> Option<Number<'_>> {
    let value = match value.strip_prefix("calc(") {
        Some(inner) => inner.strip_suffix(')')?.trim(),
        None => value,
    };
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let (whole, rest) = digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix('.').map(digits) {
        Some((fraction, rest)) if !fraction.is_empty() => (fraction, rest),
        _ => ("", rest),
    };
    let exponent = rest.strip_prefix('e').map(|rest| digits(rest.strip_prefix(['+', '-']).unwrap_or(rest)));
    let unit = match exponent {
        Some((exponent, rest)) if !exponent.is_empty() => rest,
        _ => rest,
    };
    let is_unit = unit == "%" || unit.bytes().all(|b| b.is_ascii_alphabetic());
    let is_zero = whole.bytes().chain(fraction.bytes()).all(|b| b == b'0');
    let is_number = is_unit && !(whole.is_empty() && fraction.is_empty());
    is_number.then(|| Number { is_zero, is_negative: !is_zero && value.starts_with('-'), unit })
}

/// The digits at the start of a text, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    text.split_at_checked(text.bytes().take_while(u8::is_ascii_digit).count()).unwrap_or((text, ""))
}
