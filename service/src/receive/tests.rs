mod checks;

use super::*;
use crate::test_support::{MAILBOXES, Relay, TestMail};
use jiff::SignedDuration;
use proptest::prelude::*;
use relay::address::{Address, Domain};
use relay::evidence::Evidence;
use relay::id::RequestId;
use std::collections::BTreeMap;

#[test]
fn a_code_reaches_the_client_that_waits_and_is_erased_at_the_windows_end() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    assert_eq!(relay.status(&request), "pending");
    relay.wait(7);
    let mail = relay.mail("m", 0, "467266", 2);
    relay.wait(3);
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::Delivered { after: Duration::from_secs(3) }]));
    assert_eq!(relay.status(&request), "467266");
    relay.wait(Relay::minutes(5));
    relay.end_windows().expect("the store answers");
    assert_eq!(relay.status(&request), "expired");
}

/// DESIGN section 6: mail, tag and requests side by side; the record; the status. No client waits for what follows.
#[test]
fn a_code_is_shown_after_three_round_trips() {
    let mut relay = Relay::new();
    relay.open(0).expect("a request");
    relay.wait(7);
    let mail = relay.mail("m", 0, "467266", 2);
    relay.memory.stored().calls.clear();
    relay.receive(&mail).expect("the store answers");
    assert_eq!(
        relay.memory.stored().calls,
        ["tagged_mailbox", "requests", "write_requests", "publish", "write_requests", "note_arrival"]
    );
}

/// A failure at each call in turn, and then the retry that Lambda makes.
#[test]
fn whatever_fails_the_retry_delivers_the_code_once() {
    for broken in 0..5 {
        let mut relay = Relay::new();
        let request = relay.open(0).expect("a request");
        relay.wait(7);
        let mail = relay.mail("m", 0, "467266", 2);
        relay.memory.stored().fails_at = Some(broken);
        assert!(relay.receive(&mail).is_err(), "call {broken} was to fail");
        relay.wait(60);
        relay.receive(&mail).expect("the retry");
        assert_eq!(relay.status(&request), "467266", "after call {broken} failed");

        // And the request is free for a newer code.
        relay.wait(1);
        relay.receive(&relay.mail("newer", 0, "111111", 0)).expect("the store answers");
        assert_eq!(relay.status(&request), "111111", "after call {broken} failed");
    }
}

#[test]
fn a_window_that_ends_while_its_code_is_published_takes_it_back() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    relay.wait(299);
    let mail = relay.mail("m", 0, "467266", 2);
    // The claim is written, and publishing breaks off; the window ends before the retry.
    relay.memory.stored().fails_at = Some(3);
    assert!(relay.receive(&mail).is_err());
    relay.wait(2);
    relay.end_windows().expect("the store answers");
    relay.receive(&mail).expect("the retry");
    assert_eq!(relay.status(&request), "expired");
}

#[test]
fn a_mail_whose_code_is_published_is_not_published_again() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    relay.wait(7);
    let mail = relay.mail("m", 0, "467266", 2);
    // The note for the owner fails.
    relay.memory.stored().fails_at = Some(5);
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::Delivered { after: Duration::ZERO }]));
    assert_eq!(relay.memory.stored().fails_at, None, "the call was made");
    relay.memory.stored().calls.clear();
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::AlreadyDelivered]), "and is not counted twice");
    assert!(!relay.memory.stored().calls.contains(&"publish"), "an erased code could come back");
    assert_eq!(relay.status(&request), "467266");
}

#[test]
fn a_window_that_ends_between_a_retrys_claim_and_its_put_takes_the_code_back() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    relay.wait(7);
    let mail = relay.mail("m", 0, "467266", 2);
    relay.memory.stored().fails_at = Some(3);
    assert!(relay.receive(&mail).is_err(), "the first try's put breaks off");
    relay.memory.stored().before_publish = Some(|stored| {
        for requests in stored.requests.values_mut() {
            let ids: Vec<_> = requests.iter().map(|request| request.id.clone()).collect();
            for id in &ids {
                *requests = requests.closed(id).expect("it was open");
            }
        }
    });
    relay.receive(&mail).expect("the retry");
    assert_eq!(relay.status(&request), "expired");
}

