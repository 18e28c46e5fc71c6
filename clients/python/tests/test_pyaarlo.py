"""What pyaarlo calls of its code source. The real pyaarlo logs in with it in the project's tests/clients."""

from __future__ import annotations

import pytest

from mfa_relay.pyaarlo import Source
from served import RelayStub, serve


def test_start_opens_a_request_and_get_waits_for_its_code() -> None:
    stub = RelayStub()
    with serve(stub) as address:
        source = Source(f"{address}/prestage?token=mfar_secret", "me@gmail.com")
        assert source.start() is True
        assert stub.asked == ["POST /prestage"]
        assert source.get() == "467266"
        source.stop()
        assert source.get() is None


def test_a_refusal_stops_the_login_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with serve(RelayStub()) as address:
        source = Source(f"{address}/prestage?token=mfar_wrong", "me@gmail.com")
        assert source.start() is False
    assert "the relay refused (not_enrolled)" in caplog.text
    assert "mfar_wrong" not in caplog.text + repr(source)
