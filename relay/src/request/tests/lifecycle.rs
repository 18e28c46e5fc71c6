//! How a request opens and ends.

use super::*;
use crate::status::Missed;

#[test]
fn every_state_has_its_end() {
    let pending = opened([request(1, 1, 0)]);
    let (complete, _) = delivered(&pending, &message("m", Some(5), 7), 8);
    assert_eq!(state(&pending, 1), State::Pending);
    assert_eq!(state(&complete, 1), State::Complete);
    for (about, record, end) in [
        ("a window without a code", pending.closed(&id(1)), End::TimedOut),
        ("a window with a code", complete.closed(&id(1)), End::Expired),
        ("revoked while it waits", pending.revoked(None), End::Revoked),
        ("revoked with a code", complete.revoked(None), End::Revoked),
    ] {
        let ended = record.expect(about);
        assert_eq!(state(&ended, 1), State::Ended(end), "{about}");
        assert_eq!(ended.closed(&id(1)), None, "{about}: an end is final");
        assert_eq!(ended.revoked(None), None, "{about}: an end is final");
        assert_eq!(outcome(&ended, &message("late", Some(9), 10), 10), "outside_window", "{about}");
    }
}

#[test]
fn a_newer_request_supersedes_the_one_of_its_own_program_and_provider_only() {
    let blink = Request { provider: "blink".to_owned(), ..request(4, 1, 3) };
    let record = opened([request(1, 1, 0), request(2, 2, 1), request(3, 1, 2), blink]).settled(at(3));
    assert_eq!(state(&record, 1), State::Ended(End::Superseded), "the same program asked again");
    assert_eq!(state(&record, 2), State::Pending, "another program");
    assert_eq!(state(&record, 3), State::Pending, "the newest of its program");
    assert_eq!(state(&record, 4), State::Pending, "the same program for another provider");
}

#[test]
fn an_opening_by_a_clock_that_was_ahead_ends_and_supersedes_nothing() {
    let record = opened([request(1, 1, 0), request(2, 1, 7200)]).settled(at(5));
    assert_eq!(state(&record, 1), State::Pending, "the newest of those that are not in the future");
    assert_eq!(state(&record, 2), State::Ended(End::TimedOut));
    let record = opened([request(1, 1, 0), request(2, 1, 25)]).settled(at(5));
    assert_eq!(state(&record, 1), State::Ended(End::Superseded), "the clocks of two hosts differ a little");
    assert_eq!(state(&record, 2), State::Pending);
}

#[test]
fn an_opening_that_arrives_late_loses() {
    let record = opened([request(2, 1, 5), request(1, 1, 0)]).settled(at(6));
    assert_eq!(state(&record, 1), State::Ended(End::Superseded));
    assert_eq!(state(&record, 2), State::Pending);
}

#[test]
fn an_opening_that_is_written_twice_is_one() {
    let record = opened([request(1, 1, 0), request(1, 1, 0)]);
    assert_eq!(record.iter().count(), 1);
}

#[test]
fn a_code_that_shows_stays_until_its_own_windows_end() {
    let (complete, _) = delivered(&opened([request(1, 1, 0)]), &message("m", Some(5), 7), 8);
    let record = complete.opened(request(2, 1, 10)).settled(at(10));
    assert_eq!(state(&record, 1), State::Complete);
    assert_eq!(state(&record, 2), State::Pending);
    let Step::Deliver(claimed, _) = opened([request(1, 1, 0)]).receive(&message("m", Some(5), 7), at(8)) else {
        panic!("not delivered")
    };
    let record = claimed.opened(request(2, 1, 10)).settled(at(10));
    assert_eq!(state(&record, 1), State::Ended(End::Superseded), "a code that nobody has seen yet");
}

#[test]
fn with_more_than_eight_waiting_the_oldest_gives_way() {
    let record = opened((1..=9).map(|number| request(number, number, i64::from(number)))).settled(at(9));
    assert_eq!(state(&record, 1), State::Ended(End::Superseded));
    assert!((2..=9).all(|number| state(&record, number) == State::Pending));
}

#[test]
fn revoking_a_program_ends_its_own_requests_only() {
    let record = opened([request(1, 1, 0), request(2, 2, 0)]);
    let revoked = record.revoked(Some(&ProgramId::from_random([1; 4]))).expect("an open request");
    assert_eq!(state(&revoked, 1), State::Ended(End::Revoked));
    assert_eq!(state(&revoked, 2), State::Pending);
    assert_eq!(revoked.revoked(Some(&ProgramId::from_random([1; 4]))), None);
}

