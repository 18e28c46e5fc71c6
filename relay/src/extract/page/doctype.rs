//! The document type declaration (HTML standard, sections 13.2.5.53 to 13.2.5.68). It decides whether a table ends a
//! paragraph.

use html5ever::tokenizer::Doctype;

/// Reads what stands between `<!doctype` and the next `>`, which ends it wherever that is.
pub(super) fn doctype(text: &str) -> Doctype {
    let mut doctype = Doctype::default();
    // Anything that is not as it must be sets the flag; what was read up to there stays.
    doctype.force_quirks = read(&mut doctype, text).is_none();
    doctype
}

fn read(doctype: &mut Doctype, text: &str) -> Option<()> {
    let text = text.trim_start_matches(is_blank);
    let (name, rest) = text.split_at_checked(text.find(is_blank).unwrap_or(text.len()))?;
    if name.is_empty() {
        return None;
    }
    doctype.name = Some(name.to_ascii_lowercase().replace('\0', "\u{fffd}").into());
    let rest = rest.trim_start_matches(is_blank);
    if rest.is_empty() {
        return Some(());
    }
    let (keyword, rest) = rest.split_at_checked("public".len())?;
    let is_public = keyword.eq_ignore_ascii_case("public");
    if !is_public && !keyword.eq_ignore_ascii_case("system") {
        return None;
    }
    let (id, rest, is_closed) = quoted(rest)?;
    *(if is_public { &mut doctype.public_id } else { &mut doctype.system_id }) = Some(id.into());
    let rest = is_closed.then_some(rest)?;
    if is_public && !rest.trim_start_matches(is_blank).is_empty() {
        let (id, _, is_closed) = quoted(rest)?;
        doctype.system_id = Some(id.into());
        return is_closed.then_some(());
    }
    Some(())
}

/// A quoted identifier behind blanks, what follows it, and whether its end quote was there.
fn quoted(text: &str) -> Option<(String, &str, bool)> {
    let text = text.trim_start_matches(is_blank);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = text.get(1..)?;
    let (id, rest, is_closed) = text.split_once(quote).map_or((text, "", false), |(id, rest)| (id, rest, true));
    Some((id.replace('\0', "\u{fffd}"), rest, is_closed))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0c' | '\r')
}
