"""Which of several codes is the right one, and when a mail is too late for any."""

from datetime import timedelta

import pytest

from letter import CODE, MAILBOX, letter
from mail import TAGGED_ADDRESS, Mail
from relay_client import Enrolment, Relay, Request

NEWER, OLDER = "222222", "111111"


def after(request: Request, seconds: float, mail: Mail) -> Mail:
    """The mail, sent so many seconds after the request was opened."""
    return mail.sent_at(request.opened_at + timedelta(seconds=seconds))


def test_the_last_login_s_code_that_comes_late_is_stale(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    late = after(opened, -35, letter()).delayed(timedelta(seconds=45))
    relay.deliver(late.to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == "stale"


def test_a_clock_that_is_half_a_minute_slow_is_forgiven(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    slow = after(opened, -25, letter()).delayed(timedelta(seconds=35))
    relay.deliver(slow.to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == CODE


def test_a_newer_code_takes_the_older_one_s_place(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(after(opened, 10, letter(OLDER)).to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == OLDER
    relay.deliver(after(opened, 20, letter(NEWER)).to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == NEWER


def test_an_older_code_that_comes_later_changes_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(after(opened, 20, letter(NEWER)).to_tag(enrolment.tag))
    overtaken = after(opened, 10, letter(OLDER)).delayed(timedelta(seconds=30))
    relay.deliver(overtaken.to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == NEWER
    assert relay.last_refusal(enrolment) == "stale"


@pytest.mark.parametrize("date", [None, "yesterday, about noon", "Sat, 99 Nov 2026 99:99:99 +9999"])
def test_a_mail_without_a_date_that_can_be_read_counts_as_written_when_it_was_accepted(
    relay: Relay, enrolment: Enrolment, opened: Request, date: str | None
) -> None:
    relay.deliver(after(opened, 20, letter(NEWER, date=date)).to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == NEWER
    relay.deliver(after(opened, 10, letter(OLDER)).to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == NEWER


def test_a_date_in_the_future_does_not_make_a_code_the_newest(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    year = timedelta(days=365)
    ahead = after(opened, 10, letter(OLDER)).moved(year).delayed(-year)
    relay.deliver(ahead.to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == OLDER
    relay.deliver(after(opened, 20, letter(NEWER)).to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == NEWER


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
def test_a_mail_straight_from_the_provider_needs_no_forwarder(relay: Relay, trust: str) -> None:
    with relay.enrolled(MAILBOX, trust) as enrolment:
        request = relay.open(enrolment)
        direct = letter(to=TAGGED_ADDRESS, envelope_from="bounce@mail.arlo.com")
        relay.deliver(after(request, 10, direct).to_tag(enrolment.tag))
        assert relay.result(enrolment, request) == CODE
