"""Metrics: each decision is one line, which counts what it says, and the alarms look at what is counted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployment import RELAY_ADDRESS, Stack
from faults import Kind, for_ever
from intrinsics import STACK_NAME
from letter import MAILBOX, letter
from mail import ON_THE_WAY, Mail
from metrics import Emitted, Journal, Used, used_by_alarms, used_by_dashboards
from relay_client import Enrolment, Relay, Request

WATCHED = Stack({"RelayAddress": RELAY_ADDRESS, "OwnerEmail": "owner@example.org"})
USED = {*used_by_alarms(WATCHED), *used_by_dashboards(WATCHED)}
# The window of five minutes, and as long again: what stands open by then is overdue.
LONG = timedelta(minutes=10)
ON_ITS_WAY = timedelta(seconds=7)


@pytest.fixture
def journal(logs: Path, relay: Relay, enrolment: Enrolment) -> Journal:
    """The logs from here on, with the mailbox enrolled."""
    return Journal(logs)


def accepted_ago(enrolment: Enrolment, by: timedelta, **traits: str) -> Mail:
    """A mail that was accepted that long ago, to the second before."""
    return letter(**traits).to_tag(enrolment.tag).sent_at(datetime.now(UTC).replace(microsecond=0) - by - ON_THE_WAY)


def opened_a_minute_ago(relay: Relay, enrolment: Enrolment) -> Request:
    request = relay.open(enrolment)
    relay.let_pass(enrolment, timedelta(minutes=1))
    return request


# What can happen at the relay.


def a_request_is_opened(relay: Relay, enrolment: Enrolment) -> None:
    relay.open(enrolment)


def a_code_is_delivered(relay: Relay, enrolment: Enrolment) -> None:
    opened_a_minute_ago(relay, enrolment)
    assert relay.deliver(accepted_ago(enrolment, ON_ITS_WAY)).handled


def a_mail_is_refused_and_another_too(relay: Relay, enrolment: Enrolment) -> None:
    opened_a_minute_ago(relay, enrolment)
    relay.deliver(accepted_ago(enrolment, ON_ITS_WAY, spam="FAIL"))
    relay.deliver(accepted_ago(enrolment, LONG))


def a_window_ends_twice_without_a_code(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.open(enrolment)
    assert relay.end(request).ok
    assert relay.end(request).ok


def a_window_ends_with_a_code(relay: Relay, enrolment: Enrolment) -> None:
    request = opened_a_minute_ago(relay, enrolment)
    relay.deliver(accepted_ago(enrolment, ON_ITS_WAY))
    assert relay.end(request).ok


def a_window_ends_that_gave_way_to_a_newer(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.open(enrolment)
    relay.open(enrolment)
    assert relay.end(request).ok


def a_window_ends_much_too_late(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.open(enrolment)
    relay.let_pass(enrolment, LONG)
    assert relay.end(request).ok


def a_code_stands_much_too_long(relay: Relay, enrolment: Enrolment) -> None:
    request = opened_a_minute_ago(relay, enrolment)
    relay.deliver(accepted_ago(enrolment, ON_ITS_WAY))
    relay.let_pass(enrolment, LONG)
    assert relay.end(request).ok


def a_request_replaces_one_that_never_ended(relay: Relay, enrolment: Enrolment) -> None:
    relay.open(enrolment)
    relay.let_pass(enrolment, LONG)
    relay.open(enrolment)


def the_table_does_not_answer(relay: Relay, enrolment: Enrolment) -> None:
    with relay.front.faults.cause(for_ever("prestage", ("GetItem", 1), Kind.REFUSED)):
        assert relay.ask(enrolment).status == 503


Happening = Callable[[Relay, Enrolment], None]


def count(name: str, **more: str) -> Emitted:
    return Emitted(name, "Count", 1, (("Stack", STACK_NAME), *more.items()))


OPENED, TIMED_OUT, OVERDUE = count("RequestsOpened"), count("TimedOut"), count("PendingPastEnd")

# What happens, whose log tells of it, and what each of its lines counts.
COUNTED: list[tuple[Happening, str, list[list[Emitted]]]] = [
    (a_request_is_opened, "prestage", [[OPENED]]),
    (
        a_mail_is_refused_and_another_too,
        "receive",
        [[count("Refused", Reason="spam")], [count("Refused", Reason="outside_window")]],
    ),
    (a_window_ends_twice_without_a_code, "expire", [[TIMED_OUT], []]),
    (a_window_ends_with_a_code, "expire", [[]]),
    (a_window_ends_that_gave_way_to_a_newer, "expire", [[]]),
    (a_window_ends_much_too_late, "expire", [[TIMED_OUT, OVERDUE]]),
    (a_code_stands_much_too_long, "expire", [[OVERDUE]]),
    (a_request_replaces_one_that_never_ended, "prestage", [[OPENED], [OPENED, OVERDUE]]),
    (the_table_does_not_answer, "prestage", [[count("Unavailable")]]),
]


@pytest.mark.parametrize(("happening", "function", "expected"), COUNTED, ids=lambda of: getattr(of, "__name__", ""))
def test_each_decision_is_a_line_that_counts_it(
    relay: Relay,
    enrolment: Enrolment,
    journal: Journal,
    happening: Happening,
    function: str,
    expected: list[list[Emitted]],
) -> None:
    happening(relay, enrolment)
    assert journal.counted(function) == expected


def test_a_delivery_is_counted_and_timed_from_the_acceptance_of_its_mail(
    relay: Relay, enrolment: Enrolment, journal: Journal
) -> None:
    started = datetime.now(UTC)
    a_code_is_delivered(relay, enrolment)
    # The mail's acceptance is told in whole seconds.
    longest = datetime.now(UTC) - started + ON_ITS_WAY + timedelta(seconds=1)
    ((delivered, took),) = journal.counted("receive")
    assert delivered == count("CodesDelivered")
    assert (took.name, took.unit, took.dimensions) == ("DeliverySeconds", "Seconds", delivered.dimensions)
    assert ON_ITS_WAY.total_seconds() <= took.value <= longest.total_seconds()


def test_a_mail_from_a_clock_that_is_ahead_took_no_time(relay: Relay, enrolment: Enrolment, journal: Journal) -> None:
    relay.open(enrolment)
    assert relay.deliver(accepted_ago(enrolment, -timedelta(seconds=30))).handled
    ((_, took),) = journal.counted("receive")
    assert took.value == 0


def test_a_code_that_stands_already_is_not_counted_again(relay: Relay, enrolment: Enrolment, journal: Journal) -> None:
    opened_a_minute_ago(relay, enrolment)
    mail = accepted_ago(enrolment, ON_ITS_WAY)
    delivery = relay.deliver(mail)
    relay.store(delivery.message_id, mail.raw)
    relay.announce(delivery.message_id, delivery.event)
    assert [bool(counted) for counted in journal.counted("receive")] == [True, False]
    assert journal.lines("receive")[-1]["reason"] == "delivered_before"


@pytest.mark.parametrize(
    ("function", "happening"),
    [
        ("prestage", lambda relay, enrolment: relay.ask(enrolment)),
        ("enroll", lambda relay, _: relay.functions["enroll"].invoke({"action": "show", "mailbox": MAILBOX})),
    ],
)
def test_a_function_that_gets_no_answer_says_so(
    relay: Relay, enrolment: Enrolment, journal: Journal, function: str, happening: Callable
) -> None:
    with relay.front.faults.cause(for_ever(function, ("GetItem", 1), Kind.REFUSED)):
        happening(relay, enrolment)
    assert journal.counted(function) == [[count("Unavailable")]]


def test_a_mail_that_gets_no_answer_is_counted_at_each_try_and_then_refused_once(
    relay: Relay, enrolment: Enrolment, journal: Journal
) -> None:
    with relay.front.faults.cause(for_ever("receive", ("GetItem", 1), Kind.REFUSED)):
        delivery = relay.deliver(accepted_ago(enrolment, ON_ITS_WAY), attempts=2)
    assert relay.announce(delivery.message_id, delivery.event).handled
    refused = count("Refused", Reason="outside_window")
    assert journal.counted("receive") == [[count("Unavailable")], [count("Unavailable")], [refused]]


def test_an_end_that_gets_no_answer_says_so_at_each_try(
    relay: Relay, enrolment: Enrolment, opened: Request, journal: Journal
) -> None:
    with relay.front.faults.cause(for_ever("expire", ("GetItem", 1), Kind.REFUSED)):
        assert not relay.end(opened).ok
    assert journal.counted("expire") == [[count("Unavailable")]] * 2


# Which happening makes the functions emit which metric.
SOURCES: dict[str, Happening] = {
    "RequestsOpened": a_request_is_opened,
    "CodesDelivered": a_code_is_delivered,
    "DeliverySeconds": a_code_is_delivered,
    "Refused": a_mail_is_refused_and_another_too,
    "TimedOut": a_window_ends_twice_without_a_code,
    "PendingPastEnd": a_window_ends_much_too_late,
    "Unavailable": the_table_does_not_answer,
}


def test_the_alarms_and_the_dashboard_look_at_metrics_of_the_functions() -> None:
    assert {used.name for used in used_by_alarms(WATCHED)}
    assert {used.name for used in used_by_dashboards(WATCHED)}


@pytest.mark.parametrize("used", sorted(USED, key=str), ids=lambda used: used.name)
def test_what_an_alarm_or_the_dashboard_looks_at_is_emitted(
    relay: Relay, enrolment: Enrolment, journal: Journal, used: Used
) -> None:
    SOURCES[used.name](relay, enrolment)
    emitted = [metric for function in relay.functions for line in journal.counted(function) for metric in line]
    assert used in {metric.used for metric in emitted}
