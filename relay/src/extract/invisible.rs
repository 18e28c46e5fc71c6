//! Characters that take no place: a reader does not see them, and a code with one inside is still a code.

use std::borrow::Cow;

/// The text without invisible characters.
pub(super) fn without_invisible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len());
    push_visible(&mut visible, text);
    visible.into()
}

/// Appends what is visible of a text.
pub(super) fn push_visible(to: &mut String, text: &str) {
    if text.is_ascii() {
        to.push_str(text);
    } else {
        to.extend(text.split(is_invisible));
    }
}

/// The Unicode property `Default_Ignorable_Code_Point`: soft hyphen, zero-width blanks and joiners, byte order mark,
/// marks, embeddings and isolates of the bidirectional algorithm, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    // Most text is below all of them.
    c >= '\u{ad}' && is_ignorable(c)
}

fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
