"""A request ends, or another one opens, while a code is on its way into the status document."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from client import Request
from fault_injection import Kind, once
from mail_builder import CODE, MAILBOX
from owner import Enrolment
from processes import wait_until
from relay import Relay


@contextmanager
def code_in_flight(relay: Relay, enrolment: Enrolment, request: Request) -> Iterator[None]:
    """`receive` has claimed the request, and its put of the code waits until the block ends."""
    with ThreadPoolExecutor() as threads:
        with relay.proxy.faults.inject(once("receive", "PutObject", Kind.HELD)) as fault:
            delivery = threads.submit(relay.ses.deliver, relay.mail_for(enrolment, request))
            assert fault.triggered.wait(5)
            yield
        assert delivery.result().handled


def test_a_code_in_flight_when_the_window_ends_is_retracted(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    with code_in_flight(relay, enrolment, open_request):
        assert relay.scheduler.fire(open_request).ok
    assert relay.client.poll(open_request)["reason"] == "expired"


def test_a_code_in_flight_when_the_mailbox_is_revoked_is_retracted(relay: Relay) -> None:
    with relay.owner.enrolled(MAILBOX) as enrolment:
        request = relay.client.open_request(enrolment)
        with code_in_flight(relay, enrolment, request):
            assert relay.owner.enroll("revoke", mailbox=MAILBOX) == {"revoked": True}
        assert relay.client.poll(request)["reason"] == "revoked"


def test_a_code_in_flight_when_the_next_login_begins_is_not_given_to_it(relay: Relay, enrolment: Enrolment) -> None:
    older = relay.open_request_earlier(enrolment, timedelta(minutes=1))
    with code_in_flight(relay, enrolment, older):
        newer = relay.client.open_request(enrolment)
    assert relay.client.poll(newer)["status"] == "pending"
    assert relay.client.poll(older).get("code", CODE) == CODE
    assert relay.scheduler.fire(older).ok
    assert relay.client.poll(older)["reason"] in ("expired", "superseded")


def test_a_pending_status_that_is_put_late_replaces_no_other(relay: Relay) -> None:
    with relay.owner.enrolled(MAILBOX) as enrolment, ThreadPoolExecutor() as threads:
        with relay.proxy.faults.inject(once("prestage", "PutObject", Kind.HELD)) as fault:
            opening = threads.submit(relay.client.open_request, enrolment)
            assert fault.triggered.wait(5)
            wait_until(lambda: relay.items.has_requests(enrolment.tag), "the request is stored")
            assert relay.owner.enroll("revoke", mailbox=MAILBOX) == {"revoked": True}
        assert relay.client.poll(opening.result())["reason"] == "revoked"
