"""Waiting for the code: what is retried, when it ends, and with which error."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from mfa_relay import (
    CodeExpiredError,
    NoCodeError,
    NotARelayError,
    RevokedError,
    SupersededError,
    TimedOutError,
    UnavailableError,
    _flow,
)
from mfa_relay._answers import Opened
from mfa_relay._url import Prestage
from playing import DOWN, Play, complete, pending, response

PRESTAGE = Prestage.parse("https://mfa.example.com/prestage?token=mfar_secret")
OPENED = Opened("https://mfa.example.com/status/abc", datetime(2026, 11, 21, 20, 5, tzinfo=timezone.utc), 300)


def waited(play: Play, *wrong: str) -> Any:
    deadline = play.now + OPENED.window
    return play.run(_flow.waiting(PRESTAGE, OPENED, deadline, play.clock, frozenset(wrong)))


def test_it_polls_until_the_code_is_there() -> None:
    play = Play(pending(), pending(), complete())
    assert waited(play) == "467266"
    assert play.pauses == [0.5, 0.5]


def test_the_status_url_is_asked_without_the_token() -> None:
    play = Play(complete())
    waited(play)
    assert "mfar_secret" not in f"{play.exchanges[0].url} {play.exchanges[0].headers}"
    assert "Authorization" not in play.exchanges[0].headers


def test_a_restart_and_what_stands_in_front_are_survived() -> None:
    in_front = [response(502, "<html>"), response(504), response(404, "404 page not found")]
    play = Play(pending(), DOWN, *in_front, pending(), complete())
    assert waited(play) == "467266"
    assert play.pauses == [0.5, 1, 2, 4, 8, 0.5]


def test_the_relays_own_pause_is_kept() -> None:
    play = Play(response(503, {"error": "try_again"}, Retry_After="20"), complete())
    waited(play)
    assert play.pauses == [20]


@pytest.mark.parametrize("value", ["-1", "soon", "Sat, 21 Nov 2026 20:00:09 GMT", "", "²"])
def test_a_pause_that_is_no_number_of_seconds_is_not_kept(value: str) -> None:
    play = Play(response(503, Retry_After=value), complete())
    waited(play)
    assert play.pauses == [1]


def test_it_ends_soon_after_the_window_even_if_the_relay_never_says_so() -> None:
    play = Play(pending())
    with pytest.raises(TimedOutError, match="No code arrived within 300 s"):
        waited(play)
    assert 300 < play.now - 1000 <= 304


def test_a_long_pause_does_not_outlast_the_window() -> None:
    play = Play(response(503, Retry_After="3000"))
    with pytest.raises(UnavailableError, match="HTTP 503"):
        waited(play)
    assert play.now - 1000 <= 304


def test_a_relay_that_has_gone_is_named_at_the_end() -> None:
    with pytest.raises(UnavailableError, match="Connection refused"):
        waited(Play(pending(), DOWN))


@pytest.mark.parametrize(
    ("reason", "kind", "advice"),
    [
        ("timed_out", TimedOutError, "enroll show"),
        ("superseded", SupersededError, "a token of its own"),
        ("expired", CodeExpiredError, "right after the login"),
        ("revoked", RevokedError, "a new prestage URL"),
        ("something_new", NoCodeError, "Start the login again"),
    ],
)
@pytest.mark.parametrize("status", [200, 410])
def test_each_end_has_an_error_that_says_what_to_do(
    reason: str, kind: type[Exception], advice: str, status: int
) -> None:
    play = Play(pending(), response(status, {"status": "error", "reason": reason, "message": "The relay's words."}))
    with pytest.raises(kind, match=rf"The relay's words\. .*{advice}") as caught:
        waited(play)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "body", ["", "[]", '{"status": "new"}', '{"status": "complete"}', '{"status":"complete","code":5}']
)
def test_an_answer_without_a_status_is_final(body: str) -> None:
    with pytest.raises(NotARelayError):
        waited(Play(response(200, body)))


def test_a_code_that_the_cloud_refused_is_not_given_again() -> None:
    play = Play(complete("111111"), complete("111111"), complete("222222"))
    assert waited(play, "111111") == "222222"


def test_if_no_other_code_comes_the_error_says_so() -> None:
    with pytest.raises(TimedOutError, match="refused it as another login's"):
        waited(Play(complete("111111")), "111111")


def test_one_look_does_not_wait() -> None:
    for answers, expected in (([pending()], None), ([DOWN], None), ([complete()], "467266")):
        play = Play(*answers)
        assert play.run(_flow.look(PRESTAGE, OPENED)) == expected
        assert play.pauses == []
