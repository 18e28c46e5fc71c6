"""What only a script without a library can meet, by `mfa_relay.arlo.login`: fields and codes as Arlo gives them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import scenarios
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram, finished

pytestmark = pytest.mark.parametrize("client", ["arlo_login.py"], indirect=True)


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
