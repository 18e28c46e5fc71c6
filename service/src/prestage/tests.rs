use super::*;
use crate::test_support::{MAILBOXES, Relay};
use relay::secret::Token;
use serde_json::json;

/// A call with a body and a token, and its answer's status and word.
fn denied(relay: &Relay, body: &str, token: Option<&str>) -> (u16, String) {
    let (reply, _) = relay.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
    let error = serde_json::from_str::<serde_json::Value>(&reply.body).ok();
    (reply.status, error.and_then(|body| Some(body.get("error")?.as_str()?.to_owned())).unwrap_or_default())
}

#[test]
fn the_answer_says_what_is_wrong_with_a_call() {
    let relay = Relay::new();
    let token = relay.issued(0, "token");
    let right = json!({"email": MAILBOXES[0]}).to_string();
    for (about, body, token, expected) in [
        ("no body", "", Some(token), (400, "invalid_request")),
        ("not JSON", "email=me@gmail.com", Some(token), (400, "invalid_request")),
        ("no object", "[]", Some(token), (400, "invalid_request")),
        ("a number for an address", r#"{"email": 1}"#, Some(token), (400, "invalid_request")),
        ("no address", r#"{"email": "me"}"#, Some(token), (400, "invalid_request")),
        (
            "an unknown provider",
            r#"{"email": "me@gmail.com", "provider": "ring"}"#,
            Some(token),
            (400, "invalid_request"),
        ),
        (
            "a number for a provider",
            r#"{"email": "me@gmail.com", "provider": 1}"#,
            Some(token),
            (400, "invalid_request"),
        ),
        ("no token", &right, None, (401, "token_missing")),
        ("an empty token", &right, Some(""), (401, "token_missing")),
        ("a text that is not a token", &right, Some("secret"), (403, "not_enrolled")),
        ("the other mailbox's token", &right, Some(relay.issued(1, "token")), (403, "not_enrolled")),
        ("an unknown mailbox", r#"{"email": "who@example.org"}"#, Some(token), (403, "not_enrolled")),
        ("too much", &format!("{right}{}", " ".repeat(5000)), Some(token), (413, "too_large")),
    ] {
        let (status, word) = denied(&relay, body, token);
        assert_eq!((status, word.as_str()), expected, "{about}");
    }
    assert!(relay.memory.stored().requests.is_empty());
}

#[test]
fn an_unknown_mailbox_and_a_wrong_token_are_told_alike_at_the_same_cost() {
    let relay = Relay::new();
    let answer = |email: &str, token: &str| {
        relay.memory.stored().calls.clear();
        let body = json!({"email": email}).to_string();
        let (reply, _) = relay.prestage(&Call { query_token: Some(token), body: body.as_bytes(), ..Call::default() });
        (reply, relay.memory.stored().calls.clone())
    };
    let wrong = answer(MAILBOXES[0], relay.issued(1, "token"));
    assert_eq!(answer("who@example.org", relay.issued(1, "token")), wrong);
    assert_eq!(answer(MAILBOXES[0], "not a token"), wrong);
}

#[test]
fn the_token_counts_from_header_and_query_and_the_header_goes_first() {
    let relay = Relay::new();
    let bearer = format!("bearer {}", relay.issued(0, "token"));
    let body = json!({"email": " ME@googlemail.com "}).to_string();
    let call = Call { authorization: Some(&bearer), body: body.as_bytes(), ..Call::default() };
    assert_eq!(relay.prestage(&call).0.status, 200);
    assert_eq!(relay.prestage(&Call { query_token: Some("wrong"), ..call }).0.status, 200);
    let basic = Call { authorization: Some("Basic eDp5"), query_token: Some(relay.issued(0, "token")), ..call };
    assert_eq!(relay.prestage(&basic).0.status, 200);
}

#[test]
fn a_client_that_asks_for_json_gets_it() {
    let relay = Relay::new();
    let body = json!({"email": MAILBOXES[0]}).to_string();
    let token = Some(relay.issued(0, "token"));
    let (plain, _) = relay.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
    assert!(plain.content_type.starts_with("text/plain") && plain.body.starts_with("https://"));
    let accept = Some("application/json, */*");
    let (json, _) = relay.prestage(&Call { query_token: token, accept, body: body.as_bytes(), ..Call::default() });
    let json: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(json["window_seconds"], 300);
    assert!(json["status_url"].as_str().is_some_and(|url| url.ends_with("seconds=600")), "the URL outlives the window");
    assert_eq!(json["expires_at"], seconds(relay.now() + jiff::SignedDuration::from_secs(300)));
}

#[test]
fn the_relay_address_names_its_mailbox_in_any_case() {
    let relay = Relay::new();
    let body = json!({"email": relay.issued(0, "relay_address").to_uppercase()}).to_string();
    let call =
        |mailbox| Call { query_token: Some(relay.issued(mailbox, "token")), body: body.as_bytes(), ..Call::default() };
    assert_eq!(relay.prestage(&call(0)).0.status, 200);
    assert_eq!(relay.prestage(&call(1)).0.status, 403);
}

#[test]
fn a_newer_request_supersedes_the_older_and_leaves_a_code_that_is_there() {
    let mut relay = Relay::new();
    let first = relay.open(0).expect("a request");
    relay.wait(5);
    let second = relay.open(0).expect("a request");
    assert_eq!((relay.status(&first), relay.status(&second)), ("superseded".to_owned(), "pending".to_owned()));
    relay.wait(5);
    relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
    let third = relay.open(0).expect("a request");
    assert_eq!((relay.status(&second), relay.status(&third)), ("467266".to_owned(), "pending".to_owned()));
}

/// A failure at each call in turn: the client is told to try again, and its next try finds a way.
#[test]
fn whatever_fails_the_client_is_told_to_try_again() {
    for broken in 0..5 {
        let mut relay = Relay::new();
        relay.memory.stored().fails_at = Some(broken);
        let body = json!({"email": MAILBOXES[0]}).to_string();
        let token = Some(relay.issued(0, "token"));
        let (reply, _) = relay.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
        assert_eq!((reply.status, reply.retry_after), (503, Some(2)), "call {broken}");
        relay.wait(2);
        let request = relay.open(0).expect("a request");
        relay.wait(1);
        relay.receive(&relay.mail("m", 0, "467266", 0)).expect("the store answers");
        assert_eq!(relay.status(&request), "467266", "after call {broken} failed");
    }
}

#[test]
fn a_request_that_should_have_ended_long_ago_is_ended_and_counted_once() {
    let mut relay = Relay::new();
    let first = relay.open(0).expect("a request");
    relay.enroll(&json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "recorder"}));
    relay.wait(421);
    let opened = |relay: &Relay| {
        let body = json!({"email": MAILBOXES[0]}).to_string();
        let token = Some(relay.issued(0, "token"));
        relay.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() }).1.metrics
    };
    assert_eq!(opened(&relay), [Metric::RequestsOpened, Metric::PendingPastEnd]);
    assert_eq!(relay.status(&first), "timed_out");
    assert_eq!(opened(&relay), [Metric::RequestsOpened], "and only once");
}

