//! The tokenizer against html5ever's own, token by token.

use super::*;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer as Reference, TokenizerOpts};
use html5ever::{local_name, ns};
use proptest::prelude::*;
use std::cell::RefCell;

/// Writes down what it is given, and says where raw text begins as tree construction would in a page of HTML.
#[derive(Default)]
struct Recorder(RefCell<Vec<String>>);

impl TokenSink for Recorder {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut tokens = self.0.borrow_mut();
        let mut result = TokenSinkResult::Continue;
        match token {
            Token::DoctypeToken(doctype) => tokens.push(format!("{doctype:?}")),
            Token::TagToken(tag) => {
                let kept: Vec<_> = tag
                    .attrs
                    .iter()
                    .filter_map(|attribute| Some((attribute::kept(&attribute.name.local)?, &attribute.value)))
                    .map(|(name, value)| format!("{}={}", name.local, &**value))
                    .collect();
                tokens.push(format!("{:?} {} {kept:?} {}", tag.kind, tag.name, tag.self_closing));
                if tag.kind == TagKind::StartTag {
                    result = following(&tag.name);
                }
            }
            Token::CommentToken(_) => tokens.push("comment".to_owned()),
            Token::CharacterTokens(text) => push_text(&mut tokens, &text),
            Token::NullCharacterToken => tokens.push("NUL".to_owned()),
            Token::EOFToken => tokens.push("end".to_owned()),
            Token::ParseError(_) => {}
        }
        result
    }
}

fn following(name: &LocalName) -> TokenSinkResult<()> {
    match *name {
        local_name!("title") | local_name!("textarea") => TokenSinkResult::RawData(RawKind::Rcdata),
        local_name!("style") | local_name!("xmp") => TokenSinkResult::RawData(RawKind::Rawtext),
        local_name!("script") => TokenSinkResult::RawData(RawKind::ScriptData),
        local_name!("plaintext") => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Joins texts that follow each other: the two tokenizers cut them differently.
fn push_text(tokens: &mut Vec<String>, text: &str) {
    match tokens.last_mut() {
        Some(last) if last.starts_with('"') => last.push_str(text),
        _ => tokens.push(format!("\"{text}")),
    }
}

impl Consumer<'_> for Recorder {
    fn spend_step(&self) -> bool {
        true
    }

    fn take_text(&self, text: Text<'_>) {
        push_text(&mut self.0.borrow_mut(), &text.decoded());
    }
}

fn tokens(html: &str) -> Vec<String> {
    let recorder = Recorder::default();
    Tokenizer::run(html, &recorder);
    recorder.0.into_inner()
}

fn reference_tokens(html: &str) -> Vec<String> {
    let reference = Reference::new(Recorder::default(), TokenizerOpts { discard_bom: false, ..Default::default() });
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = reference.feed(&input);
    reference.end();
    reference.sink.0.into_inner()
}

fn check(html: &str) {
    assert_eq!(tokens(html), reference_tokens(html), "{html:?}");
}

#[test]
fn the_corners_of_the_standard_are_read_as_html5ever_reads_them() {
    for html in [
        "a<b>c</B >d<br/>e<br / >f",
        "<p style=a hidden STYLE='b' x=\"y\">",
        "<p style = 'a&amp;b&copy=1&#52;' open= size=3/>",
        "<p =a style=b =style=c 'open\"hidden>",
        "<p ä=1 hidden><p hiddenä><ä><pä>",
        "<p/style=a/hidden/>",
        "<p style='unclosed>text",
        "<p hidden",
        "a < b <3 </ p></3></><!x><?y?>< ",
        "</",
        "<",
        "<!-->a--><!--->b--><!---->c<!--d--!>e<!--f--!-->g<!-- <!-- -- > -->h<!--i",
        "<!----!>a<!--->-->",
        "<![if !mso]>a<![endif]><![CDATA[b]]>",
        "<!doctype html><!DOCTYPE HTML PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" 'http://x'>",
        "<!doctype><!doctype html system><!doctype html system 'x'y><!doctype html public 'x'\"y\" z><!doctype html x>",
        "<!doctype html public x><!doctypehtml public'a><!doctype html publicy>",
        "<!doctype html system 'a",
        "<!doctype",
        "<style>a</b></style ><STYLE>b</Style><style>c</stylex></style/>d<style>e",
        "<title>a&amp;b</title><textarea>&lt;</textarea>",
        "<script>'</scrip'</script>a<script><!--</script>b<script><!--<script></script>c--></script>d",
        "<script><!-->a<script></script>b<script><!--->c<script></script>d<script><!--<script>-->e</script>f",
        "<script><!--<scriptx></script>a<script><!--<script/></script></script>b--></script>c",
        "<plaintext>a</plaintext><b>",
        "a\0b<p\0 style='\0'></p\0><style>\0</style><!doctype \0h\0>",
        "a&#0;b&notin;c&noti&",
    ] {
        check(html);
    }
}

#[test]
fn only_the_attributes_that_decide_what_is_shown_are_kept() {
    let attributes: Vec<String> = (0..1_000).map(|number| format!("a{number}=x")).collect();
    let attributes = attributes.join(" ");
    assert_eq!(tokens(&format!("<p {attributes} hidden>")), ["StartTag p [\"hidden=\"] false", "end"]);
    let name = attribute::kept("STYLE").expect("an attribute that is kept");
    assert_eq!((name.ns, name.local), (ns!(), local_name!("style")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_page_is_read_as_html5ever_reads_it(
        html in "(<(/?(p|b|style|script|title|textarea|xmp)|!--|!|!doctype|\\?|/)?|-{1,3}!?>|[ /\t\n=>'\"\0ä-]|style|hidden|script|public|system|html|]]>|&(#x?)?|amp|copy|not|in|[0-9a-f];?){0,40}"
    ) {
        check(&html);
    }
}
