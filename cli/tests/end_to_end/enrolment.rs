//! `mfa-relay enroll`, with and without a running relay.

use crate::start_relay;
use serde_json::json;
use test_support::{
    DOMAIN, Enrolment, Relay, SmtpClient, code, code_mail, deliver, end_reason, post, prestage, stored_bytes,
};

fn enroll(relay: &Relay, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = relay.command(&[&["enroll"], arguments].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_answers_are_the_same_as_the_aws_function_s() {
    let mut relay = start_relay();
    // Once with a running relay, once without.
    for _ in 0..2 {
        let added = relay.enroll(&["add", "me@gmail.com", "--trust", "signed", "--label", "garden cameras"]);
        let keys: Vec<_> = added.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["label", "prestage_url", "relay_address", "senders", "token", "trust"]);
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
fn a_mailbox_enrolled_at_a_running_relay_can_log_in_at_once() {
    let relay = start_relay();
    let first = relay.add_mailbox("me@gmail.com");
    let first_url = prestage(&first);
    let second = relay.add_mailbox("you@gmail.com");
    let second_url = prestage(&second);
    deliver(&relay.smtp, &second.relay_address, &code_mail("222222"));
    deliver(&relay.smtp, &first.relay_address, &code_mail("111111"));
    assert_eq!((code(&second_url), code(&first_url)), ("222222".to_owned(), "111111".to_owned()));
}

#[test]
fn rotating_and_revoking_take_effect_at_once() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let rotated = relay.enroll(&["rotate", "me@gmail.com"]);
    let body = json!({"email": "me@gmail.com"}).to_string();
    assert_eq!(post(&me.prestage_url, &[], body.as_bytes()).status, 403);
    prestage(&Enrolment { prestage_url: rotated["prestage_url"].as_str().expect("a URL").to_owned(), ..me.clone() });
    assert_eq!(end_reason(&url), "superseded");
    relay.enroll(&["revoke", "me@gmail.com"]);
    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    peer.command("MAIL FROM:<>");
    assert!(peer.command(&format!("RCPT TO:<{}>", me.relay_address)).starts_with("550"));
}

#[test]
fn a_revoked_enrolment_ends_its_request() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    let tag = me.relay_address.split(['+', '@']).nth(1).expect("a tag");
    let is_stored = || stored_bytes(relay.data()).windows(tag.len()).any(|window| window == tag.as_bytes());
    assert!(is_stored());
    relay.enroll(&["revoke", "me@gmail.com"]);
    assert!(!is_stored(), "the tag remains in no file");
    assert_eq!(end_reason(&url), "revoked");
}

#[test]
fn without_json_the_answers_are_text() {
    let relay = start_relay();
    let (status, out, _) = enroll(&relay, &["add", "me@gmail.com", "--label", "garden cameras"]);
    assert_eq!(status, Some(0));
    for text in ["relay address", "prestage URL", "mfar_", "this once"] {
        assert!(out.contains(text), "{text} in {out}");
    }
    let (status, out, errors) = enroll(&relay, &["add", "me@gmail.com"]);
    assert_eq!((status, &*out), (Some(1), ""));
    assert!(errors.contains("rotate for a new token"), "{errors}");
    assert!(enroll(&relay, &["list"]).1.contains("garden cameras"));
    assert!(enroll(&relay, &["show", "me@gmail.com"]).1.contains("none yet"));
    assert!(enroll(&relay, &["revoke", "me@gmail.com"]).1.contains("Revoked"));
    assert_eq!(enroll(&relay, &["unknown"]).0, Some(2));
}

#[test]
fn only_the_owner_can_open_the_files_of_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let relay = start_relay();
    for file in ["control.sock", "address.key", "relay.db", "relay.db-wal"] {
        let mode = std::fs::metadata(relay.data().join(file)).expect("it exists").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}
