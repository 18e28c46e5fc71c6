//! Where the code stands in a mail.
//!
//! Three signs, the strongest first (FACTS section 1): an element of HTML that the provider reserves for the code; a
//! line that is the code and nothing else; the code behind a phrase. The strongest sign that anything bears decides:
//! one code is the code, two different ones are none. Subject and language decide nothing.

mod page;

use crate::mail::Body;
use crate::provider::{CodeElement, Provider};
use crate::refusal::Refusal;
use crate::secret::Code;
use page::Page;
use std::collections::BTreeSet;

/// The one code in a mail of this provider.
///
/// # Errors
/// [`Refusal::NoCode`] or [`Refusal::Ambiguous`].
pub fn code(provider: &Provider, body: &Body) -> Result<Code, Refusal> {
    let pages: Vec<Page> = body.pages.iter().map(|html| Page::render(html, provider.element.name())).collect();
    let texts: Vec<&str> = body.texts.iter().map(String::as_str).chain(pages.iter().map(|page| &*page.text)).collect();

    let in_elements =
        pages.iter().flat_map(|page| &page.elements).filter_map(|text| element_code(&provider.element, text));
    let on_lines = texts.iter().flat_map(|text| text.lines()).filter_map(line_code);
    // Lower case is for the phrases only, so it waits until the stronger signs have found nothing.
    let behind_phrases = || decide(texts.iter().flat_map(|text| phrase_codes(provider.phrases, text)));

    decide(in_elements).or_else(|| decide(on_lines)).or_else(behind_phrases).unwrap_or(Err(Refusal::NoCode))
}

/// What the candidates of one sign come to; nothing when there are none.
fn decide(candidates: impl Iterator<Item = Code>) -> Option<Result<Code, Refusal>> {
    let mut distinct: BTreeSet<Code> = candidates.collect();
    let one = distinct.pop_first()?;
    Some(if distinct.is_empty() { Ok(one) } else { Err(Refusal::Ambiguous) })
}

fn element_code(element: &CodeElement, rendered: &str) -> Option<Code> {
    let rendered = rendered.trim();
    match element {
        CodeElement::Whole(_) => Code::parse(rendered),
        CodeElement::Ending(_) => code_at_end(rendered),
    }
}

/// Six digits at the end, and no word, sign or digit run into them.
fn code_at_end(text: &str) -> Option<Code> {
    let (ahead, digits) = text.split_at_checked(text.len().checked_sub(Code::LENGTH)?)?;
    let stands_free = ahead.chars().next_back().is_none_or(|c| c.is_whitespace() || c == ':');
    Code::parse(digits).filter(|_| stands_free)
}

/// A line that is six digits, perhaps in quotation or emphasis marks or with a full stop. Signs that make digits mean
/// something else (`#467266` is a colour, `+` begins a phone number, `$` a price) are not among these.
fn line_code(line: &str) -> Option<Code> {
    const MARKS: &[char] = &['*', '"', '\'', '“', '”', '„', '‘', '’', '«', '»', '.', ':', '>'];
    Code::parse(line.trim_matches(|c: char| c.is_whitespace() || MARKS.contains(&c)))
}

/// The codes that directly follow one of the phrases, over line ends, colons and marks.
fn phrase_codes(phrases: &[&str], text: &str) -> Vec<Code> {
    const BETWEEN: &[char] = &[':', '*', '"', '“', '„', '>'];
    let text = text.to_lowercase();
    let behind = |phrase: &&str| {
        let ends = text.match_indices(*phrase).map(|(at, phrase)| at + phrase.len()).collect::<Vec<_>>();
        ends.into_iter()
            .filter_map(|end| text.get(end..))
            .filter_map(|rest| {
                let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c));
                let (digits, behind) = rest.split_at_checked(Code::LENGTH)?;
                let ends_there = behind.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '-');
                Code::parse(digits).filter(|_| ends_there)
            })
            .collect::<Vec<_>>()
    };
    phrases.iter().flat_map(behind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(provider: &str, texts: &[&str], pages: &[&str], expected: Result<&str, Refusal>) {
        let owned = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect();
        let body = Body { texts: owned(texts), pages: owned(pages) };
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
}
