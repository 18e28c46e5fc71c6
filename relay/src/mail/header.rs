//! A header section, split once into its fields (RFC 5322 section 2.2).
//!
//! Mail libraries disagree about where a malformed field begins, ends and what it is called, and that is how a signed
//! field can be hidden from one reader and shown to another. So every value is parsed from this one split, and a
//! section that could be split differently is an error.

use super::Unreadable;
use super::bounds::{LONGEST_HEADER_SECTION, LONGEST_PARSED_FIELD, MOST_FIELDS};
use memchr::{memchr, memchr_iter};

/// One header field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// The name as written: printable ASCII without a colon (RFC 5322 section 3.6.8).
    pub(super) name: &'a str,
    /// Everything behind the colon, continuation lines and line ends included.
    pub(super) value: &'a [u8],
}

/// The fields that the reader parses. Each may occur at most once (RFC 5322 section 3.6, RFC 2045 section 3), because
/// readers disagree about which of two counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Single {
    From,
    To,
    Date,
    Subject,
    MimeVersion,
    ContentType,
    ContentDisposition,
    ContentTransferEncoding,
}

impl Single {
    const ALL: [(Self, &'static str); 8] = [
        (Self::From, "From"),
        (Self::To, "To"),
        (Self::Date, "Date"),
        (Self::Subject, "Subject"),
        (Self::MimeVersion, "MIME-Version"),
        (Self::ContentType, "Content-Type"),
        (Self::ContentDisposition, "Content-Disposition"),
        (Self::ContentTransferEncoding, "Content-Transfer-Encoding"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| own.eq_ignore_ascii_case(name)).map(|(single, _)| *single)
    }
}

/// How often one of the [`Single`] fields occurs.
#[derive(Debug, Clone, Copy, Default)]
enum Occurrence<'a> {
    #[default]
    Missing,
    Once(&'a [u8]),
    Repeated,
}

/// A header section: of the mail, or of one of its MIME parts.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    fields: Vec<Field<'a>>,
    singles: [Occurrence<'a>; Single::ALL.len()],
}

impl<'a> Header<'a> {
    /// Splits the header section at the start of `text`. Returns it with the offset of the body behind the blank line.
    ///
    /// A line for which `ends` returns true also ends the section and is not part of it: a MIME delimiter can stand
    /// where the blank line is missing. Such lines begin with two hyphens; no others are asked about.
    pub(super) fn split(text: &'a [u8], ends: impl Fn(&[u8]) -> bool) -> Result<(Self, usize), Unreadable> {
        let mut header = Self::default();
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let line = first_line(rest);
            if line.is_empty() || (line.starts_with(b"--") && ends(line)) {
                break;
            }
            if matches!(line, b"\n" | b"\r\n") {
                at += line.len();
                break;
            }
            let mut length = line.len();
            while let Some(b' ' | b'\t') = rest.get(length) {
                length += first_line(rest.get(length..).unwrap_or_default()).len();
            }
            at += length;
            if at > LONGEST_HEADER_SECTION || header.fields.len() == MOST_FIELDS {
                return Err(Unreadable);
            }
            header.push(rest.get(..length).unwrap_or_default())?;
        }
        check_characters(text.get(..at).unwrap_or_default())?;
        Ok((header, at))
    }

