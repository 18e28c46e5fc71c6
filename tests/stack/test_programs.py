"""Several programs of one mailbox: each has a token of its own, and gets the code that its login caused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mail_builder import MAILBOX
from owner import Enrolment
from relay import SOON, Relay

MINUTE = timedelta(minutes=1)


@pytest.fixture
def recorder(relay: Relay, enrolment: Enrolment) -> Enrolment:
    """A second program of the enrolled mailbox."""
    return relay.owner.add_program(enrolment, "recorder")


def test_two_programs_that_start_together_get_their_codes_in_the_order_of_opening(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    first, second = relay.client.open_request(enrolment), relay.client.open_request(recorder)
    for code in ("111111", "222222"):
        assert relay.ses.deliver(relay.mail_for(enrolment, second, code=code)).handled
    assert relay.client.poll(first)["code"] == "111111"
    assert relay.client.poll(second)["code"] == "222222"


def test_a_late_code_of_the_first_login_does_not_reach_the_second(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    first = relay.open_request_earlier(enrolment, MINUTE)
    second = relay.client.open_request(recorder)
    late = relay.mail_for(enrolment, first, code="111111")
    relay.ses.deliver(replace(late, accepted=second.opened_at + SOON))
    assert relay.client.poll(second)["status"] == "pending"
    relay.ses.deliver(relay.mail_for(enrolment, second, code="222222"))
    assert relay.client.poll(first)["code"] == "111111"
    assert relay.client.poll(second)["code"] == "222222"


def test_a_code_of_a_login_that_was_given_up_does_not_reach_the_program_that_starts_five_seconds_later(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    given_up = relay.open_request_earlier(enrolment, timedelta(seconds=5))
    second = relay.client.open_request(recorder)
    late = relay.mail_for(enrolment, given_up, code="111111").shifted(timedelta(seconds=1) - SOON)
    relay.ses.deliver(replace(late, accepted=second.opened_at + SOON))
    assert relay.client.poll(second)["status"] == "pending"
    relay.ses.deliver(relay.mail_for(enrolment, second, code="222222"))
    assert relay.client.poll(second)["code"] == "222222"


def test_two_mails_of_one_second_are_two_codes(relay: Relay, enrolment: Enrolment, recorder: Enrolment) -> None:
    first, second = relay.client.open_request(enrolment), relay.client.open_request(recorder)
    for code in ("111111", "222222"):
        relay.ses.deliver(relay.mail_for(enrolment, first, code=code))
    assert relay.client.poll(first)["code"] == "111111"
    assert relay.client.poll(second)["code"] == "222222"


def test_mails_that_overtake_each_other_reach_the_logins_that_caused_them(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    first = relay.open_request_earlier(enrolment, MINUTE)
    second = relay.client.open_request(recorder)
    relay.ses.deliver(relay.mail_for(enrolment, second, code="222222"))
    late = relay.mail_for(enrolment, first, code="111111")
    relay.ses.deliver(replace(late, accepted=second.opened_at + SOON))
    assert relay.client.poll(first)["code"] == "111111"
    assert relay.client.poll(second)["code"] == "222222"


def test_requests_of_two_providers_wait_side_by_side(relay: Relay, enrolment: Enrolment) -> None:
    arlo, blink = relay.client.open_request(enrolment), relay.client.open_request(enrolment, provider="blink")
    relay.ses.deliver(relay.mail_for(enrolment, arlo, code="111111"))
    assert relay.client.poll(arlo)["code"] == "111111"
    assert relay.client.poll(blink)["status"] == "pending"


def test_a_newer_request_supersedes_the_one_of_its_own_program_only(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    first, second = relay.client.open_request(enrolment), relay.client.open_request(recorder)
    third = relay.client.open_request(enrolment)
    assert relay.client.poll(first)["reason"] == "superseded"
    assert relay.client.poll(second)["status"] == relay.client.poll(third)["status"] == "pending"


def test_revoking_a_token_ends_the_request_of_its_program_only(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    first, second = relay.client.open_request(enrolment), relay.client.open_request(recorder)
    assert relay.owner.enroll("token", do="revoke", mailbox=MAILBOX, label="recorder") == {"revoked": True}
    assert relay.client.poll(first)["status"] == "pending"
    assert relay.client.poll(second)["reason"] == "revoked"
    assert relay.client.prestage(recorder).status == 403
    assert relay.client.prestage(enrolment).status == 200


def test_programs_are_listed_with_their_last_use_and_without_a_secret(
    relay: Relay, enrolment: Enrolment, recorder: Enrolment
) -> None:
    relay.client.open_request(recorder)
    listed = relay.owner.enroll("token", do="list", mailbox=MAILBOX)
    assert {program["label"]: program["last_used_at"] is not None for program in listed["programs"]} == {
        "cameras": False,
        "recorder": True,
    }
    assert relay.owner.show(MAILBOX)["programs"] == listed["programs"]
    assert recorder.token not in str(listed)


def test_a_code_that_came_just_before_is_named_in_the_client_s_last_message(relay: Relay, enrolment: Enrolment) -> None:
    over = relay.open_request_earlier(enrolment, 10 * MINUTE)
    assert relay.scheduler.fire(over).ok
    relay.ses.deliver(relay.mail_for(enrolment, over).shifted(10 * MINUTE - 2 * SOON))
    request = relay.client.open_request(enrolment)
    assert relay.scheduler.fire(request).ok
    assert "1 code mail came" in relay.client.poll(request)["message"]
