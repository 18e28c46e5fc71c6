//! The MIME structure of a mail (RFC 2046 section 5.1), walked once from its first line to its last.
//!
//! Only delimiter lines divide a mail. They are looked for with the boundaries that are open at that place, innermost
//! first, so that a part ends where any multipart around it goes on or ends.

use super::Unreadable;
use super::bounds::{DEEPEST_NESTING, MOST_PARTS};
use super::entity::{Content, Entity};
use super::header::{Header, first_line};
use memchr::memmem;

/// A part that is no multipart.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub(super) entity: Entity<'a>,
    /// The content as it was sent, without the line end that belongs to the delimiter behind it.
    pub(super) content: &'a [u8],
    /// Whether a delimiter follows. The last part of a mail that was cut off has none.
    pub(super) is_delimited: bool,
}

/// The parts of a mail, in their order. A mail that is no multipart is one part.
pub(super) fn leaves<'a>(root: Entity<'a>, body: &'a [u8]) -> Result<Vec<Leaf<'a>>, Unreadable> {
    match root.content {
        Content::Multipart(boundary) => Walk::new(body).run(boundary),
        _ => Ok(vec![Leaf { entity: root, content: body, is_delimited: true }]),
    }
}

struct Walk<'a> {
    body: &'a [u8],
    line_starts: memmem::Finder<'static>,
    open: Vec<Multipart>,
    leaves: Vec<Leaf<'a>>,
}

/// A multipart that has begun and not ended.
struct Multipart {
    boundary: Vec<u8>,
    /// Whether its first delimiter has been seen.
    has_begun: bool,
}

/// A delimiter line.
struct Delimiter {
    /// The content before it ends here; the line end between them belongs to the delimiter.
    content_end: usize,
    /// The next line begins here.
    next_line: usize,
    /// Whose it is: an index into the open multiparts.
    level: usize,
    closes: bool,
}

