"""Each decision is one log line, which emits the metrics of what it decided."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from client import Request
from fault_injection import Kind, always
from intrinsics import STACK_NAME
from metrics import Datum, LogTail
from owner import Enrolment
from relay import Relay

MINUTE = timedelta(minutes=1)
# The window of five minutes, and as long again: a request that is still open then is overdue.
LONG = timedelta(minutes=10)


@pytest.fixture
def log_tail(logs: Path, relay: Relay, enrolment: Enrolment) -> LogTail:
    """The logs from now on, with the mailbox enrolled."""
    return LogTail(logs)


def open_a_minute_ago(relay: Relay, enrolment: Enrolment) -> Request:
    return relay.open_request_earlier(enrolment, MINUTE)


def deliver_code(relay: Relay, enrolment: Enrolment, request: Request) -> None:
    assert relay.ses.deliver(relay.mail_for(enrolment, request)).handled


# What can happen at the relay.


def a_request_is_opened(relay: Relay, enrolment: Enrolment) -> None:
    relay.client.open_request(enrolment)


def a_mail_is_refused_and_another_one_too(relay: Relay, enrolment: Enrolment) -> None:
    mail = relay.mail_for(enrolment, open_a_minute_ago(relay, enrolment), spam="FAIL", dkim=())
    relay.ses.deliver(mail)
    without_spam = relay.mail_for(enrolment, open_a_minute_ago(relay, enrolment)).shifted(-LONG)
    relay.ses.deliver(without_spam)


def a_window_ends_twice_without_a_code(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.client.open_request(enrolment)
    assert relay.scheduler.fire(request).ok
    assert relay.scheduler.fire(request).ok


def a_window_ends_with_a_code(relay: Relay, enrolment: Enrolment) -> None:
    request = open_a_minute_ago(relay, enrolment)
    deliver_code(relay, enrolment, request)
    assert relay.scheduler.fire(request).ok


def a_window_ends_of_a_superseded_request(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.client.open_request(enrolment)
    relay.client.open_request(enrolment)
    assert relay.scheduler.fire(request).ok


def a_window_ends_much_too_late(relay: Relay, enrolment: Enrolment) -> None:
    assert relay.scheduler.fire(relay.open_request_earlier(enrolment, LONG)).ok


def a_code_is_erased_much_too_late(relay: Relay, enrolment: Enrolment) -> None:
    request = open_a_minute_ago(relay, enrolment)
    deliver_code(relay, enrolment, request)
    relay.items.age_requests(enrolment.tag, LONG)
    assert relay.scheduler.fire(request).ok


def a_request_replaces_one_that_never_ended(relay: Relay, enrolment: Enrolment) -> None:
    relay.open_request_earlier(enrolment, LONG)
    relay.client.open_request(enrolment)


def the_table_throttles_prestage(relay: Relay, enrolment: Enrolment) -> None:
    with relay.proxy.faults.inject(always("prestage", "GetItem", Kind.THROTTLED)):
        assert relay.client.prestage(enrolment).status == 503


def the_table_throttles_enroll(relay: Relay, enrolment: Enrolment) -> None:
    with relay.proxy.faults.inject(always("enroll", "GetItem", Kind.THROTTLED)):
        relay.functions["enroll"].invoke({"action": "show", "mailbox": enrolment.mailbox})


def the_table_throttles_receive_twice(relay: Relay, enrolment: Enrolment) -> None:
    mail = relay.mail_for(enrolment, open_a_minute_ago(relay, enrolment), spam="FAIL", dkim=())
    with relay.proxy.faults.inject(always("receive", "GetItem", Kind.THROTTLED)):
        delivery = relay.ses.deliver(mail, attempts=2)
    assert relay.ses.announce(delivery.message_id, delivery.event).handled


def the_table_throttles_expire(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.client.open_request(enrolment)
    with relay.proxy.faults.inject(always("expire", "GetItem", Kind.THROTTLED)):
        assert not relay.scheduler.fire(request).ok


def count(name: str, **dimensions: str) -> Datum:
    return Datum(name, "Count", 1, (("Stack", STACK_NAME), *dimensions.items()))


OPENED, TIMED_OUT, OVERDUE = count("RequestsOpened"), count("TimedOut"), count("PendingPastEnd")
UNAVAILABLE, SPAM = count("Unavailable"), count("Refused", Reason="spam")

# What happens, whose log tells of it, and what each of its lines emits.
EMITTED: list[tuple[Callable[[Relay, Enrolment], None], str, list[list[Datum]]]] = [
    (a_request_is_opened, "prestage", [[OPENED]]),
    (a_mail_is_refused_and_another_one_too, "receive", [[SPAM], [count("Refused", Reason="outside_window")]]),
    (a_window_ends_twice_without_a_code, "expire", [[TIMED_OUT], []]),
    (a_window_ends_with_a_code, "expire", [[]]),
    (a_window_ends_of_a_superseded_request, "expire", [[]]),
    (a_window_ends_much_too_late, "expire", [[TIMED_OUT, OVERDUE]]),
    (a_code_is_erased_much_too_late, "expire", [[OVERDUE]]),
    (a_request_replaces_one_that_never_ended, "prestage", [[OPENED], [OPENED, OVERDUE]]),
    (the_table_throttles_prestage, "prestage", [[UNAVAILABLE]]),
    (the_table_throttles_enroll, "enroll", [[UNAVAILABLE]]),
    # The retry that succeeds counts the mail once.
    (the_table_throttles_receive_twice, "receive", [[UNAVAILABLE], [UNAVAILABLE], [SPAM]]),
    # Scheduler retries once.
    (the_table_throttles_expire, "expire", [[UNAVAILABLE], [UNAVAILABLE]]),
]


@pytest.mark.parametrize(("happening", "function", "expected"), EMITTED, ids=lambda of: getattr(of, "__name__", ""))
def test_each_decision_is_one_line_that_emits_its_metrics(
    relay: Relay,
    enrolment: Enrolment,
    log_tail: LogTail,
    happening: Callable[[Relay, Enrolment], None],
    function: str,
    expected: list[list[Datum]],
) -> None:
    happening(relay, enrolment)
    assert log_tail.data(function) == expected


def test_a_delivery_is_timed_from_the_acceptance_of_its_mail_and_counted_once(
    relay: Relay, enrolment: Enrolment, log_tail: LogTail
) -> None:
    mail = relay.mail_for(enrolment, open_a_minute_ago(relay, enrolment))
    before = datetime.now(UTC) - mail.accepted
    delivery = relay.ses.deliver(mail)
    after = datetime.now(UTC) - mail.accepted
    # Announced again, as if the first attempt's deletion had failed.
    relay.ses.store(delivery.message_id, mail.raw)
    relay.ses.announce(delivery.message_id, delivery.event)
    first, again = log_tail.data("receive")
    delivered, took = first
    assert again == []
    assert delivered == count("CodesDelivered")
    assert (took.name, took.unit, took.dimensions) == ("DeliverySeconds", "Seconds", delivered.dimensions)
    assert before.total_seconds() <= took.value <= after.total_seconds()
    assert log_tail.lines("receive")[-1]["reason"] == "delivered_before"
