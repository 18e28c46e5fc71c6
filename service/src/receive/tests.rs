use super::*;
use crate::household::{Household, MAILBOXES};
use proptest::prelude::*;
use relay::address::Domain;
use relay::id::RequestId;
use std::collections::BTreeMap;

#[test]
fn a_code_reaches_the_client_that_waits_and_is_erased_at_the_windows_end() {
    let mut household = Household::new();
    let request = household.open(0).expect("a request");
    assert_eq!(household.status(&request), "pending");
    household.wait(7);
    let mail = household.mail("m", 0, "467266", 2);
    household.wait(3);
    assert_eq!(household.receive(&mail), Ok(vec![Outcome::Delivered { after: Duration::from_secs(3) }]));
    assert_eq!(household.status(&request), "467266");
    assert!(household.memory.stored().mails.is_empty(), "the mail is removed");
    household.wait(Household::minutes(5));
    household.end_windows().expect("the store answers");
    assert_eq!(household.status(&request), "expired");
}

/// DESIGN section 6: mail, enrolment and request side by side; the request; the status. What follows nobody waits for.
#[test]
fn a_code_is_shown_after_three_round_trips() {
    let mut household = Household::new();
    household.open(0).expect("a request");
    household.wait(7);
    let mail = household.mail("m", 0, "467266", 2);
    household.memory.stored().calls.clear();
    household.receive(&mail).expect("the store answers");
    assert_eq!(
        household.memory.stored().calls,
        ["fetch", "holder", "request", "keep", "publish", "keep", "note", "remove"]
    );
}

/// A failure at each call in turn, and then the retry that Lambda makes.
#[test]
fn whatever_fails_the_retry_delivers_the_code_once() {
    for broken in 0..8 {
        let mut household = Household::new();
        let request = household.open(0).expect("a request");
        household.wait(7);
        let mail = household.mail("m", 0, "467266", 2);
        household.memory.stored().fails_at = Some(broken);
        assert!(household.receive(&mail).is_err(), "call {broken} was to fail");
        household.wait(60);
        household.receive(&mail).expect("the retry");
        assert_eq!(household.status(&request), "467266", "after call {broken} failed");
        assert!(household.memory.stored().mails.is_empty(), "after call {broken} failed");

        // And the request is free for a newer code.
        household.wait(1);
        household.receive(&household.mail("newer", 0, "111111", 0)).expect("the store answers");
        assert_eq!(household.status(&request), "111111", "after call {broken} failed");
    }
}

#[test]
fn a_window_that_ends_while_its_code_is_published_takes_it_back() {
    let mut household = Household::new();
    let request = household.open(0).expect("a request");
    household.wait(299);
    let mail = household.mail("m", 0, "467266", 2);
    // The code is kept, and publishing it breaks off; the window ends before the retry.
    household.memory.stored().fails_at = Some(4);
    assert!(household.receive(&mail).is_err());
    household.wait(2);
    household.end_windows().expect("the store answers");
    household.receive(&mail).expect("the retry");
    assert_eq!(household.status(&request), "expired");
}

#[test]
fn a_mail_whose_code_is_known_to_stand_is_not_published_again() {
    let mut household = Household::new();
    let request = household.open(0).expect("a request");
    household.wait(7);
    let mail = household.mail("m", 0, "467266", 2);
    // All is done but the note for the owner, so that Lambda announces the mail again.
    household.memory.stored().fails_at = Some(6);
    assert!(household.receive(&mail).is_err());
    household.memory.stored().calls.clear();
    assert_eq!(household.receive(&mail), Ok(vec![Outcome::DeliveredBefore]), "and is not counted twice");
    assert!(!household.memory.stored().calls.contains(&"publish"), "an erased code could come back");
    assert_eq!(household.status(&request), "467266");
}

#[test]
fn a_window_that_ends_between_a_retrys_claim_and_its_put_takes_the_code_back() {
    let mut household = Household::new();
    let request = household.open(0).expect("a request");
    household.wait(7);
    let mail = household.mail("m", 0, "467266", 2);
    household.memory.stored().fails_at = Some(4);
    assert!(household.receive(&mail).is_err(), "the first try's put breaks off");
    household.memory.stored().before_publish = Some(|stored| {
        stored.requests.values_mut().for_each(|request| *request = request.close());
    });
    household.receive(&mail).expect("the retry");
    assert_eq!(household.status(&request), "expired");
}