#[test]
fn refused_mails_are_counted_in_the_clients_last_message() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    relay.wait(7);
    let late = relay.mail("late", 0, "467266", 60);
    assert_eq!(relay.receive(&late), Ok(vec![Outcome::Refused(Refusal::Stale)]));
    relay.wait(Relay::minutes(5));
    relay.end_windows().expect("the store answers");
    assert_eq!(relay.message(&request), "No code arrived within 300 s. 1 mail was refused: stale.");
}

#[test]
fn a_code_that_came_just_before_is_named_in_the_clients_last_message() {
    let mut relay = Relay::new();
    let early = relay.mail("early", 0, "467266", 1);
    assert_eq!(relay.receive(&early), Ok(vec![Outcome::Refused(Refusal::OutsideWindow)]));
    relay.wait(2);
    let request = relay.open(0).expect("a request");
    relay.wait(Relay::minutes(5));
    relay.end_windows().expect("the store answers");
    assert_eq!(
        relay.message(&request),
        "No code arrived within 300 s. 1 code mail came 2 s before this request was opened: prestage first, then log in."
    );
}

#[test]
fn a_mail_for_no_enrolled_mailbox_is_no_error() {
    let relay = Relay::new();
    let mut mail = relay.mail("m", 0, "467266", 0);
    mail.envelope.recipients = Address::parse("someone@else.example").into_iter().collect();
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::NotEnrolled]));
}

#[test]
fn a_mail_that_cannot_be_fetched_is_an_error_and_one_that_is_too_large_is_refused() {
    let relay = Relay::new();
    let mail = relay.mail("m", 0, "467266", 0);
    let lost = Unavailable { operation: "fetch", cause: "timed out".to_owned() };
    assert_eq!(relay.receive_content(&mail, Err(lost.clone())), Err(lost));
    assert_eq!(relay.receive_content(&mail, Ok(MailContent::TooLarge)), Ok(vec![Outcome::Refused(Refusal::TooLarge)]));
}

#[test]
fn a_code_is_never_delivered_before_its_mail_was_accepted() {
    let relay = Relay::new();
    relay.open(0).expect("a request");
    let mut ahead = relay.mail("m", 0, "467266", 0);
    ahead.envelope.accepted_at += SignedDuration::from_secs(2);
    assert_eq!(relay.receive(&ahead), Ok(vec![Outcome::Delivered { after: Duration::ZERO }]));
}

#[test]
fn gmails_confirmation_is_kept_from_the_tagged_address_only() {
    let relay = Relay::new();
    let raw = "DKIM-Signature: a=rsa-sha256; d=google.com; h=from\r\nFrom: forwarding-noreply@google.com\r\nTo: me@gmail.com\r\n\r\nme@gmail.com forwards: https://mail.google.com/mail/vf-x\r\n";
    let dkim = Domain::parse("google.com").into_iter().collect();
    let mut mail = TestMail {
        raw: raw.to_owned(),
        evidence: Evidence { dkim, ..Evidence::default() },
        ..relay.mail("m", 0, "", 0)
    };
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::Confirmation]));
    mail.envelope.scan.is_spam = true;
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::Refused(Refusal::Spam)]));
    mail.envelope.scan.is_spam = false;
    mail.envelope.recipients = Address::parse("arlo@mfa.example.com").into_iter().collect();
    assert_eq!(relay.receive(&mail), Ok(vec![Outcome::Refused(Refusal::NotFromProvider)]));
}

#[test]
fn a_mail_to_two_mailboxes_is_one_logins() {
    let relay = Relay::new();
    let (first, second) = (relay.open(0).expect("a request"), relay.open(1).expect("a request"));
    let mut mail = relay.mail("m", 0, "467266", 0);
    mail.envelope.recipients.extend(relay.mail("m", 1, "467266", 0).envelope.recipients);
    relay.receive(&mail).expect("the store answers");
    assert_eq!((&*relay.status(&first), &*relay.status(&second)), ("467266", "pending"));
    relay.receive(&mail).expect("announced again");
    assert_eq!(relay.status(&second), "pending");
}

