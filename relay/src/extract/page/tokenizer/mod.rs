//! From a page to its tags and text (HTML standard, section 13.2.5).
//!
//! html5ever's own tokenizer goes character by character and costs five times what its tree construction does. This
//! one goes from sign to sign and keeps only the attributes that decide what is shown. A property test holds the two
//! against each other.

mod scan;

use super::attribute;
use super::char_ref::{Place, decoded};
use super::doctype::doctype;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName};
use memchr::{memchr, memchr_iter, memmem};
use scan::{comment_length, end_tag, is_blank, script_length};
use std::borrow::Cow;

/// What takes the tokens, and may have enough.
pub(super) trait Consumer<'h>: TokenSink {
    /// Accounts for one step. Returns false if the page is larger than what is read; tokenizing stops then.
    fn spend_step(&self) -> bool;

    /// Takes a text, in place of [`Token::CharacterTokens`]. It is never empty.
    fn take_text(&self, text: Text<'h>);
}

/// A text of the page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'h> {
    pub(super) content: Cow<'h, str>,
    /// Whether its character references are still to be decoded. Most text that has many is never shown.
    pub(super) is_encoded: bool,
}

impl Text<'_> {
    /// The text with its character references decoded.
    pub(super) fn decoded(&self) -> Cow<'_, str> {
        if self.is_encoded { decoded(&self.content, Place::Text) } else { Cow::Borrowed(&self.content) }
    }
}

/// Hands the tokens of a page to a consumer.
pub(super) struct Tokenizer<'h, 'c, C> {
    html: &'h str,
    at: usize,
    consumer: &'c C,
    /// Whether there is a NUL anywhere: they are rare, and every text must be searched if there is one.
    has_nul: bool,
}

