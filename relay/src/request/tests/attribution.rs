//! Which login a message belongs to.

use super::*;

/// Two programs: A (request 1) opened at 0, B (request 2) opened `gap` milliseconds later.
fn two(gap: i64) -> Requests {
    let b = Request { opened_at: at_ms(gap), expires_at: at(300 + gap / 1000), ..request(2, 2, 0) };
    opened([request(1, 1, 0), b])
}

#[test]
fn a_message_written_before_the_next_request_is_never_the_next_ones() {
    let both = two(60_000);
    let a_has_ended = both.closed(&id(1)).expect("it was open");
    for (about, date, accepted, with_a, after_a) in [
        ("A's, at once", 1, 3, "1", "outside_window"),
        ("A's, delivered after B opened", 1, 65, "1", "stale"),
        ("A's, written in the second in which A opened", 0, 65, "1", "stale"),
        ("A's, written shortly before B", 55, 65, "1", "stale"),
        ("B's, written in the second in which B opened", 60, 65, "2", "2"),
        ("B's", 62, 65, "2", "2"),
    ] {
        let message = message("m", Some(date), accepted);
        assert_eq!(outcome(&both, &message, accepted), with_a, "{about}");
        assert_eq!(outcome(&a_has_ended, &message, accepted), after_a, "{about}, and A has ended");
    }
}

#[test]
fn from_its_opening_on_a_message_is_the_newer_requests_unless_that_has_its_code_and_the_older_waits() {
    let both = two(60_000);
    let (b_has_its_code, first) = delivered(&both, &message("one", Some(62), 65), 65);
    assert_eq!(first, id(2));
    assert_eq!(outcome(&b_has_its_code, &message("two", Some(63), 66), 66), "1", "A still waits");
    let (both_have, _) = delivered(&b_has_its_code, &message("two", Some(63), 66), 66);
    assert_eq!(outcome(&both_have, &message("three", Some(64), 67), 67), "2", "the newest written code wins");
    assert_eq!(outcome(&both_have, &message("older", Some(61), 67), 67), "stale");
}

/// Two clients that start within two seconds, and their mails in the order of their logins.
#[test]
fn programs_that_start_together_get_their_codes_in_the_order_of_opening() {
    for (gap, first, second) in [
        (0, 1, 1),
        (300, 0, 0),
        (300, 1, 1),
        (1_000, 0, 1),
        // The first login's mail is written after the second request opened.
        (1_000, 1, 2),
        (1_000, 2, 3),
        (1_900, 3, 4),
    ] {
        let both = two(gap);
        let (next, one) = delivered(&both, &message("one", Some(first), 6), 6);
        let (_, other) = delivered(&next, &message("two", Some(second), 6), 6);
        assert_eq!((one, other), (id(1), id(2)), "{gap} ms apart, dated {first} and {second}");
    }
    let three = opened([request(1, 1, 0), request(2, 2, 2), request(3, 3, 4)]);
    let (next, one) = delivered(&three, &message("one", Some(4), 8), 8);
    let (next, two) = delivered(&next, &message("two", Some(5), 8), 8);
    let (_, three) = delivered(&next, &message("three", Some(6), 8), 8);
    assert_eq!((one, two, three), (id(1), id(2), id(3)), "each within two seconds of the one before");
}

#[test]
fn mails_of_two_logins_that_overtake_each_other_are_told_apart_by_their_dates() {
    let both = two(5_000);
    let (next, one) = delivered(&both, &message("second", Some(6), 9), 9);
    let (_, other) = delivered(&next, &message("first", Some(1), 12), 12);
    assert_eq!((one, other), (id(2), id(1)));
}

#[test]
fn two_mails_of_one_second_are_two_codes() {
    let both = two(500);
    let (next, _) = delivered(&both, &message("one", Some(1), 6), 6);
    assert_eq!(outcome(&next, &message("two", Some(1), 7), 7), "2");
}

#[test]
fn a_date_just_before_the_next_request_is_the_older_ones_while_that_expects_its_own() {
    let (a_alone, _) = delivered(&opened([request(1, 1, 0)]), &message("one", Some(1), 3), 4);
    let a_has_its_code = a_alone.opened(request(2, 2, 60));
    for (about, record, gap, date, expected) in [
        ("A began a minute ago", two(60_000), 60, 58, "2"),
        ("by more than the clocks may differ", two(60_000), 60, 57, "1"),
        ("A has its code", a_has_its_code, 60, 58, "2"),
        ("A began just now", two(5_000), 5, 3, "1"),
        ("A began ten seconds before", two(12_000), 12, 10, "2"),
        ("A has ended, and began just now", two(5_000).closed(&id(1)).expect("it was open"), 5, 3, "stale"),
    ] {
        let message = message("m", Some(date), gap + 3);
        assert_eq!(outcome(&record, &message, gap + 3), expected, "{about}");
    }
}

#[test]
fn the_grace_counts_only_against_a_time_at_which_no_other_request_was_open() {
    let alone = opened([request(2, 2, 60)]);
    let after_an_expired = opened([request(1, 1, -260), request(2, 2, 60)]);
    for (about, record, date, expected) in [
        ("a clock that is 30 s slow", &alone, 30, "2"),
        ("the last login's code, late", &alone, 28, "stale"),
        ("an old mail replayed", &alone, -3 * 86_400, "stale"),
        ("while the older one's window ran", &after_an_expired, 38, "stale"),
        ("after the older one's window", &after_an_expired, 41, "2"),
    ] {
        assert_eq!(outcome(record, &message("m", Some(date), 65), 66), expected, "{about}");
    }
    let before_both = two(20_000);
    assert_eq!(outcome(&before_both, &message("m", Some(-10), 25), 25), "1", "the grace is the first one's");
}

#[test]
fn without_a_date_the_acceptance_counts() {
    let both = two(5_500);
    assert_eq!(outcome(&both, &message("m", None, 5), 6), "1");
    assert_eq!(outcome(&both, &message("m", None, 6), 6), "2");
    assert_eq!(outcome(&both, &message("m", Some(86_400), 6), 6), "2", "a date in the future does not count");
}

#[test]
fn a_message_waits_for_its_own_provider() {
    let blink = |number, seconds| Request { provider: "blink".to_owned(), ..request(number, 1, seconds) };
    let arlo_mail = message("m", Some(5), 7);
    assert_eq!(outcome(&opened([blink(1, 0)]), &arlo_mail, 8), "not_from_provider");
    assert_eq!(outcome(&opened([request(1, 1, 0), blink(2, 4)]), &arlo_mail, 8), "1", "side by side");
}

/// DESIGN section 4: a message belongs to the login that caused it, also if its program has started again.
#[test]
fn the_first_logins_code_is_not_the_second_ones_of_the_same_program() {
    let again = opened([request(1, 1, 0), request(2, 1, 5)]);
    assert_eq!(outcome(&again, &message("first", Some(1), 7), 7), "stale");
    assert_eq!(outcome(&again, &message("second", Some(6), 8), 8), "2");
}
