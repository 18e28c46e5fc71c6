use super::*;
use proptest::prelude::*;
use std::borrow::Cow;

fn check(provider: &str, texts: &[&str], pages: &[&str], expected: Result<&str, Refusal>) {
    fn parts<'t>(parts: &[&'t str]) -> Vec<Cow<'t, str>> {
        parts.iter().map(|&part| part.into()).collect()
    }
    let body = Body { texts: parts(texts), pages: parts(pages) };
    let provider = Provider::named(provider).expect("a provider");
    let found = code(provider, &body);
    assert_eq!(found.as_ref().map(Code::reveal).map_err(|&refusal| refusal), expected, "{texts:?} {pages:?}");
}

#[test]
fn the_strongest_sign_that_anything_bears_decides() {
    check("arlo", &["111111"], &["<h1>467266</h1>"], Ok("467266"));
    check("arlo", &["467266"], &["<p>Order 111111</p>"], Ok("467266"));
    check("arlo", &["467266"], &["<h1>467266</h1><h1>111111</h1>"], Err(Refusal::Ambiguous));
    check("arlo", &["Your Arlo one-time authentication code is:\n 467266 and 111111"], &[], Ok("467266"));
}

#[test]
fn an_element_counts_when_the_code_is_all_of_it() {
    check("arlo", &[], &["<h1 style='color:#467266'>\n  308076\n </h1>"], Ok("308076"));
    check("arlo", &[], &["<h1><b>308</b>076</h1>"], Ok("308076"));
    check("arlo", &[], &["<h1>&#51;08076&nbsp;</h1>"], Ok("308076"));
    check("arlo", &[], &["<h1>Hello 308076</h1>"], Err(Refusal::NoCode));
    check("blink", &[], &["<strong>Your PIN: 308076</strong>"], Ok("308076"));
    check("blink", &[], &["<strong>A308076</strong>"], Err(Refusal::NoCode));
    check("blink", &[], &["<strong>#308076</strong>"], Err(Refusal::NoCode));
}

#[test]
fn a_line_counts_when_the_code_is_all_of_it() {
    for (line, expected) in [
        ("467266", Ok("467266")),
        ("  467266. ", Ok("467266")),
        ("**467266**", Ok("467266")),
        ("> 467266", Ok("467266")),
        ("467266 </h1>", Err(Refusal::NoCode)),
        ("#467266", Err(Refusal::NoCode)),
        ("+467266", Err(Refusal::NoCode)),
        ("$467266", Err(Refusal::NoCode)),
        ("467-266", Err(Refusal::NoCode)),
        ("4672661", Err(Refusal::NoCode)),
        ("٤٦٧٢٦٦", Err(Refusal::NoCode)),
        ("４６７２６６", Err(Refusal::NoCode)),
        ("Code 467266", Err(Refusal::NoCode)),
        ("2026", Err(Refusal::NoCode)),
    ] {
        check("arlo", &[&format!("Hello\n{line}\nBye")], &[], expected);
    }
    check("arlo", &["467266\n467266"], &["<p>467266</p>"], Ok("467266"));
    check("arlo", &["467266\n111111"], &[], Err(Refusal::Ambiguous));
}

#[test]
fn what_a_reader_does_not_see_is_not_there() {
    for page in [
        "<style>\n467266\n</style>",
        "<script>\n467266\n</script>",
        "<title>467266</title>",
        "<!-- \n467266\n -->",
        "<div style='display:none'><p>467266</p></div>",
        "<div hidden><div>x</div><p>467266</p></div>",
        "<p style='font-size: 0px; line-height:1'>467266</p>",
        "<p style='VISIBILITY : hidden'>467266</p>",
        "<img alt='467266'>",
    ] {
        check("arlo", &[], &[page], Err(Refusal::NoCode));
    }
    check("arlo", &[], &["<div style='display:none'>111111</div><p>467266</p>"], Ok("467266"));
}

#[test]
fn cells_of_one_row_are_one_line() {
    check("arlo", &[], &["<table><tr><td>Order</td><td>482913</td></tr></table>"], Err(Refusal::NoCode));
    check("arlo", &[], &["<table><tr><td>482913</td></tr></table>"], Ok("482913"));
}

#[test]
fn a_line_and_a_phrase_must_not_contradict_each_other() {
    let phrase = "Your Arlo one-time authentication code is 467266 now.";
    check("arlo", &[phrase, "467266"], &[], Ok("467266"));
    check("arlo", &[phrase, "111111"], &[], Err(Refusal::Ambiguous));
    check("arlo", &["YOUR ONE-TIME AUTHENTICATION CODE IS:\r\n**467266**"], &[], Ok("467266"));
    check("blink", &["Your verification code is 467266-1"], &[], Err(Refusal::NoCode));
    check("blink", &["Your verification code is 4672661"], &[], Err(Refusal::NoCode));
    check("blink", &["Your verification code is A467266"], &[], Err(Refusal::NoCode));
}

#[test]
fn what_is_quoted_counts_only_if_nothing_else_does() {
    check("arlo", &["467266\n\nOn Sat, Arlo wrote:\n111111"], &[], Ok("467266"));
    check("arlo", &["467266\n> 111111\n>> 222222"], &[], Ok("467266"));
    check("blink", &[" > Your PIN 1, verification code is 111111.\n467266"], &[], Ok("467266"));
    check("blink", &["verification pin is\n> 467266\nverification pin is > 111111"], &[], Ok("111111"));
    check("arlo", &["Hello\nOn Sat, Arlo wrote:\n> 111111"], &[], Ok("111111"));
    check("arlo", &["> 111111\n> 222222"], &[], Err(Refusal::Ambiguous));
    check("arlo", &["467266"], &["<p>Sat, Arlo wrote:</p><h1>111111</h1>"], Ok("467266"));
    check("arlo", &["He wrote: 111111\n467266"], &[], Ok("467266"));
}

#[test]
fn invisible_characters_count_nowhere_and_line_separators_everywhere() {
    for text in ["\u{feff}467266", "4\u{200b}67266", "\u{202a}467266\u{202c}", "\u{2068}467266\u{2069}", "467\u{ad}266"]
    {
        check("arlo", &[text], &[], Ok("467266"));
        check("arlo", &[], &[&format!("<h1>{text}</h1>")], Ok("467266"));
    }
    for separator in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
        check("arlo", &[&format!("Your code:{separator}467266{separator}Bye")], &[], Ok("467266"));
    }
}

#[test]
fn a_page_beyond_what_is_read_is_unreadable() {
    let page = format!("<h1>467266</h1>{}", "<br>".repeat(10_000));
    check("arlo", &[], &[&page], Err(Refusal::Unreadable));
    // All pages of a mail share what there is.
    let half = "<br>".repeat(5_000);
    check("arlo", &["467266"], &[&half], Ok("467266"));
    check("arlo", &["467266"], &[&half, &half], Err(Refusal::Unreadable));
}

proptest! {
    #[test]
    fn any_text_is_searched_without_panic(text in "([0-9]{1,7}|[ \n>*.:-]|wrote:|verification code is|\u{2066}|\u{e9}|\u{2028}){0,40}") {
        let body = Body { texts: vec![text.as_str().into()], pages: vec![text.as_str().into()] };
        for provider in Provider::names().into_iter().filter_map(Provider::named) {
            let _ = code(provider, &body);
        }
    }
}
