//! What is shown of a page.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn page(html: &str) -> Page {
    Page::render(html, "h1", &mut Budget::MAIL.clone()).expect("a page within the bounds")
}

/// The lines of a page without blanks around them, joined by `|`.
fn lines(html: &str) -> String {
    let page = page(html);
    page.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("|")
}

/// Pages beside what a reader sees of them.
fn check(cases: &[(&str, &str)]) {
    for (html, expected) in cases {
        assert_eq!(lines(html), *expected, "{html}");
    }
}

#[test]
fn blocks_are_lines_and_source_lines_are_not() {
    check(&[
        ("<p>one\ntwo</p><div>three<br>four</div><b>five</b>six", "one two|three|four|fivesix"),
        ("<table><tr><td>one</td><td>two</td></tr><tr><td>three</table>four", "one two|three|four"),
        ("one<ul><li>two<li>three</ul>four<hr>five", "one|two|three|four|five"),
        ("<span style='display:block'>one</span>two<div style='display:inline'>three</div>", "one|twothree"),
        ("one<span style='display:inline-block'>two</span>", "onetwo"),
        ("one<span style='float:left'>two</span>three<b style='position:absolute'>four</b>", "one|two|three|four"),
        ("<div style='display:flex'><span>one</span><span>two</span></div>", "one|two"),
        (
            "one<span style='display:table-row'><i style='display:table-cell'>two</i><i style='display:table-cell'>three",
            "one|two three",
        ),
        ("one<wbr>two<img alt=x>three", "onetwothree"),
    ]);
}

#[test]
fn line_ends_count_where_they_are_kept() {
    check(&[
        ("<pre>\none\n two\r\nthree</pre>", "one|two|three"),
        ("<div style='white-space:pre-line'>one\ntwo</div>three\nfour", "one|two|three four"),
        ("<pre style='white-space:normal'>one\ntwo</pre>", "one two"),
        ("<xmp>one\n<b>two</b></xmp>", "one|<b>two</b>"),
        ("<pre><span>one\ntwo</span></pre>", "one|two"),
        ("<plaintext>one\n</plaintext>", "one|</plaintext>"),
    ]);
}

#[test]
fn end_tags_that_the_standard_implies_are_there() {
    check(&[
        ("<head><title>x<title></title><body>one", "one"),
        ("<p style='display:none'>x<div>one</div>", "one"),
        ("<p style='display:none'>x<table><tr><td>one</table>", ""),
        ("<!doctype html><p style='display:none'>x<table><tr><td>one</table>", "one"),
        ("<ul><li hidden>x<li>one</ul>", "one"),
        ("<table><tr><td hidden>x<td>one<tr><td>two</table>", "one|two"),
        ("<div><b style='display:none'>x</div>y</b>one", "one"),
        ("<table>one<tr><td>two</table>", "one|two"),
        ("<b>one<p>two</b>three</p>", "one|twothree"),
        ("<body style='color:red'>one<body style='display:none'>", "one"),
        ("<body>x<body hidden>", ""),
    ]);
}

#[test]
fn what_shows_nothing_is_not_there() {
    for html in [
        "<style>x</style>",
        "<script>x</script>",
        "<title>x</title>",
        "<template><p>x</p></template>",
        "<noscript><p>x</p></noscript>",
        "<iframe>x</iframe>",
        "<noembed>x</noembed>",
        "<textarea>x</textarea>",
        "<select><option>x</select>",
        "<video>x</video>",
        "<dialog>x</dialog>",
        "<details>x<p>y</details>",
        "<svg><title>x</title></svg>",
        "<!-- x --><![endif]><!doctype x>",
        "<p hidden>x</p>",
        "<div hidden><p style='visibility:visible;display:block'>x</p></div>",
        "<input value=x><img alt=x>",
    ] {
        assert_eq!(lines(html), "", "{html}");
    }
    check(&[
        ("<details><summary>one</summary>x</details><details open>two</details>", "one|two"),
        ("<dialog open>one</dialog>", "one"),
        ("<p hidden style='display:block'>one</p>", "one"),
        ("<!--[if mso]>x<![endif]--><![if !mso]>one<![endif]>", "one"),
    ]);
}

#[test]
fn a_size_of_its_own_ends_a_size_of_nothing() {
    check(&[
        ("<div style='font-size:0'>x<p style='font-size:clamp(12px, 2vw, 20px)'>one</p></div>", "one"),
        ("<div style='font-size:0'>x<p style='font-size:calc(13px + 1vw)'>one</p></div>", "one"),
        ("<div style='font-size:0'>x<p style='font-size:calc(2 * 1em)'>y</p></div>", ""),
        ("<p style='font-size:12px;font-size:min(0px, 1vw)'>x</p>", ""),
        ("<p style='font-size:0;font-size:max(12px, 1vw)'>one</p>", "one"),
        ("<div style='font-size:0'>x<font size=3>one</font></div>", "one"),
        ("<div style='font-size:0'>x<font size=3 style='font-size:0'>y</font></div>", ""),
        ("<div style='font-size:0'>x<table><tr><td>one</table></div>", "one"),
        ("<!doctype html><div style='font-size:0'>x<table><tr><td>y</table></div>", ""),
    ]);
}