#[test]
fn only_what_is_open_two_minutes_after_its_window_is_overdue() {
    let pending = opened([request(1, 1, 0)]);
    let (complete, _) = delivered(&pending, &message("m", Some(5), 7), 8);
    for (about, record, now, expected) in [
        ("pending, in its window", &pending, 299, false),
        ("pending, its end a little late", &pending, 420, false),
        ("pending, long after its window", &pending, 421, true),
        ("complete, its end a little late", &complete, 420, false),
        ("complete, long after its window", &complete, 421, true),
        ("read by a clock that is behind", &pending, -3600, false),
        ("ended", &pending.closed(&id(1)).expect("it was open"), 421, false),
    ] {
        assert_eq!(!record.overdue(at(now)).is_empty(), expected, "{about}");
        assert_eq!(record.cleared(at(now)).overdue(at(now)), [], "{about}: clearing ends what is overdue");
    }
    assert_eq!(state(&pending.cleared(at(421)), 1), State::Ended(End::TimedOut));
    assert_eq!(state(&complete.cleared(at(421)), 1), State::Ended(End::Expired));
    assert_eq!(state(&pending.settled(at(421)), 1), State::Pending, "settling alone ends nothing that a client polls");
}

#[test]
fn a_timeout_names_the_code_mails_that_came_shortly_before() {
    let mail = |seconds, owned| CodeMail { provider: "arlo".to_owned(), accepted_at: at(seconds), owned };
    let missed = |mails, seconds_before, owned| Some(Missed { mails, seconds_before, owned });
    for (about, mails, expected) in [
        ("none", vec![], None),
        ("just before", vec![mail(-2, false)], missed(1, 2, false)),
        ("several", vec![mail(-50, false), mail(-4, false)], missed(2, 4, false)),
        ("too long before", vec![mail(-61, false)], None),
        ("after it", vec![mail(1, false)], None),
        ("another request's", vec![mail(-2, true)], missed(1, 2, true)),
        ("one of each: the other request's was its own", vec![mail(-1, true), mail(-2, false)], missed(1, 2, false)),
        ("another provider's", vec![CodeMail { provider: "blink".to_owned(), ..mail(-2, false) }], None),
    ] {
        let record = Requests::new(1, vec![request(1, 1, 0)], mails);
        let closed = record.closed(&id(1)).expect("it was open");
        assert_eq!(closed.get(&id(1)).and_then(|request| request.missed), expected, "{about}");
    }
}

/// A program that logs in before it asks: wherever its code mail went, its request names it.
#[test]
fn every_early_code_mail_is_named() {
    let (complete, _) = delivered(&opened([request(1, 1, 0)]), &message("own", Some(1), 3), 3);
    let revoked = opened([request(1, 1, 0)]).revoked(None).expect("it was open");
    for (about, before, owned) in [
        ("no request was open", Requests::default(), false),
        ("it went to another request that waited", opened([request(1, 1, 0)]), true),
        ("it went to another request as its newer code", complete, true),
        ("it counted as the message of a request that had ended", revoked, true),
    ] {
        let early = message("early", Some(88), 89);
        let after = match before.receive(&early, at(89)) {
            Step::Deliver(next, claim) => next.confirmed(&claim).expect("the claim counts"),
            Step::Refuse(next, _) => next.expect("it is remembered"),
            step => panic!("{about}: {step:?}"),
        };
        let closed = after.opened(request(2, 2, 90)).closed(&id(2)).expect("it was open");
        let missed = closed.get(&id(2)).and_then(|request| request.missed);
        assert_eq!(missed.map(|missed| (missed.seconds_before, missed.owned)), Some((1, owned)), "{about}");
    }
}

#[test]
fn a_code_mail_that_is_announced_twice_is_named_once() {
    let early = message("early", Some(-3), -2);
    let Step::Refuse(Some(once), _) = Requests::default().receive(&early, at(-2)) else { panic!("not remembered") };
    assert_eq!(once.receive(&early, at(-1)), Step::Refuse(None, Refusal::OutsideWindow));
}

#[test]
fn what_nobody_needs_any_more_is_dropped() {
    let closed = opened([request(1, 1, 0)]).closed(&id(1)).expect("it was open");
    assert_eq!(closed.settled(at(300 + 599)).iter().count(), 1, "a late copy of its message must find it");
    assert_eq!(closed.settled(at(300 + 600)).iter().count(), 0);
    let often = opened((0..=200).map(|number| request(number, 1, i64::from(number)))).settled(at(200));
    assert_eq!(often.iter().count(), 16, "the record stays small however often a program asks");
    assert_eq!(state(&often, 200), State::Pending);
}

#[test]
fn the_window_ends_on_a_whole_second() {
    let opened_at = at(0) + SignedDuration::from_micros(999_900);
    let request = Request::open(id(1), ProgramId::from_random([1; 4]), provider("arlo"), opened_at, 300);
    assert_eq!((request.opened_at, request.expires_at), (at_ms(999), at(300)));
}

#[test]
fn the_record_is_read_as_it_was_written() {
    let (record, _) = delivered(&opened([request(1, 1, 0), request(2, 2, 60)]), &message("m", Some(5), 7), 8);
    let written = serde_json::to_string(&record).expect("JSON");
    assert_eq!(serde_json::from_str::<Requests>(&written).ok(), Some(record));
}
