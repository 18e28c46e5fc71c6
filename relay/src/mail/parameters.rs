//! The syntax of structured MIME fields (RFC 2045 section 5.1): a word, and parameters behind it.

use super::Unreadable;
use super::bounds::MOST_PARAMETERS;
use std::borrow::Cow;

/// The value of a structured MIME field: a word, and parameters behind it.
pub(super) struct Value<'a> {
    /// The word: a type, a disposition.
    pub(super) text: Cow<'a, str>,
    parameters: Vec<(&'a [u8], Cow<'a, [u8]>)>,
}

impl<'a> Value<'a> {
    pub(super) fn parse(value: &'a [u8]) -> Result<Self, Unreadable> {
        let mut scanner = Scanner(value);
        let mut text = String::from_utf8_lossy(scanner.token());
        // Blanks and comments may stand around the slash of a type.
        while scanner.next_is(b'/') || text.ends_with('/') {
            let more = scanner.token();
            text.to_mut().push_str(&String::from_utf8_lossy(more));
            if more.is_empty() {
                break;
            }
        }
        let mut parameters = Vec::new();
        while scanner.skip_to_parameter() {
            if parameters.len() == MOST_PARAMETERS {
                return Err(Unreadable);
            }
            let name = scanner.token();
            if scanner.next_is(b'=') {
                scanner.skip(1);
                parameters.push((name, scanner.value()));
            }
        }
        Ok(Self { text, parameters })
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    /// Whether a parameter is given, in one piece or in several (RFC 2231).
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(own, _)| is_named(own, name))
    }

    /// A parameter's value. Returns `Err` if it is given twice, or encoded or split by RFC 2231: for a boundary or a
    /// character set nobody needs that, and few readers know it.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Unreadable> {
        let mut found = self.parameters.iter().filter(|(own, _)| is_named(own, name));
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some((own, value)), None) if own.len() == name.len() => Ok(Some(value.clone())),
            _ => Err(Unreadable),
        }
    }
}

/// Whether a parameter's name is `name`, or `name*…` (RFC 2231 sections 3 and 4).
fn is_named(own: &[u8], name: &str) -> bool {
    let base = own.iter().position(|&b| b == b'*').and_then(|star| own.get(..star)).unwrap_or(own);
    base.eq_ignore_ascii_case(name.as_bytes())
}

/// Reads a structured field from left to right. Blanks and comments are skipped before each word.
pub(super) struct Scanner<'a>(pub(super) &'a [u8]);

impl<'a> Scanner<'a> {
    fn skip(&mut self, bytes: usize) {
        self.0 = self.0.get(bytes..).unwrap_or_default();
    }

    /// Whether this byte comes next, behind blanks and comments.
    pub(super) fn next_is(&mut self, byte: u8) -> bool {
        self.skip_comments();
        self.0.first() == Some(&byte)
    }

    fn skip_comments(&mut self) {
        let mut depth = 0_usize;
        let mut escaped = false;
        let end = self.0.iter().position(|&b| {
            match b {
                _ if escaped => escaped = false,
                b'\\' if depth > 0 => escaped = true,
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ if depth > 0 || b.is_ascii_whitespace() => {}
                _ => return true,
            }
            false
        });
        self.skip(end.unwrap_or(self.0.len()));
    }

    /// Everything up to a blank, a comment, or a sign that ends a word here.
    pub(super) fn token(&mut self) -> &'a [u8] {
        self.skip_comments();
        self.take_until(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'=' | b'(' | b'"' | b','))
    }

    /// A parameter's value. Unquoted ones may hold what should be quoted (`boundary=----=_Part_1`).
    fn value(&mut self) -> Cow<'a, [u8]> {
        if self.next_is(b'"') {
            self.quoted()
        } else {
            self.take_until(|b| b.is_ascii_whitespace() || b == b';').into()
        }
    }

    /// A quoted string without its quotes (RFC 5322 section 3.2.4). Line ends in it are folding, not content.
    pub(super) fn quoted(&mut self) -> Cow<'a, [u8]> {
        self.skip(1);
        let plain = self.take_until(|b| matches!(b, b'"' | b'\\' | b'\r' | b'\n'));
        if matches!(self.0.first(), Some(b'"') | None) {
            self.skip(1);
            return plain.into();
        }
        let mut content = plain.to_vec();
        let mut escaped = false;
        let end = self.0.iter().position(|&b| {
            match b {
                b'\r' | b'\n' => {}
                _ if escaped => {
                    escaped = false;
                    content.push(b);
                }
                b'\\' => escaped = true,
                b'"' => return true,
                _ => content.push(b),
            }
            false
        });
        self.skip(end.map_or(self.0.len(), |end| end + 1));
        content.into()
    }

    /// Moves behind the next `;` outside of quotes and comments. Returns false at the end.
    fn skip_to_parameter(&mut self) -> bool {
        loop {
            self.skip_comments();
            match self.0.first() {
                None => return false,
                Some(b';') => {
                    self.skip(1);
                    self.skip_comments();
                    if !matches!(self.0.first(), Some(b';') | None) {
                        return true;
                    }
                }
                Some(b'"') => drop(self.quoted()),
                Some(_) => self.skip(1),
            }
        }
    }

    fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|&b| ends(b)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_value_is_read_without_panic(value in "[a-z/;=()\"\\\\ *\r\n\t]{0,80}") {
            let _ = Value::parse(value.as_bytes()).map(|value| value.parameter("a"));
        }
    }
}
