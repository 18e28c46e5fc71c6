"""AWS refuses, falls silent or loses an answer at each step; then the retry. No code is lost or doubled."""

from datetime import timedelta

import pytest

from faults import Kind, for_ever, once
from letter import CODE, MAILBOX, letter
from mail import Mail
from relay_client import Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)

# Each call of each function in a login and a revocation: the operation, and which of its calls it is.
PRESTAGE = [("GetItem", 1), ("UpdateItem", 1), ("PutObject", 1), ("CreateSchedule", 1)]
RECEIVE = [
    ("GetObject", 1),
    ("GetItem", 1),
    ("GetItem", 2),
    ("PutItem", 1),
    ("PutObject", 1),
    ("PutItem", 2),
    ("UpdateItem", 1),
    ("DeleteObject", 1),
]
EXPIRE = [("GetItem", 1), ("PutItem", 1), ("PutObject", 1)]
REVOKE = [
    ("GetItem", 1),
    ("DeleteItem", 1),
    ("DeleteItem", 2),
    ("DeleteItem", 3),
    ("GetItem", 2),
    ("PutItem", 1),
    ("PutObject", 1),
    ("DeleteItem", 4),
]
ADD = [("PutItem", 1), ("PutItem", 2)]
ROTATE = [("GetItem", 1), ("GetItem", 2), ("PutItem", 1), ("PutItem", 2)]

# Trouble that lasts until somebody mends it, and trouble that happens once.
LASTING = [Kind.REFUSED, Kind.LOST]
PASSING = [Kind.REFUSED, Kind.LOST, Kind.KILLED_BEFORE, Kind.KILLED_AFTER]


def spell(thing: object) -> str:
    return thing.name.lower() if isinstance(thing, Kind) else "-".join(map(str, thing))


def lasting(steps: list) -> pytest.MarkDecorator:
    table = [(step, kind) for step in steps for kind in LASTING]
    return pytest.mark.parametrize(("step", "kind"), table, ids=spell)


def passing(steps: list) -> pytest.MarkDecorator:
    table = [(step, kind) for step in steps for kind in PASSING]
    return pytest.mark.parametrize(("step", "kind"), table, ids=spell)


def mail_for(enrolment: Enrolment, request: Request) -> Mail:
    return letter().to_tag(enrolment.tag).sent_at(request.opened_at + A_WHILE)


def test_the_steps_are_all_that_the_functions_ask_of_aws(relay: Relay) -> None:
    def asked_since(start: int) -> list[tuple[str, str]]:
        return sorted((function, call.operation) for function, call in relay.front.record.calls[start:])

    def named(**steps: list) -> list[tuple[str, str]]:
        return sorted((function, operation) for function, table in steps.items() for operation, _ in table)

    start = len(relay.front.record.calls)
    with relay.enrolled(MAILBOX) as enrolment:
        assert asked_since(start) == named(enroll=ADD)
        start = len(relay.front.record.calls)
        request = relay.open(enrolment)
        relay.deliver(mail_for(enrolment, request))
        relay.end(request)
        assert asked_since(start) == named(prestage=PRESTAGE, receive=RECEIVE, expire=EXPIRE)
        start = len(relay.front.record.calls)
        relay.enroll("rotate", mailbox=MAILBOX, trust="signed")
        assert asked_since(start) == named(enroll=ROTATE)
        relay.open(relay.renewed(enrolment))
        start = len(relay.front.record.calls)
    assert asked_since(start) == named(enroll=REVOKE)


@lasting(PRESTAGE)
def test_prestage_that_cannot_open_a_request_says_so_and_opens_one_later(
    relay: Relay, enrolment: Enrolment, step: tuple, kind: Kind
) -> None:
    with relay.front.faults.cause(for_ever("prestage", step, kind)) as fault:
        answer = relay.ask(enrolment)
        assert fault.struck.is_set()
    assert (answer.status, answer.json()["error"]) == (503, "try_again")
    assert int(answer.headers["Retry-After"]) > 0
    assert_login_works(relay, enrolment)


@passing(PRESTAGE)
def test_prestage_gives_out_no_url_that_does_not_work(
    relay: Relay, enrolment: Enrolment, step: tuple, kind: Kind
) -> None:
    with relay.front.faults.cause(once("prestage", step, kind)) as fault:
        answer = relay.ask(enrolment)
        assert fault.struck.is_set()
    if answer.status == 200:
        relay.note_url(answer.json()["status_url"])
        assert relay.get(answer.json()["status_url"]).json()["status"] == "pending"
    else:
        assert answer.status in (500, 503)
    assert_login_works(relay, enrolment)


