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
pub struct MethodResult(Vec<(String, String)>);

impl MethodResult {
    /// Whether the method has this outcome, in any case.
    pub fn is(&self, method: &str, outcome: &str) -> bool {
        self.0.first().is_some_and(|(name, value)| {
            // RFC 8601 allows a version behind the method: dkim/1.
            name.split('/').next() == Some(method) && value.eq_ignore_ascii_case(outcome)
        })
    }

    /// The value of a property such as `header.i`. Returns `None` if it is missing or given twice.
    pub fn property(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(property, _)| property == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}

impl AuthenticationResults {
    /// Parses the field's value. Returns `None` if it does not follow the syntax, or holds a quoted string: RFC 8601 allows
    /// them, but SES writes none, and a sender's own words could be in them.
    pub fn parse(value: &str) -> Option<Self> {
        let plain = without_comments(value)?;
        if plain.contains(['"', '\\']) {
            return None;
        }
        let mut segments = plain.split(';');
        // A version may follow the name.
        let authserv_id = segments.next()?.split_whitespace().next()?.to_owned();
        let results = segments.map(pairs).filter(|pairs| !pairs.is_empty()).map(MethodResult).collect();
        Some(Self { authserv_id, results })
    }
}

/// Replaces every comment by a blank. Returns `None` if one does not end (RFC 5322 section 3.2.2).
fn without_comments(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        let literal = escaped;
        escaped = c == '\\' && !literal && (quoted || depth > 0);
        match c {
            '"' if depth == 0 && !literal => quoted = !quoted,
            '(' if !quoted && !literal => depth += 1,
            ')' if !quoted && !literal => {
                depth = depth.checked_sub(1)?;
                plain.push(' ');
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            plain.push(c);
        }
    }
    (depth == 0 && !quoted).then_some(plain)
}

/// The `name=value` pairs of one segment; blanks may stand around the `=` and around the dot in a property's name. Names
/// become lower case.
fn pairs(segment: &str) -> Vec<(String, String)> {
    let mut tight = String::with_capacity(segment.len());
    for word in segment.split_whitespace() {
        if !tight.is_empty() && !tight.ends_with(['=', '.']) && !word.starts_with(['=', '.']) {
            tight.push(' ');
        }
        tight.push_str(word);
    }
    tight
        .split(' ')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect()
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
        for value in ["", "amazonses.com; dkim=pass (open", "amazonses.com; dkim=pass)", "amazonses.com; dkim=\"pass\""]
        {
            assert_eq!(AuthenticationResults::parse(value), None, "{value}");
        }
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
