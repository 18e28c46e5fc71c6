"""A script without a library, by `mfa_relay.arlo.login`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import scenarios
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram, finished
from served_relay import ServedRelay

CLIENT = "arlo_login.py"


def test_a_first_login_takes_one_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.first_login(client, arlo)


def test_a_trusted_browser_needs_no_second_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.second_login(client, arlo, trusts=True)


def test_two_programs_at_once_get_their_own_codes(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.two_programs_at_once(client, arlo, relay, forwarder)


def test_a_mail_that_takes_45_seconds_is_waited_for(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.slow_mail(client, arlo, relay, forwarder)


def test_a_late_code_of_the_last_login_is_not_taken(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.late_code_of_the_last_login(client, arlo, relay, forwarder)


def test_a_wrong_token_costs_no_code_mail_and_is_explained(client: LoginProgram, arlo: FakeArlo) -> None:
    output = scenarios.wrong_token(client, arlo)
    assert "No enrolment has this mailbox and this token" in output
    assert client.url.partition("token=")[2] not in output


def test_a_login_survives_a_restart_of_the_relay(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.restart_during_a_login(client, arlo, relay, forwarder)


def test_a_code_that_arlo_refuses_is_followed_by_the_right_one(
    client: LoginProgram, arlo: FakeArlo, forwarder: Forwarder
) -> None:
    """A mail of another login, written a second before: the relay takes it for this login's until the newer comes."""
    forwarder.hold()
    process = client.start()
    [mail] = forwarder.wait_for(1)
    wrong = replace(mail, code="000000", written=mail.written - 1)
    forwarder.release(wrong)
    arlo.wait_for_refused_codes(1)
    forwarder.release(mail)
    outcome = finished(process)
    assert outcome.code == 0, outcome.output
    assert arlo.refused_codes == [wrong.code]
    assert len(arlo.mails) == 1


# Without them a client cannot go on: token, factorId, factorType, factorAuthCode, items.
OPTIONAL = (
    "authCompleted authenticated browserAuthCode displayName expiresIn factorNickname factorRole issued mfa "
    "tokenValidated userId"
)


@pytest.mark.parametrize("field", OPTIONAL.split())
def test_a_field_that_is_left_out_stops_no_login(client: LoginProgram, arlo: FakeArlo, field: str) -> None:
    arlo.omitted = {field}
    scenarios.first_login(client, arlo)


@pytest.mark.parametrize("field", ["token", "items", "factorId", "factorType", "factorAuthCode"])
def test_without_a_field_that_it_needs_a_login_ends_with_a_reason(
    client: LoginProgram, arlo: FakeArlo, field: str
) -> None:
    arlo.omitted = {field}
    outcome = client.log_in()
    assert outcome.code == 1
    assert "ArloError: " in outcome.output
    assert len(arlo.mails) == (1 if field == "factorAuthCode" else 0)
    assert arlo.refused_codes == []
