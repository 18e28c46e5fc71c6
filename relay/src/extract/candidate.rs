//! Runs of digits that may be the code, and what their surroundings say about them.
//!
//! A text is searched once, for digits; lines and phrases are looked for around what is found. Each look goes no
//! further than the next character that is neither a blank nor a mark, so that all of them together are linear.

use crate::secret::Code;
use memchr::memmem;

/// A run of exactly as many ASCII digits as the provider's codes have.
#[derive(Debug)]
pub(super) struct Candidate<'t> {
    before: &'t str,
    digits: &'t str,
    after: &'t str,
    /// Whether its line is quoted from a mail that is replied to.
    pub(super) is_quoted: bool,
}

/// How the line ends that a mail program puts above a mail that is replied to, in the languages of most Arlo mails, and
/// what Outlook writes there.
const BEFORE_A_REPLY: [&str; 6] =
    ["wrote:", "schrieb:", "a écrit\u{a0}:", "a écrit :", "ha scritto:", "-----Original Message-----"];

/// A text as it is shown, to be searched for candidates.
pub(super) struct Text<'t> {
    text: &'t str,
    /// Where the mail that is replied to begins: behind a line that ends as one of [`BEFORE_A_REPLY`].
    reply: usize,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let is_end = |rest: &str| rest.trim_start_matches([' ', '\t', '*', '_']).starts_with(is_line_end);
        let first_behind = |mark: &&str| {
            memmem::find_iter(text.as_bytes(), mark)
                .map(|at| at + mark.len())
                .find(|&at| text.get(at..).is_some_and(is_end))
        };
        let reply = BEFORE_A_REPLY.iter().filter_map(first_behind).min();
        Self { text, reply: reply.unwrap_or(text.len()) }
    }

    /// The candidates in their order.
    pub(super) fn candidates(&self, length: usize) -> impl Iterator<Item = Candidate<'t>> {
        let Self { text, reply } = *self;
        let mut at = 0;
        let mut line = Line { seen: 0, is_quoted: begins_quoted(text) };
        std::iter::from_fn(move || {
            loop {
                let rest = text.as_bytes().get(at..)?;
                at += rest.iter().position(u8::is_ascii_digit)?;
                let start = at;
                let rest = text.as_bytes().get(at..)?;
                at += rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
                if at - start == length {
                    let (before, digits, after) = (text.get(..start)?, text.get(start..at)?, text.get(at..)?);
                    let is_quoted = line.is_quoted_at(before) || start >= reply;
                    return Some(Candidate { before, digits, after, is_quoted });
                }
            }
        })
    }

    /// Whether what begins here belongs to the mail that is replied to.
    pub(super) fn is_in_reply(&self, at: usize) -> bool {
        at >= self.reply
    }
}

/// The line of the last candidate. It is looked at once, however many candidates it has.
struct Line {
    /// Up to where line ends have been looked for.
    seen: usize,
    is_quoted: bool,
}

impl Line {
    /// Moves on to the line that `before` ends in. Returns whether it is quoted.
    fn is_quoted_at(&mut self, before: &str) -> bool {
        let unseen = before.get(self.seen..).unwrap_or_default();
        if let Some((_, line)) = unseen.rsplit_once(is_line_end) {
            self.is_quoted = begins_quoted(line);
        }
        self.seen = before.len();
        self.is_quoted
    }
}

fn begins_quoted(line: &str) -> bool {
    line.trim_start_matches(is_blank).starts_with('>')
}

impl Candidate<'_> {
    /// The digits as a code.
    pub(super) fn code(&self) -> Option<Code> {
        Code::of_length(self.digits, self.digits.len())
    }

    /// Whether the digits are all of their line, except quotation or emphasis marks and a full stop. Signs that make
    /// digits mean something else (`#467266` is a colour, `+` begins a phone number, `$` a price) are not among these.
    pub(super) fn is_line(&self) -> bool {
        const MARKS: &[char] = &['*', '"', '\'', '“', '”', '„', '‘', '’', '«', '»', '.', ':', '>'];
        let is_passed = |c: char| MARKS.contains(&c) || is_blank(c);
        let before = self.before.trim_end_matches(is_passed);
        let after = self.after.trim_start_matches(is_passed);
        before.chars().next_back().is_none_or(is_line_end) && after.chars().next().is_none_or(is_line_end)
    }

    /// Whether the digits directly follow one of the phrases, over line ends, colons and marks.
    pub(super) fn follows_one_of(&self, phrases: &[&str]) -> bool {
        const BETWEEN: &[char] = &[':', '*', '"', '“', '„', '>'];
        let before = self.before.trim_end_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c));
        let ends_with = |phrase: &&str| {
            let end = before.len().checked_sub(phrase.len()).and_then(|at| before.get(at..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(phrase))
        };
        let ends_there = self.after.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '-');
        ends_there && phrases.iter().any(ends_with)
    }
}

/// Characters that begin a new line where text is shown (Unicode, section 5.8).
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && !is_line_end(c)
}
