"""pyaarlo, with the package's object as its code source."""

from __future__ import annotations

import scenarios
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram
from served_relay import ServedRelay

CLIENT = "pyaarlo_source.py"


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
