"""The owner's actions, each through the table and back."""

from datetime import datetime

import pytest

from client import Request
from mail_builder import CODE, MAILBOX
from owner import Enrolment
from relay import SOON, Relay


def test_add_returns_once_everything_that_has_to_be_pasted(relay: Relay) -> None:
    try:
        issued = relay.owner.enroll("add", mailbox=MAILBOX, trust="signed", label="garden cameras")
        assert issued["relay_address"].startswith("arlo+")
        assert issued["relay_address"].endswith("@mfa.example.com")
        base = relay.stack.functions["enroll"].environment["PRESTAGE_URL"]
        assert issued["prestage_url"] == f"{base}?token={issued['token']}"
        assert (issued["trust"], issued["label"]) == ("signed", "garden cameras")
        assert relay.owner.enroll("add", mailbox="M.e+x@googlemail.com")["error"] == "already_enrolled"
        shown = relay.owner.show(MAILBOX)
        assert shown["relay_address"] == issued["relay_address"]
        assert issued["token"] not in str(shown)
    finally:
        relay.owner.enroll("revoke", mailbox=MAILBOX)


def test_show_and_list_tell_what_became_of_the_last_mail(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    shown = relay.owner.show(MAILBOX)
    assert shown["relay_address"] == enrolment.relay_address
    assert shown["trust"] == "forwarded"
    assert shown["mail_arrived_at"] is shown["last_refusal"] is shown["gmail_confirmation"] is None
    mail = relay.mail_for(enrolment, open_request, spam="FAIL")
    relay.ses.deliver(mail)
    (listed,) = relay.owner.enroll("list")["enrolments"]
    for row in (relay.owner.show(MAILBOX), listed):
        assert datetime.fromisoformat(row["mail_arrived_at"]) == mail.accepted.replace(microsecond=0)
        assert row["last_refusal"] == "spam"
    relay.ses.deliver(relay.mail_for(enrolment, open_request).shifted(SOON))
    assert relay.owner.last_refusal(enrolment) is None


def test_list_has_a_row_for_each_enrolment_and_no_address(relay: Relay) -> None:
    labels = {"one@example.org": "garden", "two@example.org": "porch"}
    try:
        for mailbox, label in labels.items():
            relay.owner.add(mailbox, label=label)
        listed = relay.owner.enroll("list")
        assert len(listed["enrolments"]) == 2
        assert all(label in str(listed) for label in labels.values())
        assert "example.org" not in str(listed)
    finally:
        for mailbox in labels:
            relay.owner.enroll("revoke", mailbox=mailbox)


def test_rotate_stops_the_old_token_at_once(relay: Relay, enrolment: Enrolment) -> None:
    rotated = relay.owner.rotate(enrolment)
    assert rotated.relay_address == enrolment.relay_address
    assert relay.client.prestage(enrolment).status == 403
    relay.client.open_request(rotated)
    assert relay.owner.show(MAILBOX)["trust"] == "forwarded"


def test_rotate_changes_the_trust_if_asked(relay: Relay, enrolment: Enrolment) -> None:
    rotated = relay.owner.rotate(enrolment, trust="signed")
    request = relay.client.open_request(rotated)
    relay.ses.deliver(relay.mail_for(rotated, request, dkim=()))
    assert relay.result(rotated, request) == "not_signed"


def test_rotate_changes_the_relay_address_if_asked_and_ends_the_open_request(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    moved = relay.owner.rotate(enrolment, address=True)
    assert moved.tag != enrolment.tag
    request = relay.client.open_request(moved)
    relay.ses.deliver(relay.mail_for(enrolment, request))
    assert relay.client.poll(request)["status"] == "pending"
    relay.ses.deliver(relay.mail_for(moved, request))
    assert relay.result(moved, request) == CODE
    assert relay.scheduler.fire(open_request).ok
    assert relay.client.poll(open_request)["status"] == "error"


@pytest.mark.parametrize("delivered", [False, True], ids=["pending", "complete"])
def test_revoke_ends_the_open_request_and_erases_its_code(relay: Relay, delivered: bool) -> None:
    with relay.owner.enrolled(MAILBOX) as enrolment:
        request = relay.client.open_request(enrolment)
        if delivered:
            relay.ses.deliver(relay.mail_for(enrolment, request))
            assert relay.client.poll(request)["code"] == CODE
        assert relay.owner.enroll("revoke", mailbox=MAILBOX) == {"revoked": True}
        assert relay.client.poll(request)["reason"] == "revoked"
        assert relay.client.prestage(enrolment).status == 403
        relay.ses.deliver(relay.mail_for(enrolment, request).shifted(SOON))
        assert relay.scheduler.fire(request).ok
        assert relay.client.poll(request)["reason"] == "revoked"
        assert relay.owner.show(MAILBOX)["error"] == "not_enrolled"


ADD = {"action": "add", "mailbox": MAILBOX}


@pytest.mark.parametrize("event", [None, "add", ADD | {"mailbox": "me@"}, ADD | {"label": []}], ids=str)
def test_an_action_that_cannot_be_done_is_a_result_that_says_what_to_do(relay: Relay, event: object) -> None:
    invocation = relay.functions["enroll"].invoke(event)
    assert invocation.ok, invocation.payload
    assert invocation.payload["error"] == "invalid_request"
    assert invocation.payload["message"]


def test_no_address_token_or_code_is_stored(relay: Relay, enrolment: Enrolment, open_request: Request) -> None:
    relay.ses.deliver(relay.mail_for(enrolment, open_request))
    stored = relay.items.everything()
    assert enrolment.tag in stored
    for secret in (MAILBOX, "gmail.com", enrolment.token, CODE):
        assert secret not in stored
