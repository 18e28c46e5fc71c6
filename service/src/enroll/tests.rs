use crate::test_support::{MAILBOXES, Relay, run};
use jiff::SignedDuration;
use relay::arrivals::PendingConfirmation;
use relay::enrolment::Trust;
use relay::id::RequestId;
use relay::provider::Provider;
use relay::request::Request;
use serde_json::{Value, json};

fn word(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or("done")
}

#[test]
fn add_answers_with_all_that_is_to_be_pasted() {
    let relay = Relay::new();
    let issued = &relay.enrolled[0];
    let token = relay.issued(0, "token");
    assert!(token.starts_with("mfar_"));
    assert_eq!(issued["prestage_url"], format!("https://api.example/prestage?token={token}"));
    assert!(relay.issued(0, "relay_address").starts_with("arlo+"));
    assert_eq!(issued["trust"], "forwarded");
    let again = relay.enroll(&json!({"action": "add", "mailbox": "M.E@googlemail.com"}));
    assert_eq!(word(&again), "already_enrolled");
    assert_eq!(relay.memory.stored().tagged.len(), MAILBOXES.len(), "no tag is left over");
}

#[test]
fn the_answer_says_what_is_wrong_with_a_request() {
    let relay = Relay::new();
    for (event, expected) in [
        (json!({}), "invalid_request"),
        (json!("add"), "invalid_request"),
        (json!({"action": "drop"}), "invalid_request"),
        (json!({"action": "add"}), "invalid_request"),
        (json!({"action": "add", "mailbox": "me"}), "invalid_request"),
        (json!({"action": "add", "mailbox": ["me@gmail.com"]}), "invalid_request"),
        (json!({"action": "add", "mailbox": relay.issued(0, "relay_address")}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "trust": "blind"}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "label": "x".repeat(65)}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "label": "a\nb"}), "invalid_request"),
        (json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": "yes"}), "invalid_request"),
        (json!({"action": "token", "mailbox": MAILBOXES[0]}), "invalid_request"),
        (json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0]}), "invalid_request"),
        (json!({"action": "token", "do": "drop", "mailbox": MAILBOXES[0], "label": "recorder"}), "invalid_request"),
        (json!({"action": "token", "do": "list", "mailbox": "new@example.org"}), "not_enrolled"),
        (json!({"action": "token", "do": "revoke", "mailbox": MAILBOXES[0], "label": "nobody"}), "no_such_program"),
        (json!({"action": "token", "do": "revoke", "mailbox": MAILBOXES[0], "label": "default"}), "last_program"),
        (json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "default"}), "label_taken"),
        (json!({"action": "rotate", "mailbox": "new@example.org"}), "not_enrolled"),
        (json!({"action": "revoke", "mailbox": "new@example.org"}), "not_enrolled"),
        (json!({"action": "show", "mailbox": "new@example.org"}), "not_enrolled"),
    ] {
        assert_eq!(word(&relay.enroll(&event)), expected, "{event}");
    }
}

#[test]
fn rotate_stops_the_old_token_at_once_and_keeps_the_address_unless_asked() {
    let mut relay = Relay::new();
    let (token, address) = (relay.issued(0, "token").to_owned(), relay.issued(0, "relay_address").to_owned());
    let renewed = relay.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "trust": "signed"}));
    assert_ne!(renewed["token"], token);
    assert_eq!((&renewed["relay_address"], &renewed["trust"]), (&json!(address), &json!("signed")));
    assert!(relay.open(0).is_none(), "the old token opens nothing");
    relay.enrolled[0] = renewed;
    assert!(relay.open(0).is_some());

    let moved = relay.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": true}));
    assert_ne!(moved["relay_address"], address);
    assert_eq!(moved["trust"], "signed");
    assert_eq!(relay.memory.stored().tagged.len(), MAILBOXES.len(), "the old tag is gone");
}

#[test]
fn revoke_ends_the_open_request_and_removes_every_trace() {
    let relay = Relay::new();
    let request = relay.open(0).expect("a request");
    assert_eq!(relay.enroll(&json!({"action": "revoke", "mailbox": MAILBOXES[0]})), json!({"revoked": true}));
    assert_eq!(relay.status(&request), "revoked");
    assert!(relay.open(0).is_none());
    assert!(relay.open(1).is_some(), "the other mailbox is not touched");
    assert_eq!(word(&relay.enroll(&json!({"action": "add", "mailbox": MAILBOXES[0]}))), "done");
}