def assert_login_works(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.open(enrolment)
    assert relay.deliver(mail_for(enrolment, request)).handled
    assert relay.result(enrolment, request) == CODE
    assert relay.end(request).ok
    assert relay.poll(request)["reason"] == "expired"


@lasting(RECEIVE)
def test_receive_that_cannot_go_on_fails_and_delivers_at_the_retry(
    relay: Relay, enrolment: Enrolment, opened: Request, step: tuple, kind: Kind
) -> None:
    with relay.front.faults.cause(for_ever("receive", step, kind)) as fault:
        delivery = relay.deliver(mail_for(enrolment, opened), attempts=1)
        assert fault.struck.is_set()
    if kind is Kind.REFUSED:
        assert not delivery.handled
    assert relay.announce(delivery.message_id, delivery.event).handled
    assert_delivered_once(relay, enrolment, opened)


@passing(RECEIVE)
def test_a_code_survives_whatever_happens_to_receive_once(
    relay: Relay, enrolment: Enrolment, opened: Request, step: tuple, kind: Kind
) -> None:
    with relay.front.faults.cause(once("receive", step, kind)) as fault:
        assert relay.deliver(mail_for(enrolment, opened)).handled
        assert fault.struck.is_set()
    assert_delivered_once(relay, enrolment, opened)


def assert_delivered_once(relay: Relay, enrolment: Enrolment, request: Request) -> None:
    assert relay.result(enrolment, request) == CODE
    assert relay.last_refusal(enrolment) is None
    assert not relay.inbox()
    later = relay.open(enrolment)
    assert relay.poll(later)["status"] == "pending"
    assert relay.end(request).ok
    assert relay.poll(request)["reason"] == "expired"


@lasting(EXPIRE)
@pytest.mark.parametrize("code", [None, CODE], ids=["nothing", "a code"])
def test_expire_that_cannot_go_on_fails_and_ends_the_request_at_the_retry(
    relay: Relay, enrolment: Enrolment, opened: Request, step: tuple, kind: Kind, code: str | None
) -> None:
    if code:
        relay.deliver(mail_for(enrolment, opened))
    with relay.front.faults.cause(for_ever("expire", step, kind)) as fault:
        outcome = relay.end(opened)
        assert fault.struck.is_set()
    assert outcome.ok is False or kind is Kind.LOST
    assert relay.end(opened).ok
    assert relay.poll(opened)["reason"] == ("expired" if code else "timed_out")


@passing(EXPIRE)
def test_a_code_is_erased_whatever_happens_to_expire_once(
    relay: Relay, enrolment: Enrolment, opened: Request, step: tuple, kind: Kind
) -> None:
    relay.deliver(mail_for(enrolment, opened))
    with relay.front.faults.cause(once("expire", step, kind)) as fault:
        assert relay.end(opened).ok
        assert fault.struck.is_set()
    assert relay.poll(opened)["reason"] == "expired"


@passing(REVOKE)
def test_a_revocation_that_broke_off_is_ended_by_another(relay: Relay, step: tuple, kind: Kind) -> None:
    with relay.enrolled(MAILBOX) as enrolment:
        request = relay.open(enrolment)
        with relay.front.faults.cause(once("enroll", step, kind)) as fault:
            relay.functions["enroll"].invoke({"action": "revoke", "mailbox": MAILBOX})
            assert fault.struck.is_set()
        relay.enroll("revoke", mailbox=MAILBOX)
        assert relay.ask(enrolment).status == 403
        assert relay.poll(request)["reason"] == "revoked"


@passing(ADD)
def test_an_enrolment_that_broke_off_can_be_had_after_all(relay: Relay, step: tuple, kind: Kind) -> None:
    try:
        with relay.front.faults.cause(once("enroll", step, kind)) as fault:
            relay.functions["enroll"].invoke({"action": "add", "mailbox": MAILBOX})
            assert fault.struck.is_set()
        told = relay.enroll("add", mailbox=MAILBOX)
        if told.get("error") == "already_enrolled":
            told = relay.enroll("rotate", mailbox=MAILBOX)
        assert "error" not in told
        assert_login_works(relay, Enrolment(MAILBOX, told["relay_address"], told["token"]))
    finally:
        relay.enroll("revoke", mailbox=MAILBOX)


@passing(ROTATE)
@pytest.mark.parametrize("address", [False, True], ids=["token", "address"])
def test_a_renewal_that_broke_off_is_ended_by_another(
    relay: Relay, enrolment: Enrolment, step: tuple, kind: Kind, address: bool
) -> None:
    with relay.front.faults.cause(once("enroll", step, kind)) as fault:
        relay.functions["enroll"].invoke(
            {"action": "rotate", "mailbox": MAILBOX, "trust": "signed", "address": address}
        )
        assert fault.struck.is_set()
    assert_login_works(relay, relay.renewed(enrolment))
    assert relay.ask(enrolment).status == 403


SILENT = [
    *(("prestage", operation) for operation in ("GetItem", "UpdateItem", "PutObject", "CreateSchedule")),
    *(("receive", operation) for operation in ("GetObject", "GetItem", "PutItem", "PutObject")),
    *(("receive", operation) for operation in ("UpdateItem", "DeleteObject")),
    *(("expire", operation) for operation in ("GetItem", "PutItem", "PutObject")),
    ("enroll", "GetItem"),
]


@pytest.mark.parametrize(("function", "operation"), SILENT)
def test_one_answer_that_never_comes_is_not_waited_for(
    relay: Relay, enrolment: Enrolment, function: str, operation: str
) -> None:
    with relay.front.faults.cause(once(function, (operation, 1), Kind.UNANSWERED)) as fault:
        assert_login_works(relay, enrolment)
        assert relay.enroll("show", mailbox=MAILBOX)["relay_address"] == enrolment.relay_address
        assert fault.struck.is_set()


def test_a_service_that_never_answers_is_given_up_before_the_function_s_time_is_up(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    with relay.front.faults.cause(for_ever("receive", ("PutObject", 1), Kind.UNANSWERED)):
        delivery = relay.deliver(mail_for(enrolment, opened), attempts=1)
    # The function's own words, and not those of whoever ended it.
    assert not delivery.handled
    assert "Sandbox.Timedout" not in str(delivery.outcomes)
    assert relay.announce(delivery.message_id, delivery.event).handled
    assert_delivered_once(relay, enrolment, opened)