impl<'h, 'c, C: Consumer<'h>> Tokenizer<'h, 'c, C> {
    /// Tokenizes a whole page.
    pub(super) fn run(html: &'h str, consumer: &'c C) {
        let has_nul = memchr(0, html.as_bytes()).is_some();
        let mut tokenizer = Self { html, at: 0, consumer, has_nul };
        while tokenizer.at < html.len() && consumer.spend_step() {
            tokenizer.step();
        }
        tokenizer.emit_other(Token::EOFToken);
    }

    /// The length of the text up to the next sign that begins a tag, a comment or a declaration.
    fn text_length(&self) -> usize {
        let rest = self.bytes();
        let begins_markup = |&at: &usize| {
            matches!(rest.get(at + 1..), Some([b'!' | b'?', ..] | [b'/', _, ..]))
                || rest.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        };
        memchr_iter(b'<', rest).find(begins_markup).unwrap_or(rest.len())
    }

    fn rest(&self) -> &'h str {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// Like [`rest`](Self::rest), without a look at where characters begin.
    fn bytes(&self) -> &'h [u8] {
        self.html.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Moves behind the next `bytes`, and returns them.
    fn take(&mut self, bytes: usize) -> &'h str {
        let taken = self.html.get(self.at..self.at + bytes).unwrap_or_default();
        self.at += bytes;
        taken
    }

    fn emit(&self, token: Token) -> TokenSinkResult<C::Handle> {
        self.consumer.process_token(token, 1)
    }

    fn emit_other(&self, token: Token) {
        // Only a tag changes how the page goes on.
        let _ = self.emit(token);
    }

    /// Emits characters without markup.
    fn emit_text(&self, text: &'h str, is_encoded: bool) {
        let emit = |piece: &'h str| {
            if !piece.is_empty() {
                self.consumer.take_text(Text { content: piece.into(), is_encoded });
            }
        };
        if !self.has_nul {
            return emit(text);
        }
        for (index, piece) in text.split('\0').enumerate() {
            if index > 0 {
                if !self.consumer.spend_step() {
                    return;
                }
                self.emit_other(Token::NullCharacterToken);
            }
            emit(piece);
        }
    }

    /// The next text, tag, comment or declaration.
    fn step(&mut self) {
        let length = self.text_length();
        if length > 0 {
            let text = self.take(length);
            return self.emit_text(text, true);
        }
        match self.bytes() {
            [b'<', b'!', ..] => self.declaration(),
            [b'<', b'/', b, ..] if b.is_ascii_alphabetic() => self.tag(TagKind::EndTag),
            [b'<', b'/', b'>', ..] => self.at += 3,
            [b'<', b'/' | b'?', ..] => self.comment_until(">", 1),
            _ => self.tag(TagKind::StartTag),
        }
    }

    /// Skips a comment that begins after `start` bytes and ends with `end`. Its content is never shown.
    fn comment_until(&mut self, end: &str, start: usize) {
        let behind = self.rest().get(start..).unwrap_or_default();
        let length = memmem::find(behind.as_bytes(), end.as_bytes()).map_or(behind.len(), |at| at + end.len());
        self.at += start + length;
        self.emit_other(Token::CommentToken(StrTendril::new()));
    }

    /// Whatever begins with `<!`.
    fn declaration(&mut self) {
        const DOCTYPE: &str = "<!doctype";
        const CDATA: &str = "<![CDATA[";
        let rest = self.rest();
        if rest.starts_with("<!--") {
            self.at += comment_length(rest);
            self.emit_other(Token::CommentToken(StrTendril::new()));
        } else if rest.get(..DOCTYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE)) {
            let length = memchr(b'>', rest.as_bytes());
            let declared = self.take(length.unwrap_or(rest.len()));
            self.at += 1;
            let mut doctype = doctype(declared.get(DOCTYPE.len()..).unwrap_or_default());
            doctype.force_quirks |= length.is_none();
            self.emit_other(Token::DoctypeToken(doctype));
        } else if rest.starts_with(CDATA) && self.consumer.adjusted_current_node_present_but_not_in_html_namespace() {
            self.at += CDATA.len();
            let length = memmem::find(self.bytes(), b"]]>");
            let text = self.take(length.unwrap_or(self.rest().len()));
            self.emit_text(text, false);
            self.at += 3;
        } else {
            self.comment_until(">", 2);
        }
    }

    /// A tag. A page that ends inside a tag has no such tag.
    fn tag(&mut self, kind: TagKind) {
        self.at += if kind == TagKind::StartTag { 1 } else { 2 };
        let name = self.take_until(|b| is_blank(b) || b == b'/' || b == b'>');
        let mut tag = Tag {
            kind,
            name: LocalName::from(self.lower_case(name)),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        loop {
            self.skip_blanks();
            match self.bytes() {
                [] => return,
                [b'>', ..] => {
                    self.at += 1;
                    break;
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    tag.self_closing = true;
                    break;
                }
                [b'/', ..] => self.at += 1,
                _ => self.attribute(&mut tag),
            }
        }
        match self.emit(Token::TagToken(tag)) {
            TokenSinkResult::RawData(kind) => self.raw_text(name, kind),
            TokenSinkResult::Plaintext => {
                let text = self.take(self.rest().len());
                self.emit_raw(text, false);
            }
            _ => {}
        }
    }

    /// One attribute with its value.
    fn attribute(&mut self, tag: &mut Tag) {
        let start = self.at;
        // A `=` in the first place belongs to the name.
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        self.take_until(|b| is_blank(b) || matches!(b, b'/' | b'>' | b'='));
        let name = self.html.get(start..self.at).unwrap_or_default();
        let behind_name = self.at;
        self.skip_blanks();
        if self.bytes().first() != Some(&b'=') {
            self.at = behind_name;
            return add(tag, name, || "".into());
        }
        self.at += 1;
        self.skip_blanks();
        let value = match self.bytes() {
            [quote @ (b'"' | b'\''), ..] => {
                self.at += 1;
                let length = memchr(*quote, self.bytes()).unwrap_or(self.bytes().len());
                let value = self.take(length);
                // A value that never ends takes the tag with it.
                self.at += 1;
                value
            }
            _ => self.take_until(|b| is_blank(b) || b == b'>'),
        };
        add(tag, name, || (&*self.without_nul(decoded(value, Place::Attribute))).into());
    }

    /// The content of an element that holds only text: up to its end tag, or to the end of the page.
    fn raw_text(&mut self, name: &str, kind: RawKind) {
        let rest = self.rest();
        let length = match kind {
            RawKind::ScriptData => script_length(rest),
            _ => end_tag(rest, name),
        };
        let text = self.take(length.unwrap_or(rest.len()));
        self.emit_raw(text, kind == RawKind::Rcdata);
    }

    /// Emits the text of an element that holds only text. A NUL is replaced there, and not dropped.
    fn emit_raw(&self, text: &'h str, is_encoded: bool) {
        if !text.is_empty() {
            self.consumer.take_text(Text { content: self.without_nul(text.into()), is_encoded });
        }
    }

    fn without_nul<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.has_nul { text.replace('\0', "\u{fffd}").into() } else { text }
    }

    fn lower_case(&self, name: &'h str) -> Cow<'h, str> {
        if self.has_nul || name.bytes().any(|b| b.is_ascii_uppercase()) {
            name.to_ascii_lowercase().replace('\0', "\u{fffd}").into()
        } else {
            name.into()
        }
    }

    fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'h str {
        let length = self.bytes().iter().position(|&b| ends(b)).unwrap_or(self.bytes().len());
        self.take(length)
    }

    fn skip_blanks(&mut self) {
        self.at += self.bytes().iter().take_while(|&&b| is_blank(b)).count();
    }
}

/// Adds an attribute that is kept, unless the tag has one of its name: the first counts.
fn add(tag: &mut Tag, name: &str, value: impl FnOnce() -> StrTendril) {
    let Some(name) = attribute::kept(name) else { return };
    if tag.attrs.iter().all(|attribute| attribute.name.local != name.local) {
        tag.attrs.push(Attribute { name, value: value() });
    }
}

#[cfg(test)]
mod tests;
