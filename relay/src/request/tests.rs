//! The rules of a request's life, by example and then over any order of events.

use super::*;
use proptest::prelude::*;

const OPENED: &str = "2026-11-21T20:00:00Z";

/// A moment so many seconds after the request was opened.
fn at(seconds: i64) -> Timestamp {
    let opened: Timestamp = OPENED.parse().expect("a timestamp");
    opened + SignedDuration::from_secs(seconds)
}

fn arlo() -> &'static Provider {
    Provider::named("arlo").expect("a provider")
}

fn id(number: u8) -> RequestId {
    RequestId::from_random([number; 16])
}

fn mail(name: &str) -> MessageId {
    MessageId::parse(name).expect("a mail's name")
}

fn open(number: u8, seconds: i64) -> Request {
    Request::open(id(number), arlo(), at(seconds), 300)
}

/// A mail with a code, written and accepted so many seconds after the request was opened.
fn letter(name: &str, written: Option<i64>, accepted: i64) -> Letter {
    let content = Code::parse("467266").ok_or(Refusal::NoCode);
    Letter { id: mail(name), provider: arlo(), accepted_at: at(accepted), date: written.map(at), content }
}

fn delivered(request: &Request, letter: &Letter, now: i64) -> Request {
    match request.receive(letter, at(now)) {
        Step::Deliver(next) => confirmed(&next),
        step => panic!("not delivered: {step:?}"),
    }
}

fn confirmed(request: &Request) -> Request {
    request.delivery.as_ref().and_then(|claim| request.confirmed(claim)).expect("an unconfirmed delivery")
}

fn refusal(request: &Request, letter: &Letter, now: i64) -> Option<Refusal> {
    match request.receive(letter, at(now)) {
        Step::Refuse(_, refusal) => Some(refusal),
        _ => None,
    }
}

#[test]
fn a_code_must_be_accepted_in_the_window_and_written_after_the_request_was_opened() {
    for (about, written, accepted, now, expected) in [
        ("the usual mail", Some(5), 7, 8, None),
        ("accepted before the window", Some(-1), -1, 1, Some(Refusal::OutsideWindow)),
        ("accepted after it", Some(290), 300, 301, Some(Refusal::OutsideWindow)),
        ("accepted after it by a clock that is ahead", Some(290), 300, 299, Some(Refusal::OutsideWindow)),
        ("accepted in it, handled after it", Some(290), 299, 300, Some(Refusal::OutsideWindow)),
        ("a clock that is 30 s slow", Some(-30), 7, 8, None),
        ("the last login's code, late", Some(-31), 7, 8, Some(Refusal::Stale)),
        ("an old mail replayed", Some(-3 * 86_400), 7, 8, Some(Refusal::Stale)),
        ("no date", None, 7, 8, None),
        ("a date far in the future", Some(86_400 * 365), 7, 8, None),
    ] {
        assert_eq!(refusal(&open(1, 0), &letter("m", written, accepted), now), expected, "{about}");
    }
}

#[test]
fn the_newest_written_code_wins_in_whatever_order_they_arrive() {
    let first = delivered(&open(1, 0), &letter("older", Some(5), 20), 21);
    assert!(matches!(first.receive(&letter("newer", Some(9), 22), at(23)), Step::Deliver(_)));
    let first = delivered(&open(1, 0), &letter("newer", Some(9), 20), 21);
    assert_eq!(refusal(&first, &letter("older", Some(5), 22), 23), Some(Refusal::Stale));
    // By acceptance where a Date is missing or more than ten minutes off.
    let first = delivered(&open(1, 0), &letter("undated", None, 20), 21);
    assert_eq!(refusal(&first, &letter("dated", Some(9), 22), 23), Some(Refusal::Stale));
    let first = delivered(&open(1, 0), &letter("absurd", Some(99_999), 20), 21);
    assert!(matches!(first.receive(&letter("dated", Some(25), 27), at(28)), Step::Deliver(_)));
}

