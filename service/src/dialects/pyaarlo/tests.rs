use super::*;
use crate::decision::Metric;
use crate::memory::Memory;
use crate::test_support::{MAILBOXES, Relay, run};
use serde_json::{Value, json};

/// A call and its answer: the status code, the JSON, the `Location`, and the decision.
struct Answered {
    status: u16,
    body: Value,
    location: String,
    decision: Option<Decision>,
}

fn ask(relay: &Relay, call: &Call<'_>) -> Answered {
    let (reply, decision) = relay.pyaarlo(call);
    assert_eq!(reply.content_type, "application/json");
    let body = serde_json::from_str(&reply.body).expect("JSON");
    Answered { status: reply.status, body, location: reply.location.unwrap_or_default(), decision }
}

fn query(relay: &Relay) -> String {
    format!("email={}&token={}", MAILBOXES[0], relay.issued(0, "token"))
}

fn clear(relay: &Relay) -> Answered {
    ask(relay, &Call { path: "/pyaarlo/clear", query: &query(relay), authorization: None })
}

fn get(relay: &Relay) -> Answered {
    ask(relay, &Call { path: "/pyaarlo/get", query: &query(relay), authorization: None })
}

fn error(answered: &Answered) -> &str {
    assert_eq!((answered.status, &answered.body["meta"]["code"]), (200, &json!(400)));
    assert_eq!((&answered.body["data"]["code"], &answered.body["data"]["success"]), (&Value::Null, &json!(false)));
    answered.body["data"]["error"].as_str().expect("a text")
}

#[test]
fn clear_opens_a_request_and_get_finds_its_code() {
    let mut relay = Relay::new();
    assert_eq!(error(&get(&relay)), "No request is open. Call clear before the login.");
    let cleared = clear(&relay);
    assert_eq!(cleared.status, 200);
    assert_eq!(cleared.body, json!({"meta": {"code": 200}, "data": {"success": true, "email": MAILBOXES[0]}}));
    assert_eq!(cleared.decision.map(|decision| decision.metrics), Some(vec![Metric::RequestsOpened]));
    let waiting = get(&relay);
    assert_eq!(error(&waiting), "No code has arrived yet.");
    assert_eq!(waiting.decision, None, "a look that finds nothing is not logged");
    relay.wait(5);
    relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
    let found = get(&relay);
    let data = json!({"success": true, "email": MAILBOXES[0], "code": "467266", "timestamp": relay.now().as_second()});
    assert_eq!(found.body, json!({"meta": {"code": 200}, "data": data}));
    assert_eq!(found.decision, Some(Decision::new("pyaarlo", "code")));
}

#[test]
fn the_next_clear_hides_the_code_of_the_last_login() {
    let mut relay = Relay::new();
    clear(&relay);
    relay.wait(5);
    relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
    relay.wait(5);
    clear(&relay);
    assert_eq!(error(&get(&relay)), "No code has arrived yet.");
}

#[test]
fn a_program_sees_its_own_request_only() {
    let mut relay = Relay::new();
    let added = relay.enroll(&json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "recorder"}));
    clear(&relay);
    relay.wait(5);
    relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
    let other = format!("email={}&token={}", MAILBOXES[0], added["token"].as_str().expect("a token"));
    let answered = ask(&relay, &Call { path: "/pyaarlo/get", query: &other, authorization: None });
    assert_eq!(error(&answered), "No request is open. Call clear before the login.");
}

#[test]
fn a_code_is_shown_until_its_window_ends_and_an_end_says_why() {
    let mut relay = Relay::new();
    clear(&relay);
    relay.wait(5);
    relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
    relay.wait(294);
    assert_eq!(get(&relay).body["data"]["code"], "467266");
    relay.wait(1);
    assert_eq!(error(&get(&relay)), "The window has ended. Start the login again.", "though nothing has erased it yet");
    relay.end_windows().expect("the store answers");
    assert!(error(&get(&relay)).starts_with("The code was here and has been erased."));
    clear(&relay);
    relay.wait(300);
    assert_eq!(error(&get(&relay)), "The window has ended. Start the login again.");
    relay.end_windows().expect("the store answers");
    assert!(error(&get(&relay)).starts_with("No code arrived within 300 s."));
}

#[test]
fn a_refused_clear_redirects_to_what_is_no_url_of_the_web_and_a_refused_get_is_an_ordinary_answer() {
    let mut relay = Relay::new();
    relay.memory.stored().calls.clear();
    let token = relay.issued(0, "token").to_owned();
    for query in [
        String::new(),
        format!("email={}", MAILBOXES[0]),
        format!("email={}&token=secret", MAILBOXES[0]),
        format!("email={}&token={token}", MAILBOXES[1]),
        format!("email=nobody&token={token}"),
    ] {
        let refused = ask(&relay, &Call { path: "/pyaarlo/clear", query: &query, authorization: None });
        assert_eq!(refused.status, 302, "{query}");
        assert_eq!(refused.decision.map(|decision| decision.outcome), Some("denied"));
        let (scheme, message) = refused.location.split_once(':').expect("a URL");
        assert_eq!(scheme, "mfa-relay");
        assert!(message.contains("tfa_password-to-the-token") && !message.contains([' ', '/', '#']), "{message}");
        let looked = ask(&relay, &Call { path: "/pyaarlo/get", query: &query, authorization: None });
        assert!(error(&looked).contains("tfa_password to the token"), "{query}");
    }
    assert!(relay.memory.stored().requests.is_empty());
    relay.wait(1);
}

#[test]
fn whatever_fails_clear_ends_the_login_and_get_is_asked_again() {
    for broken in 0..5 {
        let relay = Relay::new();
        relay.memory.stored().fails_at = Some(broken);
        let refused = clear(&relay);
        assert_eq!(refused.status, 302, "call {broken}");
        assert!(refused.location.contains("Try-the-login-again"), "{}", refused.location);
        assert_eq!(clear(&relay).status, 200);
    }
    for broken in 0..3 {
        let mut relay = Relay::new();
        clear(&relay);
        relay.wait(5);
        relay.receive(&relay.mail("m", 0, "467266", 1)).expect("the store answers");
        relay.memory.stored().fails_at = Some(broken);
        assert!(error(&get(&relay)).contains("Try the login again"), "call {broken}");
        assert_eq!(get(&relay).body["data"]["code"], "467266");
    }
}

#[test]
fn an_answer_that_takes_too_long_is_given_up_before_the_client_does() {
    let answered = run(async {
        let started = tokio::time::Instant::now();
        let answered = within_timeout(std::future::pending::<Result<Look, Error>>()).await;
        assert!(started.elapsed() < Duration::from_secs(10));
        answered
    });
    assert!(matches!(answered, Err(Error::Unavailable(_))));
}

#[test]
fn an_unknown_mailbox_and_a_wrong_token_are_told_alike_at_the_same_cost() {
    let relay = Relay::new();
    let answer = |email: &str, token: &str| {
        relay.memory.stored().calls.clear();
        let query = format!("email={email}&token={token}");
        let answered = ask(&relay, &Call { path: "/pyaarlo/get", query: &query, authorization: None });
        (answered.body, calls(&relay.memory))
    };
    let wrong = answer(MAILBOXES[0], relay.issued(1, "token"));
    assert_eq!(answer("who@example.org", relay.issued(1, "token")), wrong);
}

fn calls(memory: &Memory) -> Vec<&'static str> {
    memory.stored().calls.clone()
}