#[test]
fn refused_mails_are_counted_in_the_clients_last_message() {
    let mut household = Household::new();
    let request = household.open(0).expect("a request");
    household.wait(7);
    let late = household.mail("late", 0, "467266", 60);
    assert_eq!(household.receive(&late), Ok(vec![Outcome::Refused(Refusal::Stale)]));
    household.wait(Household::minutes(5));
    household.end_windows().expect("the store answers");
    let stored = household.memory.stored();
    let status = stored.statuses.get(&request).map(relay::status::Status::to_json);
    assert!(status.is_some_and(|json| json.contains("1 mail was refused: stale.")));
}

#[test]
fn a_mail_for_nobody_is_removed_and_no_error() {
    let household = Household::new();
    let mut mail = household.mail("m", 0, "467266", 0);
    mail.recipients = Address::parse("someone@else.example").into_iter().collect();
    assert_eq!(household.receive(&mail), Ok(vec![Outcome::NobodyEnrolled]));
    assert_eq!(household.receive(&mail), Ok(vec![Outcome::Gone]));
}

#[test]
fn a_code_is_never_delivered_before_its_mail_was_accepted() {
    let household = Household::new();
    household.open(0).expect("a request");
    let mail = household.mail("m", 0, "467266", 0);
    let ahead = Announcement { accepted_at: mail.accepted_at + SignedDuration::from_secs(2), ..mail };
    assert_eq!(household.receive(&ahead), Ok(vec![Outcome::Delivered { after: Duration::ZERO }]));
}

#[test]
fn gmails_confirmation_is_kept_from_a_tagged_address_only() {
    let household = Household::new();
    let raw = "From: forwarding-noreply@google.com\r\nTo: me@gmail.com\r\n\r\nhttps://mail.google.com/mail/vf-x\r\n";
    let mut mail = household.mail("m", 0, "", 0);
    mail.proof =
        Proof::Checked(Evidence { dkim: Domain::parse("google.com").into_iter().collect(), ..Evidence::default() });
    let stored = || {
        household.memory.stored().mails.insert(mail.id.clone(), raw.as_bytes().to_vec());
    };
    stored();
    assert_eq!(household.receive(&mail), Ok(vec![Outcome::Confirmation]));
    let plain =
        Announcement { recipients: Address::parse("arlo@mfa.example.com").into_iter().collect(), ..mail.clone() };
    stored();
    assert_eq!(household.receive(&plain), Ok(vec![Outcome::Refused(Refusal::NotFromProvider)]));
    stored();
    let spam = Announcement { screened: Some(Refusal::Spam), ..mail.clone() };
    assert_eq!(household.receive(&spam), Ok(vec![Outcome::Refused(Refusal::Spam)]));
}

/// One event in a household.
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

    /// Every code names its mailbox in its first digit; whatever happens in whatever order, with failures strewn in, a
    /// request shows codes of its own mailbox only, no code stands in two requests, and all end.
    #[test]
    fn two_mailboxes_never_see_each_others_codes(
        events in prop::collection::vec((event(), 1..90_i64, prop::option::weighted(0.3, 0..8_usize)), 1..25)
    ) {
        let mut household = Household::new();
        let mut opened: BTreeMap<RequestId, usize> = BTreeMap::new();
        let mut shown: BTreeMap<String, RequestId> = BTreeMap::new();
        let mut written = 0;
        let mut sent: BTreeMap<(usize, u8), Announcement> = BTreeMap::new();
        for ((mailbox, event), pause, failure) in events {
            household.wait(pause);
            household.memory.stored().fails_at = failure;
            match event {
                Event::Prestage => opened.extend(household.open(mailbox).map(|request| (request, mailbox))),
                Event::Code { name } => {
                    written += 1;
                    let mail = household.mail(&format!("m{written}"), mailbox, &format!("{mailbox}{written:05}"), 1);
                    sent.insert((mailbox, name), mail.clone());
                    let _ = household.receive(&mail);
                }
                Event::Again { name } => {
                    if let Some(mail) = sent.get(&(mailbox, name)) {
                        let _ = household.receive(mail);
                    }
                }
                Event::WindowsEnd => drop(household.end_windows()),
            }
            for (request, mailbox) in &opened {
                let status = household.status(request);
                if status.bytes().all(|b| b.is_ascii_digit()) {
                    prop_assert!(status.starts_with(&mailbox.to_string()), "{} at mailbox {}", status, mailbox);
                    let first = shown.entry(status).or_insert_with(|| request.clone());
                    prop_assert_eq!(first, request);
                }
            }
        }
        household.memory.stored().fails_at = None;
        household.wait(Household::minutes(10));
        household.end_windows().expect("the store answers");
        for request in opened.keys() {
            let status = household.status(request);
            prop_assert!(["timed_out", "superseded", "expired"].contains(&&*status), "{}", status);
        }
    }
}