/// A relay whose first mailbox has two programs, and the second one's token.
fn with_two_programs() -> (Relay, String) {
    let relay = Relay::new();
    let added = relay
        .enroll(&serde_json::json!({"action": "token", "do": "add", "mailbox": MAILBOXES[0], "label": "recorder"}));
    let token = added["token"].as_str().expect("a token").to_owned();
    (relay, token)
}

#[test]
fn two_programs_one_second_apart_each_get_the_code_that_their_login_caused() {
    let (mut relay, recorder) = with_two_programs();
    let first = relay.open(0).expect("a request");
    let one = relay.mail("one", 0, "111111", 0);
    relay.wait(1);
    let second = relay.open_with(0, &recorder).expect("a request");
    relay.wait(1);
    let other = relay.mail("other", 0, "222222", 1);
    for mail in [one, other] {
        let mut mail = mail;
        mail.envelope.accepted_at = relay.now();
        relay.receive(&mail).expect("the store answers");
    }
    assert_eq!((relay.status(&first), relay.status(&second)), ("111111".to_owned(), "222222".to_owned()));
}

#[test]
fn the_code_of_a_login_that_was_given_up_does_not_reach_the_next_program() {
    let (mut relay, recorder) = with_two_programs();
    let first = relay.open(0).expect("a request");
    relay.wait(5);
    let second = relay.open_with(0, &recorder).expect("a request");
    relay.wait(2);
    relay.receive(&relay.mail("late", 0, "111111", 6)).expect("the store answers");
    relay.receive(&relay.mail("own", 0, "222222", 1)).expect("the store answers");
    assert_eq!((relay.status(&first), relay.status(&second)), ("111111".to_owned(), "222222".to_owned()));
}

/// One event at a relay.
#[derive(Debug, Clone)]
enum Event {
    Prestage,
    Code { name: u8 },
    Again { name: u8 },
    WindowsEnd,
}

fn event() -> impl Strategy<Value = (usize, Event)> {
    let event = prop_oneof![
        3 => Just(Event::Prestage),
        4 => (0..6_u8).prop_map(|name| Event::Code { name }),
        2 => (0..6_u8).prop_map(|name| Event::Again { name }),
        1 => Just(Event::WindowsEnd),
    ];
    (0..MAILBOXES.len(), event)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every code names its mailbox in its first digit; in any order of events, with failures between them, a
    /// request shows codes of its own mailbox only, no code stands in two requests, and all end.
    #[test]
    fn two_mailboxes_never_see_each_others_codes(
        events in prop::collection::vec((event(), 1..90_i64, prop::option::weighted(0.3, 0..8_usize)), 1..25)
    ) {
        let mut relay = Relay::new();
        let mut opened: BTreeMap<RequestId, usize> = BTreeMap::new();
        let mut shown: BTreeMap<String, RequestId> = BTreeMap::new();
        let mut written = 0;
        let mut sent: BTreeMap<(usize, u8), TestMail> = BTreeMap::new();
        for ((mailbox, event), pause, failure) in events {
            relay.wait(pause);
            relay.memory.stored().fails_at = failure;
            match event {
                Event::Prestage => opened.extend(relay.open(mailbox).map(|request| (request, mailbox))),
                Event::Code { name } => {
                    written += 1;
                    let mail = relay.mail(&format!("m{written}"), mailbox, &format!("{mailbox}{written:05}"), 1);
                    sent.insert((mailbox, name), mail.clone());
                    let _ = relay.receive(&mail);
                }
                Event::Again { name } => {
                    if let Some(mail) = sent.get(&(mailbox, name)) {
                        let _ = relay.receive(mail);
                    }
                }
                Event::WindowsEnd => drop(relay.end_windows()),
            }
            for (request, mailbox) in &opened {
                let status = relay.status(request);
                if status.bytes().all(|b| b.is_ascii_digit()) {
                    prop_assert!(status.starts_with(&mailbox.to_string()), "{} at mailbox {}", status, mailbox);
                    let first = shown.entry(status).or_insert_with(|| request.clone());
                    prop_assert_eq!(first, request);
                }
            }
        }
        relay.memory.stored().fails_at = None;
        relay.wait(Relay::minutes(10));
        relay.end_windows().expect("the store answers");
        for request in opened.keys() {
            let status = relay.status(request);
            prop_assert!(["timed_out", "superseded", "expired"].contains(&&*status), "{}", status);
        }
    }
}