#[test]
fn a_request_that_opens_during_the_revocation_ends_with_it() {
    let relay = Relay::new();
    let first = relay.open(0).expect("a request");
    relay.memory.stored().before_publish = Some(|stored| {
        let arlo = Provider::named("arlo").expect("a provider");
        for requests in stored.requests.values_mut() {
            let open = requests.iter().next().expect("the first request").clone();
            let id = RequestId::from_random([9; 16]);
            *requests = requests.opened(Request::open(id, open.program, arlo, open.opened_at, 300));
        }
    });
    assert_eq!(relay.enroll(&json!({"action": "revoke", "mailbox": MAILBOXES[0]})), json!({"revoked": true}));
    assert_eq!(relay.status(&first), "revoked");
    assert_eq!(relay.status(&RequestId::from_random([9; 16])), "revoked");
}

/// A failure at each call in turn, and then the owner's second try.
#[test]
fn whatever_fails_the_owners_second_try_ends_it() {
    for (event, calls) in [
        (json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": true}), 5),
        (json!({"action": "revoke", "mailbox": MAILBOXES[0]}), 7),
    ] {
        for broken in 0..calls {
            let relay = Relay::new();
            let request = relay.open(0).expect("a request");
            relay.memory.stored().fails_at = Some(broken);
            assert!(run(relay.try_enroll(&event)).is_err(), "{event}: call {broken} was to fail");
            let second = relay.enroll(&event);
            assert_eq!(word(&second), "done", "{event}: after call {broken} failed");
            if event["action"] == "revoke" {
                assert_eq!(relay.status(&request), "revoked", "after call {broken} failed");
            }
        }
    }
}

#[test]
fn list_shows_what_is_known_of_each_and_no_address() {
    let relay = Relay::new();
    relay.enroll(&json!({"action": "add", "mailbox": "new@example.org", "label": "garden cameras"}));
    relay.receive(&relay.mail("m", 0, "467266", 0)).expect("the store answers");
    let list = relay.enroll(&json!({"action": "list"}));
    let rows = list["enrolments"].as_array().expect("rows");
    assert_eq!(rows.len(), 3);
    let refusals: Vec<_> = rows.iter().filter_map(|row| row["last_refusal"].as_str()).collect();
    assert_eq!(refusals, ["outside_window"], "one mail came, to one mailbox");
    assert!(rows.iter().all(|row| row["mail_arrived_at"].is_null() == row["last_refusal"].is_null()));
    assert!(rows.iter().all(|row| row.get("gmail_confirmation").is_some_and(Value::is_null)));
    let text = list.to_string();
    assert!(text.contains("garden cameras") && !text.contains('@') && !text.contains("mfar_"), "{text}");
}

#[test]
fn show_tells_what_has_arrived_and_shows_gmails_link_for_a_day() {
    let mut relay = Relay::new();
    let shown = relay.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!((&shown["mail_arrived_at"], &shown["gmail_confirmation"]), (&Value::Null, &Value::Null));
    assert!(shown.get("token").is_none(), "the token is shown once, by add");

    relay.receive(&relay.mail("m", 0, "467266", 0)).expect("the store answers");
    let tag = relay
        .memory
        .stored()
        .tagged
        .iter()
        .find(|(tag, _)| relay.issued(0, "relay_address").contains(tag.reveal()))
        .map(|(tag, _)| tag.clone())
        .expect("the tag");
    let until = relay.now() + SignedDuration::from_hours(24);
    let confirmation = PendingConfirmation { link: "https://mail.google.com/mail/vf-x".to_owned(), code: None, until };
    relay.memory.stored().arrivals.entry(tag).or_default().confirmation = Some(confirmation);
    let shown = relay.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["last_refusal"], "outside_window");
    assert_eq!(shown["gmail_confirmation"]["link"], "https://mail.google.com/mail/vf-x");

    relay.wait(Relay::minutes(24 * 60));
    let shown = relay.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["gmail_confirmation"], Value::Null);
}

/// A relay whose first mailbox has a second program, "recorder", and that program's token.
fn with_a_recorder() -> (Relay, String) {
    let relay = Relay::new();
    let added = relay.enroll(&json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "recorder"}));
    assert_eq!(added["relay_address"], relay.enrolled[0]["relay_address"], "the mailbox forwards where it did");
    let token = added["token"].as_str().expect("a token").to_owned();
    (relay, token)
}