#[test]
fn a_mail_that_comes_again_changes_nothing() {
    let step = open(1, 0).receive(&letter("m", Some(5), 7), at(8));
    let Step::Deliver(claimed) = step else { panic!("not delivered: {step:?}") };
    let step = claimed.receive(&letter("m", Some(5), 7), at(9));
    let Step::Deliver(again) = step else { panic!("not taken up again: {step:?}") };
    assert_eq!(
        claimed.delivery.as_ref().and_then(|claim| again.confirmed(claim)),
        None,
        "the first try counts no more"
    );
    let confirmed = confirmed(&again);
    assert_eq!(confirmed.receive(&letter("m", Some(5), 7), at(10)), Step::Done, "after it was confirmed");

    let Step::Refuse(Some(counted), _) = open(1, 0).refuse(&mail("m"), Refusal::Spam) else { panic!("not counted") };
    assert_eq!(counted.refuse(&mail("m"), Refusal::Spam), Step::Refuse(None, Refusal::Spam), "a refused one");
}

#[test]
fn a_newer_code_waits_while_an_older_one_is_being_published() {
    let Step::Deliver(claimed) = open(1, 0).receive(&letter("m", Some(5), 7), at(8)) else { panic!("not delivered") };
    let newer = letter("newer", Some(6), 8);
    assert_eq!(claimed.receive(&newer, at(9)), Step::Wait);
    assert!(matches!(claimed.receive(&newer, at(8) + LEASE), Step::Deliver(_)), "but not for ever");
}

#[test]
fn two_requests_never_share_a_code() {
    let first = delivered(&open(1, 0), &letter("m", Some(5), 7), 8);
    let second = Request { delivery: first.delivery, ..open(2, 10) };
    assert_eq!(second.state(), State::Pending);
    assert_eq!(refusal(&second, &letter("m", Some(5), 11), 12), Some(Refusal::Stale), "the same mail again");
    assert_eq!(
        refusal(&second, &letter("copy", Some(5), 11), 12),
        Some(Refusal::Stale),
        "the same mail by another way"
    );
    assert_eq!(refusal(&second, &letter("next", Some(9), 11), 12), None, "the second login's own");
}

#[test]
fn a_request_waits_for_its_own_provider() {
    let blink = Provider::named("blink").expect("a provider");
    let other = Letter { provider: blink, ..letter("m", Some(5), 7) };
    assert_eq!(refusal(&open(1, 0), &other, 8), Some(Refusal::NotFromProvider));
}

#[test]
fn a_mail_without_a_code_never_ends_a_request() {
    let newsletter = Letter { content: Err(Refusal::NoCode), ..letter("news", Some(5), 7) };
    let Step::Refuse(Some(next), Refusal::NoCode) = open(1, 0).receive(&newsletter, at(8)) else {
        panic!("not refused")
    };
    assert_eq!(next.state(), State::Pending);
    assert_eq!(next.refused, BTreeMap::from([(Refusal::NoCode, 1)]));
    let complete = delivered(&open(1, 0), &letter("m", Some(5), 7), 8);
    assert!(matches!(complete.receive(&newsletter, at(9)), Step::Refuse(Some(_), Refusal::NoCode)));
}

#[test]
fn every_state_has_its_end() {
    let pending = open(1, 0);
    let complete = delivered(&pending, &letter("m", Some(5), 7), 8);
    assert_eq!(pending.close().state(), State::Ended(End::TimedOut));
    assert_eq!(complete.close().state(), State::Ended(End::Expired));
    assert_eq!(pending.revoke().state(), State::Ended(End::Revoked));
    assert_eq!(complete.revoke().state(), State::Ended(End::Revoked));
    assert_eq!(pending.revoke().close().state(), State::Ended(End::Revoked), "an end is final");
    assert_eq!(pending.superseded(), Some(Status::ended(End::Superseded)));
    assert_eq!(complete.superseded(), None, "a code stays until its own window's end");
    let Step::Deliver(claimed) = pending.receive(&letter("m", Some(5), 7), at(8)) else { panic!("not delivered") };
    assert_eq!(claimed.superseded(), Some(Status::ended(End::Superseded)), "a code that was never shown is none");
    assert_eq!(refusal(&pending.close(), &letter("m", Some(5), 7), 8), Some(Refusal::OutsideWindow));
}