impl<'a> Walk<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self { body, line_starts: memmem::Finder::new(b"\n--"), open: Vec::new(), leaves: Vec::new() }
    }

    fn run(mut self, boundary: Vec<u8>) -> Result<Vec<Leaf<'a>>, Unreadable> {
        self.open.push(Multipart { boundary, has_begun: false });
        let mut parts = 0;
        let mut at = 0;
        // The leaf that is being read, and where its content starts.
        let mut leaf: Option<(Entity<'a>, usize)> = None;
        while let Some(delimiter) = self.next_delimiter(at) {
            if let Some((entity, start)) = leaf.take() {
                self.push_leaf(entity, start, delimiter.content_end, true);
            }
            self.open.truncate(delimiter.level + 1);
            at = delimiter.next_line;
            if delimiter.closes {
                self.open.pop();
                if self.open.is_empty() {
                    return Ok(self.leaves);
                }
                continue;
            }
            parts += 1;
            if parts > MOST_PARTS {
                return Err(Unreadable);
            }
            self.open.iter_mut().for_each(|multipart| multipart.has_begun = true);
            let part = self.body.get(at..).unwrap_or_default();
            let (header, length) = Header::split(part, |line| self.delimits(line).is_some())?;
            at += length;
            let entity = Entity::of(&header)?;
            match entity.content {
                Content::Multipart(_) if self.open.len() == DEEPEST_NESTING => return Err(Unreadable),
                Content::Multipart(boundary) => self.open.push(Multipart { boundary, has_begun: false }),
                _ => leaf = Some((entity, at)),
            }
        }
        // Cut off before a multipart's first part.
        if self.open.iter().any(|multipart| !multipart.has_begun) {
            return Err(Unreadable);
        }
        if let Some((entity, start)) = leaf {
            self.push_leaf(entity, start, self.body.len(), false);
        }
        Ok(self.leaves)
    }

    fn push_leaf(&mut self, entity: Entity<'a>, start: usize, end: usize, is_delimited: bool) {
        let content = self.body.get(start..end.max(start)).unwrap_or_default();
        self.leaves.push(Leaf { entity, content, is_delimited });
    }

    /// The next delimiter line of any open multipart; `from` is the start of a line.
    fn next_delimiter(&self, from: usize) -> Option<Delimiter> {
        let text = self.body.get(from..)?;
        let behind_line_end = self.line_starts.find_iter(text).map(|at| at + 1);
        let first = text.starts_with(b"--").then_some(0);
        first.into_iter().chain(behind_line_end).find_map(|at| {
            let line = first_line(text.get(at..)?);
            let (level, closes) = self.delimits(line)?;
            let before = text.get(..at)?;
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            Some(Delimiter { content_end: from + before.len(), next_line: from + at + line.len(), level, closes })
        })
    }

    /// Whose delimiter a line is, and whether it closes. Nothing but blanks may follow the boundary: one boundary is
    /// often the beginning of another.
    fn delimits(&self, line: &[u8]) -> Option<(usize, bool)> {
        let line = line.strip_prefix(b"--")?.trim_ascii_end();
        self.open.iter().enumerate().rev().find_map(|(level, multipart)| {
            match line.strip_prefix(multipart.boundary.as_slice())? {
                b"" => Some((level, false)),
                b"--" => Some((level, true)),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The contents of the parts, `…` behind one that no delimiter ends.
    fn walk(boundary: &str, body: &str) -> Result<Vec<String>, Unreadable> {
        let show = |leaf: Leaf<'_>| {
            let end = if leaf.is_delimited { "" } else { "…" };
            format!("{}{end}", String::from_utf8_lossy(leaf.content))
        };
        let leaves = Walk::new(body.as_bytes()).run(boundary.as_bytes().to_vec())?;
        Ok(leaves.into_iter().map(show).collect())
    }

    fn check(body: &str, expected: &[&str]) {
        let expected = expected.iter().map(|&content| content.to_owned()).collect();
        assert_eq!(walk("b", body), Ok(expected), "{body:?}");
    }

    const INNER: &str = "Content-Type: multipart/alternative; boundary=bb\r\n\r\n";

    #[test]
    fn parts_stand_between_delimiter_lines() {
        check("--b\r\n\r\none\r\n--b\r\nX: 1\r\n\r\ntwo\r\n\r\n--b--\r\n", &["one", "two\r\n"]);
        check("preamble\n--b\n\none\n--b--\nepilogue\n--b\n\nno part\n", &["one"]);
        check("--b \t\r\n\r\none\r\n--b-- \r\n", &["one"]);
        check("--b\r\n\r\n--b--\r\n", &[""]);
        check("--b\r\nX: 1\r\n--b--\r\n", &[""]);
        check("--b\r\n\r\none--b\r\n --b\r\n--bc\r\n--b--c\r\n--b--", &["one--b\r\n --b\r\n--bc\r\n--b--c"]);
    }

    #[test]
    fn a_multipart_inside_ends_with_its_delimiter_or_with_one_around_it() {
        let whole = format!(
            "--b\r\n{INNER}--bb\r\n\r\none\r\n--bb\r\n\r\ntwo\r\n--bb--\r\nskipped\r\n--b\r\n\r\nthree\r\n--b--"
        );
        check(&whole, &["one", "two", "three"]);
        check(&whole.replace("--bb--\r\nskipped\r\n", ""), &["one", "two", "three"]);
    }

    #[test]
    fn a_mail_without_its_end_is_read_up_to_its_last_part() {
        check("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", &["one", "two\r\n…"]);
        check("--b\r\n\r\none\r\n--b\r\nX: 1", &["one", "…"]);
        check(&format!("--b\r\n{INNER}--bb\r\n\r\none\r\n--bb--\r\n"), &["one"]);
        for cut in ["", "preamble", &format!("--b\r\n{INNER}"), &format!("--b\r\n\r\none\r\n--b\r\n{INNER}preamble")] {
            assert_eq!(walk("b", cut), Err(Unreadable), "{cut}");
        }
    }

    #[test]
    fn a_header_that_could_be_split_differently_is_unreadable_in_a_part_too() {
        for part in ["no header\r\n", ":Content-Type: text/html\r\n\r\n", "Content-Type : text/html\r\n\r\n"] {
            assert_eq!(walk("b", &format!("--b\r\n{part}--b--\r\n")), Err(Unreadable), "{part}");
        }
        // Not a delimiter, independent of the rest of its line.
        check("--b Content-Type: text/html\r\n--b\r\n\r\none\r\n--b--\r\n", &["one"]);
    }

    #[test]
    fn parts_and_nesting_have_bounds() {
        let parts = |count: usize| format!("{}--b--\r\n", "--b\r\n\r\nx\r\n".repeat(count));
        assert_eq!(walk("b", &parts(MOST_PARTS)).map(|parts| parts.len()), Ok(MOST_PARTS));
        assert_eq!(walk("b", &parts(MOST_PARTS + 1)), Err(Unreadable));
        let nested =
            |depth: usize| format!("--b\r\n{}\r\none\r\n--b--\r\n", format!("{INNER}--bb\r\n").repeat(depth - 1));
        assert_eq!(walk("b", &nested(DEEPEST_NESTING)), Ok(vec!["one".to_owned()]));
        assert_eq!(walk("b", &nested(DEEPEST_NESTING + 1)), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn no_byte_comes_twice(body in "(--b(--)?|--bb(--)?|[a-z]{1,3}|\r?\n|Content-Type: multipart/x; boundary=bb\n\n){0,30}") {
            if let Ok(leaves) = walk("b", &body) {
                prop_assert!(leaves.iter().map(|leaf| leaf.trim_end_matches('…').len()).sum::<usize>() <= body.len());
            }
        }
    }
}
