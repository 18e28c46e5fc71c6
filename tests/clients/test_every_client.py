"""The logins that every client must manage. `programs/` has the clients as programs."""

from __future__ import annotations

import pytest
import scenarios
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram
from served_relay import ServedRelay

# pyaarlo with the package's object as its code source; the package arlo by our subclass; a script without a library.
PACKAGE = ["pyaarlo_source.py", "arlo_class.py", "arlo_login.py"]
# The client of the original README: requests, prestage and a poll.
README = "readme_client.py"

every_client = pytest.mark.parametrize("client", [*PACKAGE, README], indirect=True)
of_the_package = pytest.mark.parametrize("client", PACKAGE, indirect=True)
of_the_readme = pytest.mark.parametrize("client", [README], indirect=True)


@every_client
def test_a_first_login_takes_one_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.first_login(client, arlo)


@of_the_package
def test_a_trusted_browser_needs_no_second_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.second_login(client, arlo, trusts=True)


@of_the_readme
def test_a_second_login_takes_a_second_code(client: LoginProgram, arlo: FakeArlo) -> None:
    scenarios.second_login(client, arlo, trusts=False)


@every_client
def test_two_programs_at_once_get_their_own_codes(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.two_programs_at_once(client, arlo, relay, forwarder)


@every_client
def test_a_mail_that_takes_45_seconds_is_waited_for(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.slow_mail(client, arlo, relay, forwarder)


@every_client
def test_a_late_code_of_the_last_login_is_not_taken(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.late_code_of_the_last_login(client, arlo, relay, forwarder)


@of_the_package
def test_a_wrong_token_costs_no_code_mail_and_is_explained(client: LoginProgram, arlo: FakeArlo) -> None:
    output = scenarios.wrong_token(client, arlo)
    assert "No enrolment has this mailbox and this token" in output
    assert client.url.partition("token=")[2] not in output


@of_the_readme
def test_a_wrong_token_costs_no_code_mail(client: LoginProgram, arlo: FakeArlo) -> None:
    assert "403" in scenarios.wrong_token(client, arlo)


@of_the_package
def test_a_login_survives_a_restart_of_the_relay(
    client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder
) -> None:
    scenarios.restart_during_a_login(client, arlo, relay, forwarder)
