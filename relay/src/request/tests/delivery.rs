//! How a code goes to the request that owns it, and what a retry or a copy does.

use super::super::step::LEASE;
use super::*;

#[test]
fn a_code_must_be_accepted_in_the_window() {
    for (about, date, accepted, now, expected) in [
        ("the usual mail", 5, 7, 8, "1"),
        ("accepted before the window", -1, -1, 1, "outside_window"),
        ("accepted after it", 290, 300, 301, "outside_window"),
        ("accepted after it by a clock that is ahead", 290, 300, 299, "outside_window"),
        ("accepted in it, handled after it", 290, 299, 300, "outside_window"),
    ] {
        assert_eq!(outcome(&opened([request(1, 1, 0)]), &message("m", Some(date), accepted), now), expected, "{about}");
    }
    assert_eq!(outcome(&Requests::default(), &message("m", Some(5), 7), 8), "outside_window", "no request at all");
}

#[test]
fn the_newest_written_code_wins_in_whatever_order_they_arrive() {
    let (older, _) = delivered(&opened([request(1, 1, 0)]), &message("older", Some(5), 20), 21);
    assert_eq!(outcome(&older, &message("newer", Some(9), 22), 23), "1");
    let (newer, _) = delivered(&opened([request(1, 1, 0)]), &message("newer", Some(9), 20), 21);
    assert_eq!(outcome(&newer, &message("older", Some(5), 22), 23), "stale");
    let (dated, _) = delivered(&opened([request(1, 1, 0)]), &message("one", Some(9), 20), 21);
    assert_eq!(outcome(&dated, &message("two", Some(9), 22), 23), "1", "by acceptance in one second");
}

#[test]
fn a_message_that_is_announced_again_changes_nothing() {
    let usual = message("m", Some(5), 7);
    let Step::Deliver(claimed, first) = opened([request(1, 1, 0)]).receive(&usual, at(8)) else {
        panic!("not delivered")
    };
    let Step::Deliver(again, second) = claimed.receive(&usual, at(9)) else { panic!("not taken up again") };
    assert_eq!(again.confirmed(&first), None, "the first try's claim lapsed");
    let confirmed = again.confirmed(&second).expect("the claim counts");
    assert_eq!(confirmed.receive(&usual, at(10)), Step::AlreadyDelivered);
    let ended = confirmed.closed(&id(1)).expect("it was open");
    assert_eq!(ended.receive(&usual, at(301)), Step::AlreadyDelivered);
}

#[test]
fn a_copy_is_told_by_its_message_id_or_its_code_and_serves_no_other_request() {
    let original = message("m", Some(5), 7);
    let copy = CodeMessage { id: message_id("copy"), ..original.clone() };
    let other_message_id = |identity: &MessageIdentity| MessageIdentity { message_id: None, ..identity.clone() };
    let stripped = CodeMessage { identity: other_message_id(&original.identity), ..copy.clone() };
    let (first, _) = delivered(&opened([request(1, 1, 0)]), &original, 8);
    let both = first.opened(request(2, 2, 9));
    for (about, copy) in [("forwarded twice", &copy), ("without its Message-ID", &stripped)] {
        let late = CodeMessage { accepted_at: at(11), written: Written::of(None, at(11)), ..copy.clone() };
        assert_eq!(both.receive(&late, at(12)), Step::AlreadyDelivered, "{about}");
    }
    let (replaced, _) = delivered(&first, &message("newer", Some(8), 9), 9);
    assert_eq!(replaced.receive(&copy, at(10)), Step::AlreadyDelivered, "after a newer code took its place");
}

#[test]
fn a_newer_code_waits_while_an_older_one_is_being_published() {
    let Step::Deliver(claimed, _) = opened([request(1, 1, 0)]).receive(&message("m", Some(5), 7), at(8)) else {
        panic!("not delivered")
    };
    let newer = message("newer", Some(6), 8);
    let copy = CodeMessage { id: message_id("copy"), ..message("m", Some(5), 7) };
    for waiting in [&newer, &copy] {
        assert_eq!(claimed.receive(waiting, at(9)), Step::Wait);
        assert!(matches!(claimed.receive(waiting, at(8) + LEASE), Step::Deliver(..)), "but only for the lease");
    }
}

#[test]
fn a_code_that_was_published_too_late_is_taken_back() {
    let late = message("m", Some(290), 298);
    let Step::Deliver(claimed, claim) = opened([request(1, 1, 0)]).receive(&late, at(299)) else {
        panic!("not delivered")
    };
    assert_eq!(claimed.retraction(&id(1)), None, "it is still open");
    let closed = claimed.closed(&id(1)).expect("it was open");
    assert_eq!(closed.confirmed(&claim), None);
    let ended = closed.get(&id(1)).and_then(Request::ended).expect("an end");
    assert_eq!(closed.retraction(&id(1)), Some(ended.clone()));
    assert_eq!(closed.receive(&late, at(360)), Step::Retract(id(1), ended), "and again by the retry");
    assert_eq!(Requests::default().retraction(&id(1)), Some(Status::ended(End::Expired)), "long gone");
}

