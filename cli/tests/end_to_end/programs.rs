//! Several programs of one mailbox: each has a token of its own, and gets the code that its login caused.

use crate::{start_relay, start_relay_with};
use jiff::{SignedDuration, Timestamp};
use test_support::{
    Enrolment, Relay, code, code_mail, code_mail_dated, deliver, end_reason, get, mail_from, poll, post, prestage,
    prestage_for,
};

/// A relay, an enrolled mailbox, and the second program of it.
fn two_programs() -> (Relay, Enrolment, Enrolment) {
    let relay = start_relay();
    let cameras = relay.add_mailbox("me@gmail.com");
    let recorder = relay.add_program(&cameras, "recorder");
    (relay, cameras, recorder)
}

fn seconds_ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

#[test]
fn programs_that_start_together_get_their_codes_in_the_order_of_opening() {
    let (relay, cameras, recorder) = two_programs();
    let (first, second) = (prestage(&cameras), prestage(&recorder));
    // Both mails are of the same second.
    let date = Timestamp::now();
    for code in ["111111", "222222"] {
        assert!(deliver(&relay.smtp, &cameras.relay_address, &code_mail_dated(code, date)).starts_with("250"));
    }
    assert_eq!((code(&first), code(&second)), ("111111".to_owned(), "222222".to_owned()));
}

/// The first program gives up, which it tells nobody, and the second starts five seconds later.
#[test]
fn a_code_of_a_login_that_was_given_up_does_not_reach_the_next_program() {
    let (mut relay, cameras, recorder) = two_programs();
    prestage(&cameras);
    relay.age_requests(5);
    let second = prestage(&recorder);
    deliver(&relay.smtp, &cameras.relay_address, &code_mail_dated("111111", seconds_ago(4)));
    assert_eq!(poll(&second)["status"], "pending", "the mail is older than its request");
    deliver(&relay.smtp, &cameras.relay_address, &code_mail("222222"));
    assert_eq!(code(&second), "222222");
}

#[test]
fn a_code_of_a_program_that_was_revoked_does_not_reach_the_next_one() {
    let (mut relay, cameras, recorder) = two_programs();
    let first = prestage(&recorder);
    relay.age_requests(5);
    relay.enroll(&["token", "revoke", "me@gmail.com", "--label", "recorder"]);
    assert_eq!(end_reason(&first), "revoked");
    let second = prestage(&cameras);
    deliver(&relay.smtp, &cameras.relay_address, &code_mail_dated("111111", seconds_ago(4)));
    assert_eq!(poll(&second)["status"], "pending");
    assert_eq!(post(&recorder.prestage_url, &[], b"{\"email\": \"me@gmail.com\"}").status, 403);
}

#[test]
fn mails_that_overtake_each_other_reach_the_logins_that_caused_them() {
    let (mut relay, cameras, recorder) = two_programs();
    let first = prestage(&cameras);
    relay.age_requests(60);
    let second = prestage(&recorder);
    deliver(&relay.smtp, &cameras.relay_address, &code_mail("222222"));
    deliver(&relay.smtp, &cameras.relay_address, &code_mail_dated("111111", seconds_ago(55)));
    assert_eq!((code(&first), code(&second)), ("111111".to_owned(), "222222".to_owned()));
}

#[test]
fn two_providers_start_together_on_one_mailbox() {
    let (relay, cameras, recorder) = two_programs();
    let (arlo, blink) = (prestage(&cameras), prestage_for(&recorder, "blink"));
    deliver(&relay.smtp, &cameras.relay_address, &mail_from("no-reply@blinkforhome.com", "222222"));
    deliver(&relay.smtp, &cameras.relay_address, &code_mail("111111"));
    assert_eq!((code(&arlo), code(&blink)), ("111111".to_owned(), "222222".to_owned()));
}

#[test]
fn a_newer_request_supersedes_the_one_of_its_own_program_only() {
    let (_relay, cameras, recorder) = two_programs();
    let (first, second, third) = (prestage(&cameras), prestage(&recorder), prestage(&cameras));
    assert_eq!(end_reason(&first), "superseded");
    assert_eq!((&poll(&second)["status"], &poll(&third)["status"]), (&"pending".into(), &"pending".into()));
}

#[test]
fn a_code_that_came_just_before_is_named_in_the_last_message() {
    let relay = start_relay_with(&["--resolver", "none", "--window", "1"]);
    let me = relay.add_mailbox("me@gmail.com");
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    let url = prestage(&me);
    assert_eq!(end_reason(&url), "timed_out");
    let message = get(&url).json()["message"].to_string();
    assert!(message.contains("1 code mail came") && message.contains("prestage first"), "{message}");
}
