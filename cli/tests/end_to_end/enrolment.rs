//! `mfa-relay enroll`, with a relay that serves and without.

use crate::client::{code, end, post, prestage};
use crate::letter::letter;
use crate::peer::{Peer, bring};
use crate::relay::{DOMAIN, Enrolment, Relay};
use serde_json::json;

fn told(relay: &Relay, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = relay.command(&[&["enroll"], arguments].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_answers_are_those_of_the_aws_function() {
    let mut relay = Relay::start();
    // While it serves, and after: the same words.
    for _ in 0..2 {
        let added = relay.enroll(&["add", "me@gmail.com", "--trust", "signed", "--label", "garden cameras"]);
        let keys: Vec<_> = added.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["label", "prestage_url", "relay_address", "token", "trust"]);
        assert_eq!((&added["trust"], &added["label"]), (&json!("signed"), &json!("garden cameras")));
        assert!(added["relay_address"].as_str().is_some_and(|address| address.ends_with(&format!("@{DOMAIN}"))));
        assert_eq!(relay.enroll(&["add", "M.E+x@googlemail.com"])["error"], "already_enrolled");
        let shown = relay.enroll(&["show", "me@gmail.com"]);
        assert_eq!((&shown["relay_address"], &shown["mail_arrived_at"]), (&added["relay_address"], &json!(null)));
        let listed = relay.enroll(&["list"]);
        assert_eq!(listed["enrolments"].as_array().map(Vec::len), Some(1));
        let rotated = relay.enroll(&["rotate", "me@gmail.com"]);
        assert_eq!(rotated["relay_address"], added["relay_address"]);
        assert_ne!(rotated["token"], added["token"]);
        assert_ne!(relay.enroll(&["rotate", "me@gmail.com", "--address"])["relay_address"], added["relay_address"]);
        assert_eq!(relay.enroll(&["revoke", "me@gmail.com"]), json!({"revoked": true}));
        assert_eq!(relay.enroll(&["revoke", "me@gmail.com"])["error"], "not_enrolled");
        assert_eq!(relay.enroll(&["add", "me@"])["error"], "invalid_request");
        relay.kill();
    }
}

#[test]
fn a_mailbox_enrolled_while_the_relay_serves_can_log_in_at_once() {
    let relay = Relay::start();
    let first = relay.enrolled("me@gmail.com");
    let waiting = prestage(&first);
    let second = relay.enrolled("you@gmail.com");
    let url = prestage(&second);
    bring(&relay.smtp, &second.relay_address, &letter("222222"));
    bring(&relay.smtp, &first.relay_address, &letter("111111"));
    assert_eq!((code(&url), code(&waiting)), ("222222".to_owned(), "111111".to_owned()));
}

#[test]
fn rotating_and_revoking_count_at_once() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    let renewed = relay.enroll(&["rotate", "me@gmail.com"]);
    let body = json!({"email": "me@gmail.com"}).to_string();
    assert_eq!(post(&me.prestage_url, &[], body.as_bytes()).status, 403);
    prestage(&Enrolment { prestage_url: renewed["prestage_url"].as_str().expect("a URL").to_owned(), ..me.clone() });
    assert_eq!(end(&url), "superseded");
    relay.enroll(&["revoke", "me@gmail.com"]);
    let refused = Peer::greeted(&relay.smtp).ask("MAIL FROM:<>");
    assert!(refused.starts_with("250"));
    let mut peer = Peer::greeted(&relay.smtp);
    peer.ask("MAIL FROM:<>");
    assert!(peer.ask(&format!("RCPT TO:<{}>", me.relay_address)).starts_with("550"));
}

#[test]
fn a_revoked_request_says_so() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    bring(&relay.smtp, &me.relay_address, &letter("467266"));
    relay.enroll(&["revoke", "me@gmail.com"]);
    assert_eq!(end(&url), "revoked");
}

#[test]
fn people_are_told_in_words() {
    let relay = Relay::start();
    let (status, out, _) = told(&relay, &["add", "me@gmail.com", "--label", "garden cameras"]);
    assert_eq!(status, Some(0));
    for words in ["relay address", "prestage URL", "mfar_", "this once"] {
        assert!(out.contains(words), "{words} in {out}");
    }
    let (status, out, errors) = told(&relay, &["add", "me@gmail.com"]);
    assert_eq!((status, &*out), (Some(1), ""));
    assert!(errors.contains("Use rotate for a new token"), "{errors}");
    assert!(told(&relay, &["list"]).1.contains("garden cameras"));
    assert!(told(&relay, &["show", "me@gmail.com"]).1.contains("none yet"));
    assert!(told(&relay, &["revoke", "me@gmail.com"]).1.contains("Revoked"));
    assert_eq!(told(&relay, &["frobnicate"]).0, Some(2));
}

#[test]
fn only_the_owner_reaches_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let relay = Relay::start();
    for file in ["control.sock", "address.key", "relay.db", "relay.db-wal"] {
        let mode = std::fs::metadata(relay.data().join(file)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}
