//! What a browser would show of an HTML part: its lines, and the text of the elements of one name.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// The visible content of an HTML part.
#[derive(Default)]
pub(super) struct Page {
    /// The visible text, a line for each block.
    pub(super) text: String,
    /// The visible text of each element of the name that was asked for.
    pub(super) elements: Vec<String>,
}

impl Page {
    /// Renders HTML of any quality; takes time linear in its length.
    pub(super) fn render(html: &str, element: &'static str) -> Self {
        let mut renderer = Renderer { element: element.as_bytes(), ..Renderer::default() };
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
            renderer.take(&event);
            None::<std::convert::Infallible>
        });
        // Reading from memory has no errors, and the renderer keeps everything: nothing comes out of the iterator.
        let _ = Tokenizer::new_with_emitter(html, emitter).finish();
        renderer.page
    }
}

/// Elements that begin and end a line (HTML standard, section 15.3, "display: block" and its like). Cells of a table
/// stand beside each other, so they do not.
const BLOCKS: [&[u8]; 32] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"br",
    b"caption",
    b"center",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"li",
    b"main",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"table",
    b"tbody",
    b"tr",
    b"ul",
];

/// Elements whose content is not shown.
const UNSEEN: [&[u8]; 6] = [b"head", b"noscript", b"script", b"style", b"template", b"title"];

/// Elements that have no end, so that nothing can be inside them (HTML standard, section 13.1.2).
const VOID: [&[u8]; 14] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source",
    b"track", b"wbr",
];

#[derive(Default)]
struct Renderer {
    element: &'static [u8],
    page: Page,
    /// The start tag that is being read: its name, the attribute, and whether the tag hides its content.
    name: Vec<u8>,
    attribute: Vec<u8>,
    hides: bool,
    /// The hidden element that is open: its name, and how many of that name are open inside it.
    hidden: Option<(Vec<u8>, usize)>,
    /// The text of the element that was asked for, while it is open.
    open: Option<String>,
}

impl Renderer {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.name.clear();
                self.name.extend_from_slice(name);
                self.attribute.clear();
                self.hides = UNSEEN.contains(name);
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute.clear();
                self.attribute.extend_from_slice(name);
                self.hides |= *name == b"hidden";
            }
            CallbackEvent::AttributeValue { value } => {
                self.hides |= self.attribute == b"style" && hides_content(value);
            }
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.show(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn start(&mut self) {
        if VOID.contains(&&*self.name) {
            self.break_line_at(&self.name.clone());
            return;
        }
        match &mut self.hidden {
            Some((name, depth)) if *name == self.name => *depth += 1,
            Some(_) => {}
            None if self.hides => self.hidden = Some((self.name.clone(), 1)),
            None => {
                self.break_line_at(&self.name.clone());
                if self.name == self.element {
                    self.open = Some(String::new());
                }
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth -= 1;
            }
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        if name == self.element {
            self.page.elements.extend(self.open.take());
        }
        self.break_line_at(name);
    }

    fn break_line_at(&mut self, name: &[u8]) {
        if self.hidden.is_some() {
            return;
        }
        if BLOCKS.contains(&name) {
            self.page.text.push('\n');
        } else if matches!(name, b"td" | b"th") {
            self.page.text.push(' ');
        }
    }

    /// White space in the source is one blank on the page, line ends included.
    fn show(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let from = self.page.text.len();
        for piece in text.split_inclusive(|c| is_invisible(c) || c.is_whitespace()) {
            let shown = piece.trim_end_matches(|c| is_invisible(c) || c.is_whitespace());
            self.page.text.push_str(shown);
            if piece.chars().next_back().is_some_and(char::is_whitespace) {
                self.page.text.push(' ');
            }
        }
        if let (Some(open), Some(shown)) = (&mut self.open, self.page.text.get(from..)) {
            open.push_str(shown);
        }
    }
}

/// Marks of width nothing: soft hyphen, zero-width blanks and joiners, byte order mark. Mailers pad preheaders with them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether a style attribute keeps the content off the page.
fn hides_content(style: &[u8]) -> bool {
    let style: String =
        String::from_utf8_lossy(style).chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    style.split(';').any(|rule| {
        matches!(
            rule.trim_end_matches("!important"),
            "display:none" | "visibility:hidden" | "mso-hide:all" | "opacity:0"
        ) || rule.strip_prefix("font-size:").is_some_and(|size| {
            matches!(
                size.trim_end_matches("!important").trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%'),
                "0" | "0.0"
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_lines_and_source_lines_are_not() {
        let page = Page::render("<p>one\ntwo</p><div>three<br>four</div><b>five</b>six", "h1");
        let lines: Vec<&str> = page.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["one two", "three", "four", "fivesix"]);
    }

    #[test]
    fn an_element_that_never_ends_is_none() {
        assert!(Page::render("<h1>467266", "h1").elements.is_empty());
        assert_eq!(Page::render("<h1>a</h1><h1>b</h1>", "h1").elements, ["a", "b"]);
    }

    proptest! {
        #[test]
        fn any_text_is_rendered_without_harm(html in "(<[/a-z!]{0,6}[ =\"'a-z:0-9]{0,20}>?|[0-9]{6}|&[#a-z0-9]{0,8};?|\\PC){0,60}") {
            Page::render(&html, "h1");
        }
    }
}
