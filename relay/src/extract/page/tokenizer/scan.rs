//! Where things end that only their own end can end: comments, raw text, scripts.

use memchr::{memchr_iter, memchr2};

/// Blanks between the parts of a tag. A CR counts, for the standard replaces it by LF before it looks.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

/// The length of a comment. It ends with `-->` or `--!>`, or at once with `<!-->` or `<!--->`.
pub(super) fn comment_length(text: &str) -> usize {
    const START: usize = "<!--".len();
    let text = text.as_bytes();
    let ends = |&end: &usize| {
        let content = text.get(START..end).unwrap_or_default();
        content.ends_with(b"--")
            || content.ends_with(b"--!")
            || (end <= START + 1 && text.get(..end).is_some_and(|start| start.ends_with(b"--")))
    };
    memchr_iter(b'>', text).find(ends).map_or(text.len(), |end| end + 1)
}

/// Where the tag `</name` stands in raw text.
pub(super) fn end_tag(text: &str, name: &str) -> Option<usize> {
    memchr_iter(b'<', text.as_bytes()).find(|&at| text.get(at..).is_some_and(|rest| is_tag(rest, "</", name)))
}

/// Whether a text begins with `open` and `name`, in any case, and the name ends there.
fn is_tag(text: &str, open: &str, name: &str) -> bool {
    let Some(rest) = text.strip_prefix(open) else { return false };
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest.as_bytes().get(name.len()).is_some_and(|&b| is_blank(b) || b == b'/' || b == b'>')
}

/// The length of a script's content. Inside `<!--` and `-->`, a `<script` hides the next `</script` (HTML standard,
/// section 13.2.5.20, "script data double escaped").
pub(super) fn script_length(text: &str) -> Option<usize> {
    const NAME: &str = "script";
    let mut escape: Option<usize> = None;
    let mut is_double = false;
    let mut at = 0;
    while let Some(found) = memchr2(b'<', b'>', text.as_bytes().get(at..)?) {
        at += found;
        let rest = text.get(at..)?;
        if rest.starts_with('>') {
            // `<!-->` and `<!--->` begin and end it at once.
            let dashes = escape.and_then(|start| text.get(start..at));
            if dashes.is_some_and(|content| content.ends_with("--")) {
                (escape, is_double) = (None, false);
            }
        } else if escape.is_none() && rest.starts_with("<!--") {
            escape = Some(at + 2);
        } else if is_tag(rest, "</", NAME) {
            if !is_double {
                return Some(at);
            }
            is_double = false;
        } else if escape.is_some() && is_tag(rest, "<", NAME) {
            is_double = true;
        }
        at += 1;
    }
    None
}