#[test]
fn each_program_has_a_token_and_revoking_one_ends_its_own_request_only() {
    let (relay, recorder) = with_a_recorder();
    let first = relay.open(0).expect("a request");
    let second = relay.open_with(0, &recorder).expect("a request");
    let revoke = json!({"action": "token", "do": "revoke", "mailbox": MAILBOXES[0], "label": "recorder"});
    assert_eq!(relay.enroll(&revoke), json!({"revoked": true}));
    assert_eq!((relay.status(&first).as_str(), relay.status(&second).as_str()), ("pending", "revoked"));
    assert!(relay.open_with(0, &recorder).is_none(), "its token opens nothing any more");
    assert!(relay.open(0).is_some(), "the other program's does");
    assert_eq!(word(&relay.enroll(&revoke)), "no_such_program");
}

/// A failure at each call in turn, and then the owner's second try.
#[test]
fn whatever_fails_a_program_is_revoked_by_the_second_try() {
    let revoke = json!({"action": "token", "do": "revoke", "mailbox": MAILBOXES[0], "label": "recorder"});
    for broken in 0..6 {
        let (relay, recorder) = with_a_recorder();
        let request = relay.open_with(0, &recorder).expect("a request");
        relay.memory.stored().fails_at = Some(broken);
        assert!(run(relay.try_enroll(&revoke)).is_err(), "call {broken} was to fail");
        let second = relay.enroll(&revoke);
        assert!(["done", "no_such_program"].contains(&word(&second)), "after call {broken} failed: {second}");
        assert_eq!(relay.status(&request), "revoked", "after call {broken} failed");
        assert!(relay.open_with(0, &recorder).is_none(), "after call {broken} failed");
    }
}

#[test]
fn rotate_needs_a_label_if_there_are_several_programs() {
    let (relay, recorder) = with_a_recorder();
    let rotate = |label: &str| relay.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "label": label}));
    let refused = rotate("");
    assert_eq!(word(&refused), "label_missing");
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("default, recorder")), "{refused}");
    let renewed = rotate("recorder");
    assert_eq!(renewed["label"], "recorder");
    assert!(relay.open_with(0, &recorder).is_none(), "the old token stops");
    assert!(relay.open_with(0, renewed["token"].as_str().expect("a token")).is_some());
    assert!(relay.open(0).is_some(), "the other program's token stays");
}

#[test]
fn programs_are_listed_with_label_and_last_use_and_never_with_a_secret() {
    let (mut relay, recorder) = with_a_recorder();
    relay.wait(60);
    relay.open_with(0, &recorder);
    let expected = json!([
        {"label": "default", "created_at": "2026-11-21T20:00:00Z", "rotated_at": null, "last_used_at": null},
        {"label": "recorder", "created_at": "2026-11-21T20:00:00Z", "rotated_at": null, "last_used_at": "2026-11-21T20:01:00Z"},
    ]);
    for event in [
        json!({"action": "token", "do": "list", "mailbox": MAILBOXES[0]}),
        json!({"action": "show", "mailbox": MAILBOXES[0]}),
    ] {
        let shown = relay.enroll(&event);
        assert_eq!(shown["programs"], expected, "{event}");
        assert!(!shown.to_string().contains("mfar_"), "{event}");
    }
    let list = relay.enroll(&json!({"action": "list"}));
    let programs = |row: &Value| row["programs"] == expected;
    assert!(list["enrolments"].as_array().is_some_and(|rows| rows.iter().any(programs)), "{list}");
}

#[test]
fn a_mailbox_has_at_most_sixteen_programs() {
    let relay = Relay::new();
    let add = |number: usize| {
        relay.enroll(&json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": format!("p{number}")}))
    };
    for number in 1..16 {
        assert_eq!(word(&add(number)), "done", "{number}");
    }
    assert_eq!(word(&add(16)), "too_many_programs");
}

#[test]
fn show_says_what_the_trust_is_worth() {
    let relay = Relay::new();
    for trust in Trust::ALL {
        relay.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "trust": trust}));
        let shown = relay.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
        assert_eq!((&shown["trust"], &shown["trust_means"]), (&json!(trust), &json!(trust.meaning())));
    }
}

#[test]
fn show_says_what_to_do_about_a_refusal() {
    let relay = Relay::new();
    relay.receive(&relay.mail("m", 0, "467266", 0)).expect("the store answers");
    let shown = relay.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["advice"], relay::refusal::Refusal::OutsideWindow.advice());
}
