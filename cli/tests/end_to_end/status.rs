//! The contract of status (DESIGN section 3.2).

use crate::{start_relay, start_relay_with};
use serde_json::json;
use test_support::{
    SmtpClient, code, code_mail, deliver, end_reason, eventually, get, mail_from, poll, prestage, stored_bytes,
};

#[test]
fn a_request_is_pending_until_its_code_arrives() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let pending = poll(&url);
    assert_eq!(pending, json!({"status": "pending", "expires_at": pending["expires_at"]}));
    assert!(deliver(&relay.smtp, &me.relay_address, &code_mail("467266")).starts_with("250"));
    let complete = poll(&url);
    let (received_at, expires_at) = (&complete["received_at"], &pending["expires_at"]);
    assert_eq!(
        complete,
        json!({"status": "complete", "code": "467266", "provider": "arlo", "received_at": received_at, "expires_at": expires_at})
    );
    assert!(received_at.as_str().is_some_and(|at| at.len() == "2026-11-21T20:01:12Z".len()));
}

#[test]
fn a_status_is_json_and_not_cached() {
    let relay = start_relay_with(&["--resolver", "none", "--window", "1"]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let headers = || {
        let answer = get(&url);
        (answer.header("content-type").to_owned(), answer.header("cache-control").to_owned())
    };
    let expected = ("application/json".to_owned(), "no-store".to_owned());
    assert_eq!(headers(), expected);
    end_reason(&url);
    assert_eq!(headers(), expected);
}

#[test]
fn a_status_url_cannot_be_guessed() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let (_, id) = url.rsplit_once('/').expect("an id");
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for other in
        ["0".repeat(32), id.to_uppercase(), format!("{id}0"), String::from("../prestage"), String::from("%2e%2e")]
    {
        let answer = get(&relay.url(&format!("/status/{other}")));
        assert!([404, 410].contains(&answer.status) || other == id, "{other}: {}", answer.status);
    }
}

#[test]
fn a_request_times_out_and_names_the_refusals() {
    let relay = start_relay_with(&["--resolver", "none", "--window", "2"]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    assert!(deliver(&relay.smtp, &me.relay_address, &code_mail("none")).starts_with("250"));
    assert!(deliver(&relay.smtp, &me.relay_address, &mail_from("x@evil.example", "467266")).starts_with("250"));
    assert_eq!(end_reason(&url), "timed_out");
    let message = poll(&url)["message"].as_str().expect("a message").to_owned();
    assert!(message.contains("2 mails were refused") && message.contains("not_from_provider (1)"), "{message}");
}

#[test]
fn a_code_is_erased_at_the_end_of_the_window() {
    let relay = start_relay_with(&["--resolver", "none", "--window", "2"]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert_eq!(code(&url), "467266");
    let is_stored = || stored_bytes(relay.data()).windows(6).any(|window| window == b"467266");
    assert!(is_stored());
    assert_eq!(end_reason(&url), "expired");
    assert!(!get(&url).body.contains("467266"));
    assert!(eventually(|| !is_stored()), "it remains in no file");
}

#[test]
fn a_code_is_erased_when_the_relay_is_stopped() {
    for signals in [&["TERM"][..], &["TERM", "TERM"]] {
        let mut relay = start_relay();
        let me = relay.add_mailbox("me@gmail.com");
        let url = prestage(&me);
        deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
        assert_eq!(code(&url), "467266");
        // A mail in progress delays the end, so that the second signal comes before it.
        let mut busy = SmtpClient::connect_and_greet(&relay.smtp);
        busy.send_without_final_dot("me@gmail.com", &me.relay_address, &code_mail("none"));
        for signal in signals {
            relay.signal(signal);
        }
        if signals.len() == 1 {
            assert!(busy.command(".").starts_with("250"));
        }
        assert_eq!(relay.exit_code(), Some(0));
        assert!(!stored_bytes(relay.data()).windows(6).any(|window| window == b"467266"), "it remains in no file");
        relay.restart();
        assert_eq!(end_reason(&url), "expired");
    }
}

#[test]
fn no_address_token_or_mail_is_stored_or_logged() {
    let mut relay = start_relay();
    let me = relay.add_mailbox("garden.gate@gmail.com");
    prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &code_mail("none"));
    assert_eq!(relay.stop(), Some(0));
    let stored = stored_bytes(relay.data());
    for secret in ["garden", "gmail.com", &me.token, "one-time authentication"] {
        assert!(!stored.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let log = relay.log().split_off(9).join("\n");
    for secret in ["garden", "gmail.com", &me.token, "arlo+", "http://", "467266"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
