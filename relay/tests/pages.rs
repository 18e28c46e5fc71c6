//! HTML bodies that have been misread, each beside what a reader sees in it: the code, or `null` if there is none.
#![cfg(test)]

use relay::extract::code;
use relay::mail::Body;
use relay::provider::Provider;
use relay::secret::Code;
use serde_json::Value;

#[test]
fn every_page_is_read_as_its_reader_reads_it() {
    let pages: Vec<Value> = serde_json::from_str(include_str!("pages.json")).expect("a list");
    assert!(pages.len() > 25, "{} pages", pages.len());
    for page in &pages {
        let text = |key: &str| page.get(key).and_then(Value::as_str).expect("a text");
        let provider = Provider::named(text("provider")).expect("a provider");
        let body = Body { pages: vec![text("html").into()], ..Body::default() };
        let found = code(provider, &body).ok();
        let expected = page.get("expect").and_then(Value::as_str);
        assert_eq!(found.as_ref().map(Code::reveal), expected, "{}", text("name"));
    }
}
