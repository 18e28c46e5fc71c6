//! The contract of status (DESIGN section 3.2).

use crate::client::{code, end, get, poll, prestage};
use crate::letter::{from, letter};
use crate::peer::bring;
use crate::relay::{Relay, eventually, stored_bytes};
use serde_json::json;

#[test]
fn a_request_is_pending_until_its_code_is_there() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    let pending = poll(&url);
    assert_eq!(pending, json!({"status": "pending", "expires_at": pending["expires_at"]}));
    assert!(bring(&relay.smtp, &me.relay_address, &letter("467266")).starts_with("250"));
    let complete = poll(&url);
    let (received_at, expires_at) = (&complete["received_at"], &pending["expires_at"]);
    assert_eq!(
        complete,
        json!({"status": "complete", "code": "467266", "provider": "arlo", "received_at": received_at, "expires_at": expires_at})
    );
    assert!(received_at.as_str().is_some_and(|at| at.len() == "2026-11-21T20:01:12Z".len()));
}

#[test]
fn the_answer_is_json_that_nobody_keeps() {
    let relay = Relay::with(&["--resolver", "none", "--window", "1"]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    let kinds = || {
        let answer = get(&url);
        (answer.header("content-type").to_owned(), answer.header("cache-control").to_owned())
    };
    let expected = ("application/json".to_owned(), "no-store".to_owned());
    assert_eq!(kinds(), expected);
    end(&url);
    assert_eq!(kinds(), expected);
}

#[test]
fn a_status_url_cannot_be_guessed() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    let (_, name) = url.rsplit_once('/').expect("a name");
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for other in
        ["0".repeat(32), name.to_uppercase(), format!("{name}0"), String::from("../prestage"), String::from("%2e%2e")]
    {
        let answer = get(&relay.url(&format!("/status/{other}")));
        assert!([404, 410].contains(&answer.status) || other == name, "{other}: {}", answer.status);
    }
}

#[test]
fn a_request_ends_by_itself_and_says_what_was_refused() {
    let relay = Relay::with(&["--resolver", "none", "--window", "2"]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    assert!(bring(&relay.smtp, &me.relay_address, &letter("none")).starts_with("250"));
    assert!(bring(&relay.smtp, &me.relay_address, &from("x@evil.example", "467266")).starts_with("250"));
    assert_eq!(end(&url), "timed_out");
    let message = poll(&url)["message"].as_str().expect("a sentence").to_owned();
    assert!(message.contains("2 mails were refused") && message.contains("not_from_provider (1)"), "{message}");
}

#[test]
fn a_code_is_erased_at_the_end_of_the_window() {
    let relay = Relay::with(&["--resolver", "none", "--window", "2"]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    bring(&relay.smtp, &me.relay_address, &letter("467266"));
    assert_eq!(code(&url), "467266");
    let is_stored = || stored_bytes(relay.data()).windows(6).any(|window| window == b"467266");
    assert!(is_stored());
    assert_eq!(end(&url), "expired");
    assert!(!get(&url).body.contains("467266"));
    assert!(eventually(|| !is_stored()), "not even in what the store leaves behind");
}

#[test]
fn nothing_that_is_stored_tells_who_logs_in_or_what_was_in_a_mail() {
    let mut relay = Relay::start();
    let me = relay.enrolled("garden.gate@gmail.com");
    prestage(&me);
    bring(&relay.smtp, &me.relay_address, &letter("none"));
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
