use super::*;
use crate::household::{Household, MAILBOXES};
use serde_json::json;

/// A call with a body and a token, and its answer's status and word.
fn denied(household: &Household, body: &str, token: Option<&str>) -> (u16, String) {
    let reply = household.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
    let error = serde_json::from_str::<serde_json::Value>(&reply.body).ok();
    (reply.status, error.and_then(|body| Some(body.get("error")?.as_str()?.to_owned())).unwrap_or_default())
}

#[test]
fn what_is_wrong_with_a_call_is_said() {
    let household = Household::new();
    let token = household.issued(0, "token");
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
        ("a token that is none", &right, Some("secret"), (403, "not_enrolled")),
        ("the other mailbox's token", &right, Some(household.issued(1, "token")), (403, "not_enrolled")),
        ("an unknown mailbox", r#"{"email": "who@example.org"}"#, Some(token), (403, "not_enrolled")),
        ("too much", &format!("{right}{}", " ".repeat(5000)), Some(token), (413, "too_large")),
    ] {
        let (status, word) = denied(&household, body, token);
        assert_eq!((status, word.as_str()), expected, "{about}");
    }
    assert!(household.memory.stored().requests.is_empty());
}

#[test]
fn an_unknown_mailbox_and_a_wrong_token_are_told_alike_at_the_same_cost() {
    let household = Household::new();
    let answer = |email: &str, token: &str| {
        household.memory.stored().calls.clear();
        let body = json!({"email": email}).to_string();
        let reply = household.prestage(&Call { query_token: Some(token), body: body.as_bytes(), ..Call::default() });
        (reply, household.memory.stored().calls.clone())
    };
    let wrong = answer(MAILBOXES[0], household.issued(1, "token"));
    assert_eq!(answer("who@example.org", household.issued(1, "token")), wrong);
    assert_eq!(answer(MAILBOXES[0], "not a token"), wrong);
}

#[test]
fn the_token_counts_from_header_and_query_and_the_header_goes_first() {
    let household = Household::new();
    let bearer = format!("bearer {}", household.issued(0, "token"));
    let body = json!({"email": " ME@googlemail.com "}).to_string();
    let call = Call { authorization: Some(&bearer), body: body.as_bytes(), ..Call::default() };
    assert_eq!(household.prestage(&call).status, 200);
    assert_eq!(household.prestage(&Call { query_token: Some("wrong"), ..call }).status, 200);
    let basic = Call { authorization: Some("Basic eDp5"), query_token: Some(household.issued(0, "token")), ..call };
    assert_eq!(household.prestage(&basic).status, 200);
}

#[test]
fn a_client_that_asks_for_json_gets_it() {
    let household = Household::new();
    let body = json!({"email": MAILBOXES[0]}).to_string();
    let token = Some(household.issued(0, "token"));
    let plain = household.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
    assert!(plain.content_type.starts_with("text/plain") && plain.body.starts_with("https://"));
    let accept = Some("application/json, */*");
    let json = household.prestage(&Call { query_token: token, accept, body: body.as_bytes(), ..Call::default() });
    let json: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(json["window_seconds"], 300);
    assert!(json["status_url"].as_str().is_some_and(|url| url.ends_with("seconds=600")), "the URL outlives the window");
    assert_eq!(json["expires_at"], seconds(household.now() + jiff::SignedDuration::from_secs(300)));
}

#[test]
fn the_relay_address_names_its_mailbox_in_any_case() {
    let household = Household::new();
    let body = json!({"email": household.issued(0, "relay_address").to_uppercase()}).to_string();
    let call = |mailbox| Call {
        query_token: Some(household.issued(mailbox, "token")),
        body: body.as_bytes(),
        ..Call::default()
    };
    assert_eq!(household.prestage(&call(0)).status, 200);
    assert_eq!(household.prestage(&call(1)).status, 403);
}

#[test]
fn a_newer_request_supersedes_the_older_and_leaves_a_code_that_is_there() {
    let mut household = Household::new();
    let first = household.open(0).expect("a request");
    household.wait(5);
    let second = household.open(0).expect("a request");
    assert_eq!((household.status(&first), household.status(&second)), ("superseded".to_owned(), "pending".to_owned()));
    household.wait(5);
    household.receive(&household.mail("m", 0, "467266", 1)).expect("the store answers");
    let third = household.open(0).expect("a request");
    assert_eq!((household.status(&second), household.status(&third)), ("467266".to_owned(), "pending".to_owned()));
}

/// A failure at each call in turn: the client is told to try again, and its next try finds a way.
#[test]
fn whatever_fails_the_client_is_told_to_try_again() {
    for broken in 0..5 {
        let mut household = Household::new();
        household.memory.stored().fails_at = Some(broken);
        let body = json!({"email": MAILBOXES[0]}).to_string();
        let token = Some(household.issued(0, "token"));
        let reply = household.prestage(&Call { query_token: token, body: body.as_bytes(), ..Call::default() });
        assert_eq!((reply.status, reply.retry_after), (503, Some(2)), "call {broken}");
        household.wait(2);
        let request = household.open(0).expect("a request");
        household.wait(1);
        household.receive(&household.mail("m", 0, "467266", 0)).expect("the store answers");
        assert_eq!(household.status(&request), "467266", "after call {broken} failed");
    }
}

#[test]
fn a_request_that_replaces_one_long_past_its_end_says_so() {
    let mut household = Household::new();
    for (about, wait, expected) in [
        ("the first", 0, false),
        ("in the last one's window", 10, false),
        ("a little late", 420, false),
        ("overdue", 421, true),
    ] {
        household.wait(wait);
        let (_, outcome) = household.ask(0);
        assert!(matches!(outcome, Outcome::Opened { for_overdue } if for_overdue == expected), "{about}: {outcome:?}");
    }
    household.wait(421);
    household.end_windows().expect("the store answers");
    let (_, outcome) = household.ask(0);
    assert!(matches!(outcome, Outcome::Opened { for_overdue: false }), "it has ended: {outcome:?}");
}
