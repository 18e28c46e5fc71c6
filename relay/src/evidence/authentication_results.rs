//! The syntax of `Authentication-Results` (RFC 8601 section 2.2), comments included.

/// One header field: who reports, and the results.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// The server that did the checks.
    pub authserv_id: String,
    /// The results in their order.
    pub results: Vec<MethodResult>,
}

/// One result: pairs of name and value, the first of which is the method and its outcome.
///
/// It may name an envelope sender: `Debug` does not show it.
#[derive(derive_more::Debug, PartialEq, Eq)]
#[debug("MethodResult(…)")]
pub struct MethodResult {
    pairs: Vec<(String, String)>,
    /// Whether it is nothing but pairs in plain characters, with one comment behind the outcome at most. What a sender
    /// chose (an envelope sender, a greeting) can read as a pair of its own only with blanks, quotes or parentheses.
    pub is_plain: bool,
}

impl MethodResult {
    /// Whether the method has this outcome, in any case.
    pub fn is(&self, method: &str, outcome: &str) -> bool {
        self.is_about(method) && self.pairs.first().is_some_and(|(_, value)| value.eq_ignore_ascii_case(outcome))
    }

    /// Whether it is a result of this method.
    pub fn is_about(&self, method: &str) -> bool {
        // RFC 8601 allows a version behind the method: dkim/1.
        self.pairs.first().is_some_and(|(name, _)| name.split('/').next() == Some(method))
    }

    /// The value of a property such as `header.i`. Returns `None` if it is missing or given twice.
    pub fn property(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|(property, _)| property == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    fn of(tokens: &[Token]) -> Self {
        let words = tokens.iter().filter_map(|token| match token {
            Token::Word { text, .. } => Some(text.as_str()),
            Token::Comment => None,
        });
        Self { pairs: pairs(words), is_plain: is_plain(tokens) }
    }
}

impl AuthenticationResults {
    /// Parses the field's value. Returns `None` if a comment or a quoted string does not end.
    ///
    /// A server that does not name itself, as Microsoft's, has an empty `authserv_id`.
    pub fn parse(value: &str) -> Option<Self> {
        let segments = segments(value)?;
        let (first, others) = segments.split_first()?;
        // A version may follow the name.
        let name = first.iter().find_map(|token| match token {
            Token::Word { text, .. } => Some(text),
            Token::Comment => None,
        })?;
        let has_name = !name.contains('=');
        let unnamed = if has_name { &[] } else { std::slice::from_ref(first) };
        let results = unnamed.iter().chain(others).map(|tokens| MethodResult::of(tokens));
        Some(Self {
            authserv_id: if has_name { name.clone() } else { String::new() },
            results: results.filter(|result| !result.pairs.is_empty()).collect(),
        })
    }
}

/// A piece of a result.
enum Token {
    /// Text without blanks; quotation marks are removed.
    Word { text: String, is_quoted: bool },
    /// A comment in parentheses (RFC 5322 section 3.2.2).
    Comment,
}

/// The tokens of each segment between semicolons. Returns `None` if a comment or a quoted string does not end.
fn segments(text: &str) -> Option<Vec<Vec<Token>>> {
    let mut segments = vec![Vec::new()];
    let mut word: Option<(String, bool)> = None;
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        let literal = std::mem::take(&mut escaped);
        if depth > 0 || quoted {
            match c {
                _ if literal => {}
                '\\' => {
                    escaped = true;
                    continue;
                }
                '"' if quoted => {
                    quoted = false;
                    continue;
                }
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            if quoted {
                word.get_or_insert_default().0.push(c);
            }
            continue;
        }
        if matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '(' | ')') {
            let done = word.take().map(|(text, is_quoted)| Token::Word { text, is_quoted });
            segments.last_mut()?.extend(done);
        }
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            ';' => segments.push(Vec::new()),
            '(' => {
                depth = 1;
                segments.last_mut()?.push(Token::Comment);
            }
            ')' => return None,
            '"' => {
                quoted = true;
                word.get_or_insert_default().1 = true;
            }
            c => word.get_or_insert_default().0.push(c),
        }
    }
    let done = word.take().map(|(text, is_quoted)| Token::Word { text, is_quoted });
    segments.last_mut()?.extend(done);
    (depth == 0 && !quoted).then_some(segments)
}

/// Whether a result is written as a server writes it that takes no word of a sender's for its own.
fn is_plain(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().all(|(index, token)| match token {
        Token::Comment => index == 1,
        Token::Word { text, is_quoted } => !is_quoted && is_plain_pair(text),
    })
}

fn is_plain_pair(text: &str) -> bool {
    // What addresses (RFC 5321 section 4.1.2), host names and IP addresses consist of.
    let is_in_value = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@:".contains(c);
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    text.split_once('=').is_some_and(|(name, value)| {
        !name.is_empty() && name.chars().all(is_in_name) && !value.is_empty() && value.chars().all(is_in_value)
    })
}

/// The `name=value` pairs; blanks and comments may stand around the `=` and around the dot in a property's name. Names become
/// lower case.
fn pairs<'t>(words: impl Iterator<Item = &'t str>) -> Vec<(String, String)> {
    let mut tight: Vec<String> = Vec::new();
    for word in words {
        match tight.last_mut() {
            Some(last) if last.ends_with(['=', '.']) || word.starts_with(['=', '.']) => last.push_str(word),
            _ => tight.push(word.to_owned()),
        }
    }
    let pairs = tight.iter().filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_standard_are_read() {
        // RFC 8601 appendix B.
        let none = AuthenticationResults::parse("example.org 1; none").expect("appendix B.2");
        assert_eq!((none.authserv_id.as_str(), none.results.len()), ("example.org", 0));
        let several = AuthenticationResults::parse(
            "example.com;\r\n auth=pass (cleartext) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net",
        )
        .expect("appendix B.4");
        assert!(
            several.results.iter().any(|r| r.is("spf", "pass") && r.property("smtp.mailfrom") == Some("example.net"))
        );
        let commented = AuthenticationResults::parse(
            "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't expecting it) 1362471462",
        )
        .expect("appendix B.7");
        assert_eq!(commented.authserv_id, "foo.example.net");
        assert!(!commented.results.iter().any(|r| r.is("dkim", "pass")));
    }

    #[test]
    fn what_breaks_the_syntax_proves_nothing() {
        for value in ["", "amazonses.com; dkim=pass (open", "amazonses.com; dkim=pass)", "amazonses.com; dkim=\"pass"] {
            assert_eq!(AuthenticationResults::parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_quoted_string_is_part_of_its_word() {
        let report =
            AuthenticationResults::parse(r#"mx.example; spf=pass smtp.mailfrom="a;b \"(c"@d.example; dkim=none"#)
                .expect("a report");
        assert_eq!(report.results.len(), 2);
        assert_eq!(report.results[0].property("smtp.mailfrom"), Some("a;b \"(c@d.example"));
        assert!(!report.results[0].is_plain && report.results[1].is_plain);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[a-z=;()\"\\\\ @.]{0,200}|\\PC{0,80}") {
            AuthenticationResults::parse(&text);
        }

        #[test]
        fn what_stands_in_a_comment_is_never_a_result(words in "[a-z =;.@]{0,60}") {
            let report = AuthenticationResults::parse(&format!("amazonses.com; dkim=none ({words})"));
            prop_assert!(report.is_some_and(|report| report.results.len() == 1));
        }
    }
}
