"""What happens to a request while its code is on the way into the status document."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from faults import Kind, once
from letter import CODE, MAILBOX, letter
from mail import Mail
from relay_client import Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)


def mail_for(enrolment: Enrolment, request: Request) -> Mail:
    return letter().to_tag(enrolment.tag).sent_at(request.opened_at + A_WHILE)


def test_a_code_on_its_way_when_the_window_ends_does_not_stay(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    with ThreadPoolExecutor() as meanwhile:
        with relay.front.faults.cause(once("receive", ("PutObject", 1), Kind.HELD)) as fault:
            delivery = meanwhile.submit(relay.deliver, mail_for(enrolment, opened))
            assert fault.struck.wait(5)
            assert relay.end(opened).ok
        assert delivery.result().handled
    assert relay.poll(opened)["reason"] == "expired"


def test_a_code_on_its_way_when_the_mailbox_is_revoked_does_not_stay(relay: Relay) -> None:
    with relay.enrolled(MAILBOX) as enrolment, ThreadPoolExecutor() as meanwhile:
        request = relay.open(enrolment)
        with relay.front.faults.cause(once("receive", ("PutObject", 1), Kind.HELD)) as fault:
            delivery = meanwhile.submit(relay.deliver, mail_for(enrolment, request))
            assert fault.struck.wait(5)
            assert relay.enroll("revoke", mailbox=MAILBOX) == {"revoked": True}
        assert delivery.result().handled
        assert relay.poll(request)["reason"] == "revoked"


def test_a_code_on_its_way_when_the_next_login_begins_goes_to_its_own(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    with ThreadPoolExecutor() as meanwhile:
        with relay.front.faults.cause(once("receive", ("PutObject", 1), Kind.HELD)) as fault:
            delivery = meanwhile.submit(relay.deliver, mail_for(enrolment, opened))
            assert fault.struck.wait(5)
            later = relay.open(enrolment)
        assert delivery.result().handled
    assert relay.poll(later)["status"] == "pending"
    assert relay.poll(opened).get("code", CODE) == CODE
    relay.end(opened)
    assert relay.poll(opened)["reason"] in ("expired", "superseded")
