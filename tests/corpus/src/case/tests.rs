use super::*;

const BASE: &str = "about = 'x'\nexpect = 'no_code'\nbase = '2026-05-alternative'\n";

/// The outcome of a case with these further lines: the mail, or the error.
fn expanded(lines: &str) -> Result<String, String> {
    let text = format!("[case]\n{BASE}{lines}");
    let cases = parse(Path::new("topic.toml"), "arlo", &text).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&cases[0].raw).into_owned())
}

fn edited(edit: &str) -> Result<String, String> {
    expanded(&format!("edits = [{{ {edit} }}]"))
}

#[test]
fn every_edit_changes_what_it_names_and_nothing_else() {
    let base = expanded("").unwrap();
    let date = "Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n";
    let content_type =
        "Content-Type: multipart/alternative;\r\n\tboundary=\"----=_Part_537632_474920536.1795291270395\"\r\n";
    for (edit, old, new) in [
        ("set = 'Date: today'", date, "Date: today\r\n"),
        (
            r#"set = "Content-Type: text/plain;\n charset=x""#,
            content_type,
            "Content-Type: text/plain;\r\n charset=x\r\n",
        ),
        ("remove = 'Date'", date, ""),
        ("remove = 'Content-Type'", content_type, ""),
        ("insert = 'X: y', above = 'Date'", date, &format!("X: y\r\n{date}")),
        ("insert = 'X: y', below = 'Content-Type'", content_type, &format!("{content_type}X: y\r\n")),
        ("replace = '467266 </h1>', with = '482913</h1>'", "467266 </h1>", "482913</h1>"),
        ("replace = '467266', with = '482913', times = 2", "467266", "482913"),
        (r#"replace = "467266\n", with = """#, "467266\r\n", ""),
    ] {
        assert_eq!(edited(edit).unwrap(), base.replace(old, new), "{edit}");
    }
    let cut = edited("cut_after = 'one-time code:'").unwrap_err();
    assert!(cut.contains("occurs 2 times instead of 1"), "{cut}");
    let cut = edited(r#"cut_after = "one-time code:\n\n467""#).unwrap();
    assert!(cut.ends_with("one-time code:\r\n\r\n467") && base.starts_with(&cut));
}

#[test]
fn the_topmost_field_of_a_name_is_meant() {
    let base = expanded("").unwrap();
    let (before, rest) = base.split_once("Received: from mail-yw1-f170.google.com").unwrap();
    let (_, behind) = rest.split_once("X-SES-Spam-Verdict").unwrap();
    let mail = edited(r#"set = "Received: x\n for arlo@mfa.example.com;""#).unwrap();
    assert_eq!(mail, format!("{before}Received: x\r\n for arlo@mfa.example.com;\r\nX-SES-Spam-Verdict{behind}"));
    assert!(behind.contains("\nReceived: "), "the base has more than one");
}

// Whether the bytes of a part survive, tests/stack/test_corpus.py finds out with another encoder.
#[test]
fn an_encoding_applies_to_every_part() {
    for (encoding, beginnings) in [
        ("base64", ["SGksDQoNCnNvbWVib2R5IGlzIHNpZ25pbmcg", "PCFkb2N0eXBlIGh0bWw+DQo8aHRtbCBsYW5n"]),
        ("quoted-printable", ["Hi,\r\n\r\nsomebody is", "<!doctype html>\r\n<html lang=3D\"en\""]),
    ] {
        let mail = edited(&format!("encode = '{encoding}'")).unwrap();
        let field = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n");
        let parts: Vec<_> = mail.split(&field).skip(1).collect();
        assert_eq!(parts.len(), 2, "{encoding}");
        for (part, beginning) in parts.into_iter().zip(beginnings) {
            assert!(part.starts_with(beginning), "{encoding}: {part}");
            assert_eq!(part.lines().map(str::len).max(), Some(76), "{encoding}");
        }
    }
}

#[test]
fn an_edit_that_does_not_apply_is_an_error_that_names_file_case_and_edit() {
    for (edit, expected) in [
        ("set = 'Reply-To: x'", "no field Reply-To"),
        ("remove = 'Reply-To'", "no field Reply-To"),
        ("remove = 'Content-Transfer-Encoding'", "no field"), // only the parts have it
        ("insert = 'X: y', above = 'Reply-To'", "no field Reply-To"),
        ("replace = '467266', with = 'x'", "occurs 2 times instead of 1: \"467266\""),
        ("replace = '467266', with = 'x', times = 3", "occurs 2 times instead of 3: \"467266\""),
        ("replace = '999999', with = 'x'", "occurs 0 times instead of 1: \"999999\""),
        ("replace = '999999', with = 'x', times = 0", "occurs 0 times instead of 0: \"999999\""),
        ("replace = '', with = 'x'", "occurs 0 times instead of 1: \"\""),
        ("replace = 'x'", "not an edit"),
        ("set = 'Date: x', remove = 'From'", "not an edit"),
        ("encode = 'rot13'", "not an edit"),
    ] {
        let error = edited(edit).unwrap_err();
        assert!(error.starts_with("topic.toml, case: edit 1: ") && error.contains(expected), "{edit}: {error}");
    }
    let twice = expanded("edits = [{ encode = 'base64' }, { encode = 'base64' }]").unwrap_err();
    assert_eq!(twice, "topic.toml, case: edit 2: no 7bit or 8bit part to encode");
}

#[test]
fn a_case_of_another_shape_is_an_error() {
    for (text, expected) in [
        ("[case]\nbase = '2026-05-alternative'\nexpect = 'no_code'", "missing field `about`"),
        ("[case]\nabout = 'x'\nbase = '2026-05-alternative'", "missing field `expect`"),
        ("[case]\nabout = 'x'\nbase = 'nothing'\nexpect = 'no_code'", "its base mail: "),
        ("[case]\nabout = 'x'\nbase = '2026-05-alternative'\nexpect = { signed = 'x' }", "expect must be"),
        (
            "[case]\nabout = 'x'\nbase = '2026-05-alternative'\nexpect = 'no_code'\nspam = 'FAIL'",
            "unknown field `spam`",
        ),
        ("case = 1", "invalid type"),
    ] {
        let error = parse(Path::new("topic.toml"), "arlo", text).unwrap_err().to_string();
        assert!(error.starts_with("topic.toml, case: ") && error.contains(expected), "{error}");
    }
}

#[test]
fn defaults_hold_for_every_case_of_the_file_that_says_nothing_else() {
    let text = "[defaults]\nbase = '2026-05-alternative'\nexpect = 'no_code'\nmailbox = 'me@example.org'\n
        [one]\nabout = 'x'\n[two]\nabout = 'y'\nmailbox = 'me@proton.me'\nexpect = 'stale'\n";
    let cases = parse(Path::new("topic.toml"), "blink", text).unwrap();
    let found: Vec<_> = cases.iter().map(|case| (case.name.as_str(), case.mailbox.as_str())).collect();
    assert_eq!(found, [("blink/one", "me@example.org"), ("blink/two", "me@proton.me")]);
    assert_eq!(cases[0].provider(), "blink");
    assert_ne!(cases[0].expect, cases[1].expect);
}

#[test]
fn the_envelope_is_what_ses_states_on_top() {
    let text = format!(
        "[case]\n{BASE}edits = [{{ set = 'X-SES-Spam-Verdict: GRAY' }}, {{ set = 'Return-Path: <>' }}, {{ replace = ' for arlo+k7f3q2m4x5z6a7b2@', with = ' for arlo@' }}]"
    );
    let cases = parse(Path::new("topic.toml"), "arlo", &text).unwrap();
    let Delivery { recipient, envelope_from, spam, virus } = &cases[0].delivery;
    assert_eq!([recipient, envelope_from, spam, virus], ["arlo@mfa.example.com", "", "GRAY", "PASS"]);
}