#[test]
fn a_style_hides_what_css_hides() {
    for style in [
        "display:none",
        "DISPLAY : None",
        "display:\tnone\t!IMPORTANT",
        "display&#58;none",
        "d\\69splay:n\\6f ne",
        "color:red;;display:none;;",
        "/* ; */display:/**/none",
        "background:url(a;b);display:none",
        "content:'/*;';display:none",
        "content:'\\'/*';display:none",
        "color:red/;/**//**/display:none",
        "display:none;display:nonsense",
        "display:none!important;display:block",
        "visibility:hidden",
        "visibility:collapse",
        "font-size:0",
        "font-size: 0px",
        "font-size:0.00em",
        "font-size:+.0%",
        "font-size:0e3pt",
        "font-size:calc( 0px )",
        "font:0/0 a",
        "font:italic bold 0px/1.5 Arial, sans-serif",
        "font: 0 / 0 a",
        "opacity:0",
        "opacity:.0",
        "opacity:0%",
        "opacity:-1",
        "height:0px;overflow:hidden",
        "max-height:0;overflow:hidden",
        "width:0;overflow-x:hidden",
        "overflow:visible hidden;height:0",
        "display:inline-block;max-width:0;overflow:hidden",
    ] {
        assert_eq!(lines(&format!("<div style=\"{style}\">x</div>")), "", "{style}");
    }
}

#[test]
fn a_style_hides_nothing_that_css_shows() {
    for style in [
        "mso-hide:all",
        "display:block",
        "display:nonsense",
        "display:none;display:block",
        "/*display:none*/",
        "/*display:none",
        "content:';display:none'",
        "display:none none",
        "/*/display:none",
        "content:'\\';display:none",
        "dis/**/play:none",
        "display:no/**/ne",
        "x:{;display:none}",
        "font-size:0.1px",
        "font-size:0;font-size:12px",
        "font-size:0;font:12px Arial",
        "font-size:-0.5px",
        "font:0/0",
        "font:700 40px/48px 'Courier New',monospace",
        "opacity:0.01",
        "opacity:none",
        "height:0",
        "overflow:hidden",
        "height:1px;overflow:hidden",
        "height:0;overflow:visible",
        "display:table-cell;width:0;overflow:hidden",
        "visibility:visible",
        "line-height:0",
    ] {
        assert_eq!(lines(&format!("<div style=\"{style}\">one</div>")), "one", "{style}");
    }
    assert_eq!(lines("<p style='color:red' style='display:none'>one</p>"), "one");
    assert_eq!(lines("<span style='height:0;overflow:hidden'>one</span>"), "one");
}

#[test]
fn what_is_inherited_can_be_overridden_and_the_rest_cannot() {
    check(&[
        ("<div style='font-size:0'>x<p style='font-size:16px'>one</p></div>", "one"),
        ("<div style='font-size:0'>x<p style='font-size:2em'>x</p><p style='font-size:100%'>x</p></div>", ""),
        (
            "<div style='font-size:0'><p style='font-size:inherit'>x</p><p style='font-size:initial'>one</p></div>",
            "one",
        ),
        ("<div style='visibility:hidden'>x<p style='visibility:visible'>one</p></div>", "one"),
        ("<div style='display:none'><p style='display:block'>x</p></div>", ""),
        ("<div style='opacity:0'><p style='opacity:1'>x</p></div>", ""),
        ("<div style='height:0;overflow:hidden'><p style='height:9px;overflow:visible'>x</p></div>", ""),
    ]);
}

#[test]
fn invisible_characters_and_blanks_do_not_count() {
    check(&[
        ("4\u{200b}6&zwnj;7&shy;2\u{2066}6&#8205;6", "467266"),
        ("one\u{feff}&nbsp;&nbsp;\u{a0} two", "one\u{a0}\u{a0}\u{a0} two"),
        ("<b>one </b> <i> two</i>", "one two"),
    ]);
}

#[test]
fn an_element_is_where_it_stands_in_the_text() {
    let elements = |html: &str| -> Vec<String> {
        let page = page(html);
        page.elements.iter().filter_map(|place| page.text.get(place.clone())).map(str::to_owned).collect()
    };
    assert_eq!(elements("<h1>a</h1>x<h1>b <b>c</b></h1>"), ["a", "b c"]);
    assert_eq!(elements("<h1>a<br>b</h1>"), ["a\nb"]);
    assert_eq!(elements("<h1>a"), ["a"]);
    assert_eq!(elements("<h1>a<span hidden>1</span></h1>"), ["a"]);
    assert_eq!(elements("<h1 hidden>a</h1><div style='display:none'><h1>b</h1></div>"), [""; 0]);
    assert_eq!(elements("<h1><table><tr><td><h1>a</h1></table>b</h1>"), ["a", "a\nb"]);
}

