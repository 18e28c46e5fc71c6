//! Where the code stands in a mail.
//!
//! Three signs, the strongest first (FACTS section 1): an element of HTML that the provider reserves for the code; a
//! line that is the code and nothing else; the code behind a phrase. An element decides, if any bears a code; else
//! lines and phrases do, which must not contradict each other. One code is the code, two different ones are none.
//! What is quoted from an older mail counts only if nothing else does. Subject and language decide nothing.

mod candidate;
mod invisible;
mod page;

use crate::mail::Body;
use crate::provider::{CodeElement, Provider};
use crate::refusal::Refusal;
use crate::secret::Code;
use candidate::Text;
use invisible::without_invisible;
use page::{Budget, Page};

/// The one code in a mail of this provider.
///
/// # Errors
/// [`Refusal::NoCode`] or [`Refusal::Ambiguous`]; [`Refusal::Unreadable`] if a page is built beyond what is read.
pub fn code(provider: &Provider, body: &Body<'_>) -> Result<Code, Refusal> {
    let mut found = Found::default();
    let mut budget = Budget::MAIL;
    for html in &body.pages {
        let page = Page::render(html, provider.element.name(), &mut budget).map_err(|_| Refusal::Unreadable)?;
        let text = Text::new(&page.text);
        for element in &page.elements {
            let content = page.text.get(element.clone()).unwrap_or_default();
            if let Some(code) = element_code(provider, content) {
                found.signs(text.is_in_reply(element.start)).in_elements.add(code);
            }
        }
        found.search(provider, &text);
    }
    for text in &body.texts {
        found.search(provider, &Text::new(&without_invisible(text)));
    }
    found.decide()
}

/// All codes in a mail, by the sign that marks them.
#[derive(Default)]
struct Found {
    fresh: Signs,
    quoted: Signs,
}

#[derive(Default)]
struct Signs {
    in_elements: Distinct,
    in_text: Distinct,
}

/// The different codes that one kind of sign marks: two or more are ambiguous.
#[derive(Default)]
enum Distinct {
    #[default]
    None,
    One(Code),
    Several,
}

impl Found {
    fn signs(&mut self, is_quoted: bool) -> &mut Signs {
        if is_quoted { &mut self.quoted } else { &mut self.fresh }
    }

    /// Adds the codes on lines of their own and behind phrases.
    fn search(&mut self, provider: &Provider, text: &Text<'_>) {
        for candidate in text.candidates(provider.digits) {
            if candidate.is_line() || candidate.follows_one_of(provider.phrases) {
                let signs = self.signs(candidate.is_quoted);
                if let Some(code) = candidate.code() {
                    signs.in_text.add(code);
                }
            }
        }
    }

    fn decide(self) -> Result<Code, Refusal> {
        let Self { fresh, quoted } = self;
        let strongest = [fresh.in_elements, fresh.in_text, quoted.in_elements, quoted.in_text]
            .into_iter()
            .find(|codes| !matches!(codes, Distinct::None));
        match strongest {
            Some(Distinct::One(code)) => Ok(code),
            Some(Distinct::Several) => Err(Refusal::Ambiguous),
            Some(Distinct::None) | None => Err(Refusal::NoCode),
        }
    }
}

impl Distinct {
    fn add(&mut self, code: Code) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(code),
            Self::One(one) if one == code => Self::One(one),
            Self::One(_) | Self::Several => Self::Several,
        }
    }
}

/// The most bytes around a code that are looked at in its element, blanks for the most part. Elements nest, so without a
/// bound a text would be looked at once for each element around it.
const MOST_AROUND: usize = 256;

/// The code in an element, by what the provider's row says.
fn element_code(provider: &Provider, shown: &str) -> Option<Code> {
    match provider.element {
        CodeElement::Whole(_) if shown.len() > MOST_AROUND => None,
        CodeElement::Whole(_) => Code::of_length(shown.trim(), provider.digits),
        CodeElement::Ending(_) => code_at_end(last_bytes(shown, MOST_AROUND).trim_end(), provider.digits),
    }
}

/// The end of a text, of at most so many bytes.
fn last_bytes(text: &str, most: usize) -> &str {
    let start = text.len().saturating_sub(most);
    (start..=text.len()).find_map(|start| text.get(start..)).unwrap_or_default()
}

/// The code at the end of a text. No word, sign or digit may be run into it.
fn code_at_end(text: &str, digits: usize) -> Option<Code> {
    let (ahead, digits) = text.split_at_checked(text.len().checked_sub(digits)?)?;
    let stands_free = ahead.chars().next_back().is_none_or(|c| c.is_whitespace() || c == ':');
    Code::of_length(digits, digits.len()).filter(|_| stands_free)
}

#[cfg(test)]
mod tests;