#[test]
fn a_refused_message_counts_once_in_every_request_that_could_have_waited_for_it() {
    let blink = Request { provider: "blink".to_owned(), ..request(3, 1, 0) };
    let record = opened([request(1, 1, 0), request(2, 2, 0), blink]);
    let refused = |reason, provider| RefusedMessage { id: message_id("m"), reason, provider, accepted_at: at(7) };
    let counted = |record: &Requests| -> Vec<u32> { record.iter().map(|r| r.refused.values().sum()).collect() };
    for (about, message, expected) in [
        ("of a known provider", refused(Refusal::NoCode, Some(provider("arlo"))), [1, 1, 0]),
        ("of nobody", refused(Refusal::Unreadable, None), [1, 1, 1]),
    ] {
        let Step::Refuse(Some(next), _) = record.refuse(&message, at(8)) else { panic!("not counted: {about}") };
        assert_eq!(counted(&next), expected, "{about}");
        assert!(next.iter().all(|request| request.state() == State::Pending), "{about}: a refusal ends nothing");
        assert_eq!(next.refuse(&message, at(9)), Step::Refuse(None, message.reason), "{about}: announced again");
    }
    let late = RefusedMessage { accepted_at: at(300), ..refused(Refusal::Spam, None) };
    assert_eq!(record.refuse(&late, at(300)), Step::Refuse(None, Refusal::Spam), "after the window");
}

#[test]
fn a_code_that_no_request_may_have_is_remembered_for_the_next_ones_message() {
    let early = message("m", Some(-3), -2);
    let Step::Refuse(Some(next), Refusal::OutsideWindow) = Requests::default().receive(&early, at(-1)) else {
        panic!("not remembered")
    };
    assert_eq!(next.code_mails, [CodeMail { provider: "arlo".to_owned(), accepted_at: at(-2), owned: false }]);
    assert_eq!(next.receive(&early, at(-1)), Step::Refuse(None, Refusal::OutsideWindow), "announced again");
    let many =
        (0..500).fold(next, |record, number| match record.receive(&message(&format!("m{number}"), None, -1), at(-1)) {
            Step::Refuse(Some(next), _) => next,
            _ => record,
        });
    assert!(many.code_mails.len() <= 8, "the record stays small");
}

#[test]
fn a_message_that_came_before_its_request_opened_does_not_count_as_its_own() {
    let record = opened([request(1, 1, 0)]);
    let early =
        CodeMessage { accepted_at: at(-1), written: Written::of(Some(at(-3)), at(-1)), ..message("early", None, 0) };
    let Step::Refuse(Some(next), Refusal::OutsideWindow) = record.receive(&early, at(1)) else { panic!("not refused") };
    let both = next.opened(request(2, 2, 1));
    assert_eq!(outcome(&both, &message("own", Some(1), 3), 4), "1", "its own message is still to come");
}

#[test]
fn a_late_message_of_an_ended_login_counts_as_its_own() {
    let ended = opened([request(1, 1, 0)]).closed(&id(1)).expect("it was open");
    let Step::Refuse(Some(next), _) = ended.receive(&message("late", Some(5), 310), at(310)) else {
        panic!("not noted")
    };
    let owned = |record: &Requests| record.code_mails.iter().map(|mail| mail.owned).collect::<Vec<_>>();
    assert_eq!(owned(&next), [true]);
    let Step::Refuse(Some(next), _) = ended.receive(&message("early", Some(305), 310), at(310)) else {
        panic!("not remembered")
    };
    assert_eq!(owned(&next), [false], "written after the window, it is nobody's");
}

#[test]
fn an_early_message_is_remembered_also_while_another_provider_s_request_waits() {
    let blink = Request { provider: "blink".to_owned(), ..request(1, 1, 0) };
    let Step::Refuse(Some(next), Refusal::NotFromProvider) = opened([blink]).receive(&message("m", Some(5), 7), at(8))
    else {
        panic!("not remembered")
    };
    assert_eq!(next.code_mails.len(), 1);
}

#[test]
fn the_record_stays_small_however_many_messages_are_refused() {
    let mut record = opened([request(1, 1, 0)]);
    for number in 0..500 {
        let id = message_id(&format!("m{number}"));
        let refused = RefusedMessage { id, reason: Refusal::Spam, provider: None, accepted_at: at(7) };
        if let Step::Refuse(Some(next), _) = record.refuse(&refused, at(8)) {
            record = next;
        }
    }
    assert_eq!(record.get(&id(1)).map(|request| request.refused.clone()), Some(BTreeMap::from([(Refusal::Spam, 50)])));
}

#[test]
fn the_record_stays_small_however_many_codes_come() {
    let mut record = opened([request(1, 1, 0)]);
    for number in 0..100 {
        (record, _) = delivered(&record, &message(&format!("m{number}"), Some(number), 100 + number), 100 + number);
    }
    assert_eq!(record.get(&id(1)).map(|request| request.served.len()), Some(16));
}
