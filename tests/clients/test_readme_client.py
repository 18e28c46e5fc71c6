"""The client of the original README, as its users run it: requests, prestage and a poll."""

from __future__ import annotations

import scenarios
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram
from served_relay import ServedRelay

CLIENT = "readme_client.py"


def test_a_first_login_takes_one_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.first_login(client, arlo)


def test_a_second_login_takes_a_second_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.second_login(client, arlo, trusts=False)


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


def test_a_wrong_token_costs_no_code_mail(client: LoginProgram, arlo: FakeArlo) -> None:
    assert "403" in scenarios.wrong_token(client, arlo)
