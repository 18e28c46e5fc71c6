"""AWS throttles, does not respond, or does what it is asked and its response is lost; Lambda kills a function.

Then comes the retry: no code is lost or given twice, and every request ends. The services' own order of steps is
proven in service/, call by call; here is proven what the SDK's retries and the conditional writes make of it.
"""

import pytest

from client import Request
from fault_injection import Fault, Kind, always, once
from mail_builder import CODE, MAILBOX
from owner import Enrolment
from relay import Relay

# Every call of each function in a login and in the owner's actions: the operation, and which of its calls.
CALLS = {
    # The second UpdateItem notes when the token was last used.
    "prestage": [("GetItem", 1), ("UpdateItem", 1), ("UpdateItem", 2), ("PutObject", 1), ("CreateSchedule", 1)],
    "receive": [
        ("GetObject", 1),
        ("GetItem", 1),
        ("GetItem", 2),
        ("PutItem", 1),
        ("PutObject", 1),
        ("PutItem", 2),
        ("UpdateItem", 1),
        ("DeleteObject", 1),
    ],
    "expire": [("GetItem", 1), ("PutItem", 1), ("PutObject", 1)],
    "add": [("PutItem", 1), ("PutItem", 2)],
    "rotate": [("GetItem", 1), ("GetItem", 2), ("PutItem", 1), ("PutItem", 2)],
    "revoke": [
        ("GetItem", 1),
        ("DeleteItem", 1),
        ("DeleteItem", 2),
        ("DeleteItem", 3),
        ("GetItem", 2),
        ("PutItem", 1),
        ("PutObject", 1),
        ("DeleteItem", 4),
        # And once more, for a request that was opened meanwhile.
        ("GetItem", 3),
        ("PutObject", 2),
    ],
}
# A write whose response is lost is made again by the SDK, and then the condition of a conditional one does not hold.
# The other writes are idempotent. A function that is killed after a write is invoked again.
WRITES = {
    Kind.RESPONSE_LOST: ("PutItem", "UpdateItem", "CreateSchedule"),
    Kind.KILLED_AFTER: ("PutItem", "UpdateItem", "CreateSchedule", "DeleteItem", "PutObject", "DeleteObject"),
}


def after_each_write(job: str) -> pytest.MarkDecorator:
    table = [
        (operation, nth, kind)
        for kind, operations in WRITES.items()
        for operation, nth in CALLS[job]
        if operation in operations
    ]
    return pytest.mark.parametrize(("operation", "nth", "kind"), table, ids=name_of)


def name_of(value: object) -> str:
    return value.name.lower() if isinstance(value, Kind) else str(value)


def test_these_are_all_calls_of_the_functions(relay: Relay) -> None:
    def made(start: int) -> list[tuple[str, str]]:
        return sorted(relay.proxy.calls_since(start))

    def listed(function: str, job: str) -> list[tuple[str, str]]:
        return [(function, operation) for operation, _ in CALLS[job]]

    start = len(relay.proxy.record.calls)
    with relay.owner.enrolled(MAILBOX) as enrolment:
        assert made(start) == sorted(listed("enroll", "add"))
        start = len(relay.proxy.record.calls)
        request = relay.client.open_request(enrolment)
        relay.ses.deliver(relay.mail_for(enrolment, request))
        relay.scheduler.fire(request)
        assert made(start) == sorted(name for job in ("prestage", "receive", "expire") for name in listed(job, job))
        start = len(relay.proxy.record.calls)
        rotated = relay.owner.rotate(enrolment, trust="signed")
        assert made(start) == sorted(listed("enroll", "rotate"))
        relay.client.open_request(rotated)
        start = len(relay.proxy.record.calls)
    assert made(start) == sorted(listed("enroll", "revoke"))


