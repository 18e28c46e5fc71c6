//! SES's event is read as far as it goes: every field may be missing, of another type, or joined by unknown ones.
#![cfg(test)]

use jiff::Timestamp;
use relay::verdict::mail::Scan;
use serde_json::{Value, json};
use ses::event::mails;

/// What an event must name: a stored mail, and the address that it was sent to.
const NEEDED: [&str; 2] = ["/Records/0/ses/mail/messageId", "/Records/0/ses/receipt/recipients/0"];

fn now() -> Timestamp {
    "2026-11-21T20:02:00Z".parse().expect("a timestamp")
}

/// An event as SES sends it for a spam mail (FACTS section 3).
fn event() -> Value {
    json!({"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {
        "mail": {
            "timestamp": "2026-11-21T20:01:12.000Z",
            "source": "me+caf_=arlo=mfa.example.com@gmail.com",
            "messageId": "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1",
            "destination": ["me@gmail.com"],
            "headersTruncated": false,
            "headers": [{"name": "From", "value": "do_not_reply@arlo.com"}],
            "commonHeaders": {"from": ["do_not_reply@arlo.com"], "to": ["me@gmail.com"], "subject": "Your code"},
        },
        "receipt": {
            "timestamp": "2026-11-21T20:01:13.000Z",
            "processingTimeMillis": 573,
            "recipients": ["arlo@mfa.example.com"],
            "spfVerdict": {"status": "PASS"},
            "dkimVerdict": {"status": "PASS"},
            "dmarcVerdict": {"status": "FAIL"},
            "dmarcPolicy": "none",
            "spamVerdict": {"status": "FAIL"},
            "virusVerdict": {"status": "PASS"},
            "action": {"type": "Lambda", "functionArn": "arn", "invocationType": "Event"},
        },
    }}]})
}

/// The JSON pointer of every field, however deep.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let pointer = format!("{at}/{name}");
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

fn all_pointers() -> Vec<String> {
    let mut found = Vec::new();
    pointers(&event(), "", &mut found);
    assert!(found.len() > 35, "{found:?}");
    found
}

/// The event without the field, or without the item of an array.
fn without(pointer: &str) -> Value {
    let mut event = event();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match event.pointer_mut(parent).expect("a parent") {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().expect("an index"))),
        _ => unreachable!("a parent has children"),
    }
    event
}

fn with(pointer: &str, value: Value) -> Value {
    let mut event = event();
    *event.pointer_mut(pointer).expect("a field") = value;
    event
}

/// Checks what a broken field costs: the whole mail if it holds what is needed, and otherwise only its own meaning.
fn check(broken: &Value, pointer: &str) {
    let found = mails(broken, now());
    let [id, recipient] = NEEDED.map(|needed| needed.starts_with(pointer));
    if id {
        assert!(found.is_empty(), "{pointer} {broken}");
        return;
    }
    let [mail] = &found[..] else { panic!("{pointer}: not one mail in {broken}") };
    let recipients: Vec<_> = mail.recipients.iter().map(relay::address::Address::as_str).collect();
    // Without the envelope, the headers' destination is better than none.
    let no_envelope = ["/receipt", "/recipients"].iter().any(|field| pointer.ends_with(field));
    let instead = if no_envelope { &["me@gmail.com"][..] } else { &[] };
    assert_eq!(recipients, if recipient { instead } else { &["arlo@mfa.example.com"] }, "{pointer} {broken}");
    let has_sender = !"/Records/0/ses/mail/source".starts_with(pointer);
    assert_eq!(mail.sender.is_some(), has_sender, "{pointer} {broken}");
    let accepted_at = if "/Records/0/ses/mail/timestamp".starts_with(pointer) { "20:01:13Z" } else { "20:01:12Z" };
    assert!(mail.accepted_at.to_string().ends_with(accepted_at), "{pointer} {broken}");
    let is_spam = !"/Records/0/ses/receipt/spamVerdict/status".starts_with(pointer);
    assert_eq!(mail.scan, Scan { is_spam, has_virus: false }, "{pointer} {broken}");
}

#[test]
fn a_field_that_is_missing_costs_no_more_than_its_own_meaning() {
    for pointer in all_pointers() {
        check(&without(&pointer), &pointer);
    }
}

#[test]
fn a_field_of_another_type_is_a_missing_field() {
    for pointer in all_pointers() {
        for other in [Value::Null, json!(5), json!("x"), json!({}), json!(true)] {
            // The one text that names a mail as well as any other.
            if !(pointer == NEEDED[0] && other == json!("x")) {
                check(&with(&pointer, other), &pointer);
            }
        }
    }
}

#[test]
fn fields_that_nobody_knows_yet_change_nothing() {
    let mut event = event();
    for pointer in std::iter::once(String::new()).chain(all_pointers()) {
        if let Some(Value::Object(fields)) = event.pointer_mut(&pointer) {
            fields.insert("brandNew".to_owned(), json!({"nested": [1, null, "x"]}));
        }
    }
    check(&event, "/none of them");
}
