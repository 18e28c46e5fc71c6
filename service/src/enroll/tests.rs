use crate::household::{Household, MAILBOXES, run};
use jiff::SignedDuration;
use relay::enrolment::KeptConfirmation;
use serde_json::{Value, json};

fn word(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or("done")
}

#[test]
fn add_answers_with_all_that_is_to_be_pasted() {
    let household = Household::new();
    let issued = &household.enrolled[0];
    let token = household.issued(0, "token");
    assert!(token.starts_with("mfar_"));
    assert_eq!(issued["prestage_url"], format!("https://api.example/prestage?token={token}"));
    assert!(household.issued(0, "relay_address").starts_with("arlo+"));
    assert_eq!(issued["trust"], "forwarded");
    let again = household.enroll(&json!({"action": "add", "mailbox": "M.E@googlemail.com"}));
    assert_eq!(word(&again), "already_enrolled");
    assert_eq!(household.memory.stored().holders.len(), MAILBOXES.len(), "no tag is left over");
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    let household = Household::new();
    for (event, expected) in [
        (json!({}), "invalid_request"),
        (json!("add"), "invalid_request"),
        (json!({"action": "drop"}), "invalid_request"),
        (json!({"action": "add"}), "invalid_request"),
        (json!({"action": "add", "mailbox": "me"}), "invalid_request"),
        (json!({"action": "add", "mailbox": ["me@gmail.com"]}), "invalid_request"),
        (json!({"action": "add", "mailbox": household.issued(0, "relay_address")}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "trust": "blind"}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "label": "x".repeat(65)}), "invalid_request"),
        (json!({"action": "add", "mailbox": "new@example.org", "label": "a\nb"}), "invalid_request"),
        (json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": "yes"}), "invalid_request"),
        (json!({"action": "rotate", "mailbox": "new@example.org"}), "not_enrolled"),
        (json!({"action": "revoke", "mailbox": "new@example.org"}), "not_enrolled"),
        (json!({"action": "show", "mailbox": "new@example.org"}), "not_enrolled"),
    ] {
        assert_eq!(word(&household.enroll(&event)), expected, "{event}");
    }
}

#[test]
fn rotate_stops_the_old_token_at_once_and_keeps_the_address_unless_asked() {
    let mut household = Household::new();
    let (token, address) = (household.issued(0, "token").to_owned(), household.issued(0, "relay_address").to_owned());
    let renewed = household.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "trust": "signed"}));
    assert_ne!(renewed["token"], token);
    assert_eq!((&renewed["relay_address"], &renewed["trust"]), (&json!(address), &json!("signed")));
    assert!(household.open(0).is_none(), "the old token opens nothing");
    household.enrolled[0] = renewed;
    assert!(household.open(0).is_some());

    let moved = household.enroll(&json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": true}));
    assert_ne!(moved["relay_address"], address);
    assert_eq!(moved["trust"], "signed");
    assert_eq!(household.memory.stored().holders.len(), MAILBOXES.len(), "the old tag is gone");
}

#[test]
fn revoke_ends_the_open_request_and_removes_every_trace() {
    let household = Household::new();
    let request = household.open(0).expect("a request");
    assert_eq!(household.enroll(&json!({"action": "revoke", "mailbox": MAILBOXES[0]})), json!({"revoked": true}));
    assert_eq!(household.status(&request), "revoked");
    assert!(household.open(0).is_none());
    assert!(household.open(1).is_some(), "the other mailbox is not touched");
    assert_eq!(word(&household.enroll(&json!({"action": "add", "mailbox": MAILBOXES[0]}))), "done");
}

/// A failure at each call in turn, and then the owner's second try.
#[test]
fn whatever_fails_the_owners_second_try_ends_it() {
    for (event, calls) in [
        (json!({"action": "rotate", "mailbox": MAILBOXES[0], "address": true}), 5),
        (json!({"action": "revoke", "mailbox": MAILBOXES[0]}), 6),
    ] {
        for broken in 0..calls {
            let household = Household::new();
            let request = household.open(0).expect("a request");
            household.memory.stored().fails_at = Some(broken);
            assert!(run(household.try_enroll(&event)).is_err(), "{event}: call {broken} was to fail");
            let second = household.enroll(&event);
            assert_eq!(word(&second), "done", "{event}: after call {broken} failed");
            if event["action"] == "revoke" {
                assert_eq!(household.status(&request), "revoked", "after call {broken} failed");
            }
        }
    }
}

#[test]
fn list_shows_what_is_known_of_each_and_no_address() {
    let household = Household::new();
    household.enroll(&json!({"action": "add", "mailbox": "new@example.org", "label": "garden cameras"}));
    household.receive(&household.mail("m", 0, "467266", 0)).expect("the store answers");
    let list = household.enroll(&json!({"action": "list"}));
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
    let mut household = Household::new();
    let shown = household.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!((&shown["mail_arrived_at"], &shown["gmail_confirmation"]), (&Value::Null, &Value::Null));
    assert!(shown.get("token").is_none(), "the token is shown once, by add");

    household.receive(&household.mail("m", 0, "467266", 0)).expect("the store answers");
    let tag = household
        .memory
        .stored()
        .holders
        .iter()
        .find(|(tag, _)| household.issued(0, "relay_address").contains(tag.reveal()))
        .map(|(tag, _)| tag.clone())
        .expect("the tag");
    let until = household.now() + SignedDuration::from_hours(24);
    let confirmation = KeptConfirmation { link: "https://mail.google.com/mail/vf-x".to_owned(), code: None, until };
    household.memory.stored().arrivals.entry(tag).or_default().confirmation = Some(confirmation);
    let shown = household.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["last_refusal"], "outside_window");
    assert_eq!(shown["gmail_confirmation"]["link"], "https://mail.google.com/mail/vf-x");

    household.wait(Household::minutes(24 * 60));
    let shown = household.enroll(&json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["gmail_confirmation"], Value::Null);
}