def assert_login_works(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.client.open_request(enrolment)
    assert relay.ses.deliver(relay.mail_for(enrolment, request)).handled
    assert relay.client.poll(request)["code"] == CODE
    assert relay.scheduler.fire(request).ok
    assert relay.client.poll(request)["reason"] == "expired"


def assert_delivered_once(relay: Relay, enrolment: Enrolment, request: Request) -> None:
    assert relay.result(enrolment, request) == CODE
    assert relay.owner.last_refusal(enrolment) is None
    assert not relay.ses.inbox()
    assert relay.client.poll(relay.client.open_request(enrolment))["status"] == "pending"
    assert relay.scheduler.fire(request).ok
    assert relay.client.poll(request)["reason"] == "expired"


# One of each service, for its client has its own settings.
@pytest.mark.parametrize("operation", ["GetItem", "PutObject", "CreateSchedule"])
def test_prestage_answers_try_again_while_it_is_throttled(relay: Relay, enrolment: Enrolment, operation: str) -> None:
    with relay.proxy.faults.inject(always("prestage", operation, Kind.THROTTLED)) as fault:
        response = relay.client.prestage(enrolment)
    # The SDK's own retries come first.
    assert fault.matched > 1
    assert (response.status, response.json()["error"]) == (503, "try_again")
    assert int(response.headers["Retry-After"]) > 0
    assert_login_works(relay, enrolment)


@pytest.mark.parametrize("operation", ["GetObject", "GetItem", "DeleteObject"])
def test_receive_fails_while_it_is_throttled_and_delivers_at_the_retry(
    relay: Relay, enrolment: Enrolment, open_request: Request, operation: str
) -> None:
    with relay.proxy.faults.inject(always("receive", operation, Kind.THROTTLED)):
        delivery = relay.ses.deliver(relay.mail_for(enrolment, open_request), attempts=1)
    assert not delivery.handled
    assert relay.ses.announce(delivery.message_id, delivery.event).handled
    assert_delivered_once(relay, enrolment, open_request)


def test_expire_fails_while_it_is_throttled_and_ends_the_request_at_the_retry(
    relay: Relay, open_request: Request
) -> None:
    with relay.proxy.faults.inject(always("expire", "PutObject", Kind.THROTTLED)):
        assert not relay.scheduler.fire(open_request).ok
    assert relay.scheduler.fire(open_request).ok
    assert relay.client.poll(open_request)["reason"] == "timed_out"


def test_one_call_without_a_response_is_made_again(relay: Relay, enrolment: Enrolment) -> None:
    silent = [
        # Made at the same time, so that the timeouts pass at the same time.
        once("prestage", "UpdateItem", Kind.NO_RESPONSE),
        once("prestage", "PutObject", Kind.NO_RESPONSE),
        once("prestage", "CreateSchedule", Kind.NO_RESPONSE),
        once("receive", "GetObject", Kind.NO_RESPONSE),
        once("receive", "GetItem", Kind.NO_RESPONSE),
        once("expire", "PutItem", Kind.NO_RESPONSE),
    ]
    with relay.proxy.faults.inject(*silent):
        assert_login_works(relay, enrolment)
    assert all(fault.triggered.is_set() for fault in silent)


def test_a_service_that_never_responds_is_given_up_before_the_function_s_timeout(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    with relay.proxy.faults.inject(always("receive", "PutObject", Kind.NO_RESPONSE)):
        delivery = relay.ses.deliver(relay.mail_for(enrolment, open_request), attempts=1)
    # The function's own error, and not that of a killed one.
    assert not delivery.handled
    assert "Sandbox.Timedout" not in str(delivery.attempts)
    assert relay.ses.announce(delivery.message_id, delivery.event).handled
    assert_delivered_once(relay, enrolment, open_request)


@after_each_write("prestage")
def test_prestage_gives_no_url_that_does_not_work(
    relay: Relay, enrolment: Enrolment, operation: str, nth: int, kind: Kind
) -> None:
    with relay.proxy.faults.inject(once("prestage", operation, kind, nth)) as fault:
        response = relay.client.prestage(enrolment)
        assert fault.triggered.is_set()
    if response.status == 200:
        relay.client.add_secret_url(response.json()["status_url"])
        assert relay.client.get(response.json()["status_url"]).json()["status"] == "pending"
    else:
        assert response.status in (500, 503)
    assert_login_works(relay, enrolment)


@after_each_write("receive")
def test_a_code_is_delivered_once_whatever_happens_to_receive(
    relay: Relay, enrolment: Enrolment, open_request: Request, operation: str, nth: int, kind: Kind
) -> None:
    with relay.proxy.faults.inject(once("receive", operation, kind, nth)) as fault:
        assert relay.ses.deliver(relay.mail_for(enrolment, open_request)).handled
        assert fault.triggered.is_set()
    assert_delivered_once(relay, enrolment, open_request)


@after_each_write("expire")
def test_a_code_is_erased_whatever_happens_to_expire(
    relay: Relay, enrolment: Enrolment, open_request: Request, operation: str, nth: int, kind: Kind
) -> None:
    relay.ses.deliver(relay.mail_for(enrolment, open_request))
    with relay.proxy.faults.inject(once("expire", operation, kind, nth)) as fault:
        assert relay.scheduler.fire(open_request).ok
        assert fault.triggered.is_set()
    assert relay.client.poll(open_request)["reason"] == "expired"


def invoke_with_fault(relay: Relay, event: dict, fault: Fault) -> None:
    with relay.proxy.faults.inject(fault):
        relay.functions["enroll"].invoke(event)
        assert fault.triggered.is_set()


@after_each_write("add")
def test_an_enrolment_can_be_had_whatever_happened_to_add(relay: Relay, operation: str, nth: int, kind: Kind) -> None:
    try:
        invoke_with_fault(relay, {"action": "add", "mailbox": MAILBOX}, once("enroll", operation, kind, nth))
        issued = relay.owner.enroll("add", mailbox=MAILBOX)
        if issued.get("error") == "already_enrolled":
            issued = relay.owner.enroll("rotate", mailbox=MAILBOX)
        assert "error" not in issued
        assert_login_works(relay, Enrolment(MAILBOX, issued["relay_address"], issued["token"]))
    finally:
        relay.owner.enroll("revoke", mailbox=MAILBOX)


@after_each_write("rotate")
@pytest.mark.parametrize("address", [False, True], ids=["token", "address"])
def test_a_rotation_can_be_completed_whatever_happened_to_the_first(
    relay: Relay, enrolment: Enrolment, operation: str, nth: int, kind: Kind, address: bool
) -> None:
    event = {"action": "rotate", "mailbox": MAILBOX, "trust": "signed", "address": address}
    invoke_with_fault(relay, event, once("enroll", operation, kind, nth))
    assert_login_works(relay, relay.owner.rotate(enrolment))
    assert relay.client.prestage(enrolment).status == 403


@after_each_write("revoke")
def test_a_revocation_can_be_completed_whatever_happened_to_the_first(
    relay: Relay, operation: str, nth: int, kind: Kind
) -> None:
    with relay.owner.enrolled(MAILBOX) as enrolment:
        request = relay.client.open_request(enrolment)
        event = {"action": "revoke", "mailbox": MAILBOX}
        invoke_with_fault(relay, event, once("enroll", operation, kind, nth))
        relay.owner.enroll("revoke", mailbox=MAILBOX)
        assert relay.client.prestage(enrolment).status == 403
        assert relay.client.poll(request)["reason"] == "revoked"