#[test]
fn only_what_stands_open_two_minutes_after_its_window_is_overdue() {
    let pending = open(1, 0);
    let complete = delivered(&pending, &letter("m", Some(5), 7), 8);
    for (about, request, now, expected) in [
        ("pending, in its window", &pending, 299, false),
        ("pending, its end a little late", &pending, 420, false),
        ("pending, long after its window", &pending, 421, true),
        ("complete, its end a little late", &complete, 420, false),
        ("complete, long after its window", &complete, 421, true),
        ("read by a clock that is behind", &pending, -3600, false),
        ("timed out", &pending.close(), 421, false),
        ("expired", &complete.close(), 421, false),
        ("revoked", &pending.revoke(), 421, false),
    ] {
        assert_eq!(request.is_overdue(at(now)), expected, "{about}");
    }
}

#[test]
fn a_code_published_too_late_is_taken_back() {
    let Step::Deliver(claimed) = open(1, 0).receive(&letter("m", Some(290), 298), at(299)) else {
        panic!("not delivered")
    };
    let closed = claimed.close();
    assert_eq!(claimed.retraction(&closed, at(301)), closed.ended());
    assert_eq!(closed.receive(&letter("m", Some(290), 298), at(360)), Step::Retract(closed.ended().expect("an end")));
    assert_eq!(claimed.retraction(&open(2, 100), at(301)), Some(Status::ended(End::Expired)));
    assert_eq!(claimed.retraction(&open(2, 100), at(200)), None, "its own window still runs");
}

#[test]
fn the_record_stays_small_however_many_mails_are_refused() {
    let mut request = open(1, 0);
    for number in 0..500 {
        if let Step::Refuse(Some(next), _) = request.refuse(&mail(&format!("m{number}")), Refusal::Spam) {
            request = next;
        }
    }
    assert_eq!(request.refused, BTreeMap::from([(Refusal::Spam, 50)]));
}

#[test]
fn the_window_begins_and_ends_on_whole_seconds() {
    let request = Request::open(id(1), arlo(), at(0) + SignedDuration::from_millis(999), 300);
    assert_eq!((request.opened_at, request.expires_at), (at(0), at(300)));
}

/// One event in the life of one mailbox.
#[derive(Debug, Clone)]
enum Event {
    Open,
    /// A mail by number; its number also says how long ago it was written.
    Mail {
        number: u8,
        age: i64,
    },
    WindowEnds,
    Revoke,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Open),
        6 => (0..12_u8, 0..60_i64).prop_map(|(number, age)| Event::Mail { number, age }),
        1 => Just(Event::WindowEnds),
        1 => Just(Event::Revoke),
    ]
}

proptest! {
    /// Over any order of openings, mails (some again), ends and revocations.
    #[test]
    fn no_mail_serves_two_requests_and_no_code_gives_way_to_an_older_one(events in prop::collection::vec((event(), 1..40_i64), 1..40)) {
        let mut now = 0;
        let mut request = open(0, 0);
        let mut opened = 0_u8;
        let mut written: BTreeMap<u8, i64> = BTreeMap::new();
        let mut served: BTreeMap<MessageId, RequestId> = BTreeMap::new();
        for (event, pause) in events {
            now += pause;
            let before = request.clone();
            match event {
                Event::Open => {
                    opened += 1;
                    request = Request { delivery: request.delivery.clone(), ..open(opened, now) };
                    prop_assert_eq!(request.state(), State::Pending);
                }
                Event::Mail { number, age } => {
                    let written = *written.entry(number).or_insert(now - age);
                    let letter = letter(&format!("m{number}"), Some(written), now);
                    if let Step::Deliver(next) = request.receive(&letter, at(now)) {
                        prop_assert!(written >= (before.opened_at - at(0)).get_seconds() - 30);
                        if let Some(last) = &before.delivery {
                            prop_assert!(at(written) >= last.written_at);
                        }
                        let server = served.entry(letter.id.clone()).or_insert(request.id.clone());
                        prop_assert_eq!(&*server, &request.id);
                        request = confirmed(&next);
                    }
                }
                Event::WindowEnds => request = request.close(),
                Event::Revoke => request = request.revoke(),
            }
            if before.end.is_some() && request.id == before.id {
                prop_assert_eq!(&request, &before, "an end is final");
            }
        }
        prop_assert!(matches!(request.close().state(), State::Ended(_)));
    }
}