#[test]
fn requests_of_two_programs_and_of_two_providers_wait_side_by_side() {
    let relay = Relay::new();
    let added = relay.enroll(&json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "recorder"}));
    let first = relay.open(0).expect("a request");
    let second = relay.open_with(0, added["token"].as_str().expect("a token")).expect("a request");
    let body = json!({"email": MAILBOXES[0], "provider": "blink"}).to_string();
    let token = Some(relay.issued(0, "token"));
    relay.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
    assert_eq!((relay.status(&first), relay.status(&second)), ("pending".to_owned(), "pending".to_owned()));
}

/// Failures and the retry, each with a decision for the log.
#[test]
fn every_answer_has_its_decision() {
    let relay = Relay::new();
    let body = json!({"email": MAILBOXES[0]}).to_string();
    let call = Call { query_token: Some(relay.issued(0, "token")), body: body.as_bytes(), ..Call::default() };
    let decided = |call: &Call<'_>| {
        let (_, decision) = relay.prestage(call);
        (decision.outcome, decision.reason, decision.metrics)
    };
    assert_eq!(decided(&call), ("opened", None, vec![Metric::RequestsOpened]));
    assert_eq!(decided(&Call { query_token: None, ..call }), ("denied", Some("token_missing"), vec![]));
    relay.memory.stored().fails_at = Some(0);
    assert_eq!(decided(&call), ("unavailable", Some("enrolment"), vec![Metric::Unavailable]));
}

#[test]
fn the_enrolment_of_an_unknown_mailbox_is_read_from_text_and_opened_by_no_token() {
    let dummy = dummy_enrolment();
    assert_eq!(dummy, new_dummy());
    let text = serde_json::to_string(&dummy).expect("JSON");
    assert!(text.len() > 200, "as long as a stored one: {text}");
    assert_eq!(dummy.program_with(&Token::dummy()), None);
}
