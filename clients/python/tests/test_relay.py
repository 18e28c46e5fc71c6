"""`Relay` and `Request`, over HTTP."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from mfa_relay import RefusedError, Relay, RelayError
from served import RelayStub, serve


def test_a_login_gets_its_code() -> None:
    stub = RelayStub()
    with serve(stub) as address:
        with Relay(f"{address}/prestage?token=mfar_secret").request("me@gmail.com") as request:
            assert stub.asked == ["POST /prestage"]
            assert request.window == 30
            assert request.expires_at.isoformat() == "2026-11-21T20:05:00+00:00"
            assert request.wait() == "467266"
        assert stub.asked == ["POST /prestage", "GET /status/1"]


def test_the_login_starts_when_the_request_is_open() -> None:
    stub = RelayStub()
    with serve(stub) as address:
        relay = Relay(f"{address}/prestage", token="mfar_secret")
        assert relay.code("me@gmail.com", lambda: stub.asked.append("log in")) == "467266"
    assert stub.asked == ["POST /prestage", "log in", "GET /status/1"]


def test_a_request_that_is_not_open_says_how_to_open_it() -> None:
    request = Relay("https://mfa.example.com/prestage?token=mfar_secret").request("me@gmail.com")
    with pytest.raises(RuntimeError, match="call open"):
        request.wait()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_carries_the_token_to_nobody(status: int) -> None:
    asked: list[dict[str, str]] = []

    def elsewhere(_: str, path: str, headers: dict[str, str], body: Any) -> tuple[int, object]:
        asked.append(headers)
        return 200, ""

    with (
        serve(elsewhere) as other,
        serve(lambda *_: (status, ""), Location=other) as address,
        pytest.raises(RelayError, match=f"HTTP {status}"),
    ):
        Relay(f"{address}/prestage?token=mfar_secret").request("me@gmail.com").open()
    assert asked == []


def test_neither_an_error_nor_a_repr_shows_the_token() -> None:
    with serve(RelayStub()) as address:
        relay = Relay(f"{address}/prestage?token=mfar_wrong")
        with pytest.raises(RefusedError) as caught:
            relay.request("me@gmail.com").open()
    shown = "".join(traceback.format_exception(caught.value)) + repr(relay) + repr(relay.request("me@gmail.com"))
    assert "the relay refused (not_enrolled): … is wrong." in shown
    assert "mfar_wrong" not in shown


def test_a_relay_on_this_machine_is_not_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serve(RelayStub()) as address:
        assert Relay(f"{address}/prestage?token=mfar_secret").code("me@gmail.com") == "467266"


def test_a_connection_that_breaks_off_is_tried_again() -> None:
    stub = RelayStub()
    failures = [ConnectionError()]

    def flaky(*call: Any) -> tuple[int, object]:
        if failures:
            raise failures.pop()
        return stub(*call)

    with serve(flaky) as address:
        assert Relay(f"{address}/prestage?token=mfar_secret").code("me@gmail.com") == "467266"