    /// Adds one field: its first line with the lines that continue it.
    fn push(&mut self, field: &'a [u8]) -> Result<(), Unreadable> {
        let colon = memchr(b':', field).filter(|&colon| colon > 0).ok_or(Unreadable)?;
        let (name, rest) = field.split_at_checked(colon).ok_or(Unreadable)?;
        let name = str::from_utf8(name).map_err(|_| Unreadable)?;
        if !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Unreadable);
        }
        let value = rest.get(1..).unwrap_or_default();
        if let Some(single) = Single::named(name) {
            let occurrence = self.singles.get_mut(single as usize).ok_or(Unreadable)?;
            *occurrence = match occurrence {
                Occurrence::Missing if value.len() <= LONGEST_PARSED_FIELD => Occurrence::Once(value),
                Occurrence::Missing => return Err(Unreadable),
                _ => Occurrence::Repeated,
            };
        }
        self.fields.push(Field { name, value });
        Ok(())
    }

    /// The fields from the top.
    pub(super) fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }

    /// The value of a field that occurs exactly once.
    pub(super) fn single(&self, single: Single) -> Option<&'a [u8]> {
        match self.singles.get(single as usize) {
            Some(Occurrence::Once(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether a field occurs that must not occur more than once, and does.
    pub(super) fn repeats(&self, single: Single) -> bool {
        matches!(self.singles.get(single as usize), Some(Occurrence::Repeated))
    }

    /// Returns `Err` if any of these fields is repeated.
    pub(super) fn refuse_repeated(&self, singles: &[Single]) -> Result<(), Unreadable> {
        if singles.iter().any(|&single| self.repeats(single)) { Err(Unreadable) } else { Ok(()) }
    }
}

/// The first line of `text` with its line end; empty at the end of the text.
pub(super) fn first_line(text: &[u8]) -> &[u8] {
    let end = memchr(b'\n', text).map_or(text.len(), |at| at + 1);
    text.get(..end).unwrap_or_default()
}

/// Refuses control characters other than tab and line end. A bare CR is one: some readers end a line there.
fn check_characters(section: &[u8]) -> Result<(), Unreadable> {
    let is_control = |b: u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r');
    // Every byte is looked at, so that the compiler vectorizes it.
    let has_control = section.iter().fold(false, |found, &b| found | is_control(b));
    let has_bare_cr = memchr_iter(b'\r', section).any(|at| section.get(at + 1) != Some(&b'\n'));
    if has_control || has_bare_cr { Err(Unreadable) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a section as `name=value` and the rest behind it, or `Err`.
    fn split(text: &str) -> Result<(Vec<String>, String), Unreadable> {
        let (header, body) = Header::split(text.as_bytes(), |line| line == b"--b\r\n")?;
        let show = |field: &Field<'_>| format!("{}={}", field.name, String::from_utf8_lossy(field.value).trim());
        Ok((header.fields().iter().map(show).collect(), text.get(body..).unwrap_or_default().to_owned()))
    }

    #[test]
    fn a_field_is_its_line_and_the_lines_that_continue_it() {
        let cases = [
            ("A: 1\r\nB: 2\r\n\r\nbody\r\n", &["A=1", "B=2"][..], "body\r\n"),
            ("A: 1\nB:2\n\nbody", &["A=1", "B=2"], "body"),
            ("A: 1\r\n 2\r\n\t3\r\nB:\r\n\r\n", &["A=1\r\n 2\r\n\t3", "B="], ""),
            ("A: 1\r\n \r\nB: 2", &["A=1", "B=2"], ""),
            ("A: b: c\r\n--b\r\nbody", &["A=b: c"], "--b\r\nbody"),
            ("--c: 1\r\n\r\nbody", &["--c=1"], "body"),
            ("\r\nbody", &[], "body"),
            ("", &[], ""),
        ];
        for (text, fields, body) in cases {
            assert_eq!(split(text), Ok((fields.iter().map(|&f| f.to_owned()).collect(), body.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn a_section_that_could_be_split_differently_is_unreadable() {
        for text in [
            "A: 1\r\nno colon\r\n\r\n",
            ": 1\r\n\r\n",
            "A : 1\r\n\r\n",
            "A B: 1\r\n\r\n",
            "\u{e4}: 1\r\n\r\n",
            " A: 1\r\n\r\n",
            "A: 1\rB: 2\r\n\r\n",
            "A: 1\0\r\n\r\n",
            "A: 1\u{b}B: 2\r\n\r\n",
            "A: 1\u{7f}\r\n\r\n",
            "A\0: 1\r\n\r\n",
            "A: 1\r\n--c\r\n\r\n",
        ] {
            assert_eq!(split(text), Err(Unreadable), "{text:?}");
        }
    }

    #[test]
    fn a_field_that_must_be_single_is_known_to_be_repeated_in_any_case() {
        let (header, _) =
            Header::split(b"to: a\r\nTO: b\r\ndate: x\r\nX: 1\r\nX: 2\r\n\r\n", |_| false).expect("a header");
        assert!(header.repeats(Single::To) && header.single(Single::To).is_none());
        assert_eq!(header.single(Single::Date), Some(&b" x\r\n"[..]));
        assert!(header.refuse_repeated(&[Single::Date, Single::From]).is_ok());
        assert!(header.refuse_repeated(&[Single::Date, Single::To]).is_err());
    }

    #[test]
    fn a_section_beyond_the_bounds_is_unreadable() {
        let fields = |count: usize| "X: 1\r\n".repeat(count);
        assert!(split(&fields(MOST_FIELDS)).is_ok());
        assert_eq!(split(&fields(MOST_FIELDS + 1)), Err(Unreadable));
        let long = |name: &str, length: usize| format!("{name}:{}\r\n", " x".repeat(length / 2));
        assert!(split(&long("ARC-Seal", 20_000)).is_ok());
        assert!(split(&long("Date", LONGEST_PARSED_FIELD - 2)).is_ok());
        assert_eq!(split(&long("Date", LONGEST_PARSED_FIELD)), Err(Unreadable));
        assert!(split(&long("X", LONGEST_HEADER_SECTION - 4)).is_ok());
        assert_eq!(split(&long("X", LONGEST_HEADER_SECTION)), Err(Unreadable));
    }
}