#[test]
fn what_misnested_links_move_is_paid_for() {
    let left = |end: &str| {
        let mut budget = Budget::of(1_000, 100_000);
        Page::render(&format!("<a><div>{}{end}", "<br>".repeat(500)), "h1", &mut budget).expect("a page in the budget");
        budget.work()
    };
    assert!(left("<i>") - left("<a>") >= 500, "{} {}", left("<i>"), left("<a>"));
}

#[test]
fn a_page_beyond_the_bounds_is_not_rendered() {
    let render = |html: &str, mut budget: Budget| Page::render(html, "h1", &mut budget).map(|_| budget);
    // html, head and body are elements too.
    assert!(render(&"<br>".repeat(7), Budget::of(10, 1_000)).is_ok());
    assert_eq!(render(&"<br>".repeat(8), Budget::of(10, 1_000)), Err(BeyondBounds));
    // A step costs 16, and one more for the document, which is open when the first are counted.
    assert_eq!(render("<p>x</p>", Budget::of(10, 3 * 17)), Ok(Budget::of(6, 0)));
    assert_eq!(render("<p>x</p>", Budget::of(10, 3 * 17 - 1)), Err(BeyondBounds));
    assert_eq!(render("x\0\0", Budget::of(10, 3 * 17)), Ok(Budget::of(7, 0)));
    assert_eq!(render("x\0\0", Budget::of(10, 3 * 17 - 1)), Err(BeyondBounds));
    // All that is open is in the way of every step.
    let deep = format!("{}{}", "<div>".repeat(400), "</p>".repeat(1_000));
    assert!(render(&deep, Budget::of(2_000, 1_400 * 416 + 1_000 * 20)).is_ok());
    assert_eq!(render(&deep, Budget::of(2_000, 1_000 * 400)), Err(BeyondBounds));
    for element in ["<div>", "<b>", "<template>", "<svg>"] {
        assert!(render(&element.repeat(480), Budget::MAIL).is_ok());
        assert_eq!(render(&element.repeat(600), Budget::MAIL), Err(BeyondBounds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_page_is_rendered_without_panic(
        html in "(</?(p|b|i|a|div|table|tr|td|h1|pre|svg|math|mi|title|template|select|option|form|li|frameset|body|html|head|script|style|button|nobr|applet)( style='display:(none|block|flex)')?>|467266|[ \n\0]|&nbsp;|<!--|-->|<!\\[CDATA\\[|]]>){0,60}"
    ) {
        let page = Page::render(&html, "h1", &mut Budget::MAIL.clone()).expect("a small page");
        for element in page.elements {
            prop_assert!(page.text.get(element).is_some());
        }
    }

    #[test]
    fn any_style_is_read_without_panic(style in "(display|font|font-size|opacity|[:;! /*\\\\'\"(){}]|none|0|\\.|px|e|important|\\PC){0,30}") {
        Style::parse(&style);
    }
}

/// Each page by its name beside the lines that Chromium shows of it; `tests/browser/visible_text.py` asks Chromium.
fn shown_by_chromium() -> BTreeMap<String, Vec<String>> {
    serde_json::from_str(include_str!("../../../tests/visible_text.json")).expect("a map of lists")
}

/// The lines that are not blank, without what no reader sees.
fn shown_lines(html: &str) -> Vec<String> {
    let blanks_as_one = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    page(html).text.lines().map(blanks_as_one).filter(|line| !line.is_empty()).collect()
}

fn without_invisible(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| crate::extract::invisible::without_invisible(line).into_owned()).collect()
}

#[test]
fn a_page_is_shown_as_chromium_shows_it() {
    let shown = shown_by_chromium();
    let pages: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../tests/pages.json")).expect("a list");
    for page in &pages {
        let text = |key: &str| page.get(key).and_then(serde_json::Value::as_str).expect("a text");
        let expected = shown.get(text("name")).expect("run tests/browser/visible_text.py");
        assert_eq!(shown_lines(text("html")), without_invisible(expected), "{}", text("name"));
    }
}

#[test]
fn a_mail_is_shown_as_chromium_shows_it() {
    let mut compared = 0;
    for (name, expected) in shown_by_chromium() {
        let Ok(mail) = corpus::base(&name) else { continue };
        let body = crate::mail::Mail::parse(&mail).expect("a mail").body().expect("whole");
        let html = body.pages.first().expect("an HTML part");
        assert_eq!(shown_lines(html), without_invisible(&expected), "{name}");
        compared += 1;
    }
    assert!(compared > 20, "{compared} mails");
}
