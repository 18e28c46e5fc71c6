"""Opening a request: what is sent, what is retried, and for how long."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mfa_relay import InvalidUrlError, NotARelayError, RefusedError, TlsError, UnavailableError, _flow
from mfa_relay._http import CertificateRefused
from mfa_relay._url import Prestage
from playing import DOWN, Play, response

URL = "https://mfa.example.com/prestage?token=mfar_secret"
STATUS_URL = "https://mfa.example.com/status/abc"
OPENED = {"status_url": STATUS_URL, "expires_at": "2026-11-21T20:05:00Z", "window_seconds": 300}


def opened(play: Play, provider: str | None = None) -> Any:
    return play.run(_flow.opening(Prestage.parse(URL), "me@gmail.com", provider, play.clock))


def test_the_token_goes_into_a_header_and_not_into_the_url() -> None:
    play = Play(response(200, OPENED))
    opened(play)
    [exchange] = play.exchanges
    assert exchange.url == "https://mfa.example.com/prestage"
    assert exchange.headers["Authorization"] == "Bearer mfar_secret"
    assert exchange.headers["Accept"] == "application/json"
    assert json.loads(exchange.body or b"") == {"email": "me@gmail.com"}


def test_the_provider_is_sent_if_it_is_given() -> None:
    play = Play(response(200, OPENED))
    opened(play, "blink")
    assert json.loads(play.exchanges[0].body or b"") == {"email": "me@gmail.com", "provider": "blink"}


def test_the_window_is_what_the_relay_says() -> None:
    state = opened(Play(response(200, OPENED | {"window_seconds": 120})))
    assert (state.status_url, state.window) == (STATUS_URL, 120)
    assert state.expires_at.isoformat() == "2026-11-21T20:05:00+00:00"


def test_without_its_seconds_the_window_follows_from_its_end_by_the_relays_clock() -> None:
    answer = {"status_url": STATUS_URL, "expires_at": "2026-11-21T20:02:00Z"}
    assert opened(Play(response(200, answer))).window == 120


@pytest.mark.parametrize(("seconds", "window"), [(-5, 0), (10**9, 3600), (True, 300), ("120", 300), (None, 300)])
def test_no_answer_makes_a_client_wait_for_ever(seconds: object, window: float) -> None:
    state = opened(Play(response(200, {"status_url": STATUS_URL, "window_seconds": seconds})))
    assert state.window == window


def test_a_relay_of_an_older_release_answers_the_url_alone() -> None:
    state = opened(Play(response(200, f"{STATUS_URL}\n")))
    assert (state.status_url, state.window) == (STATUS_URL, 300)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_is_overloaded_or_stands_in_front_is_asked_again(status: int) -> None:
    play = Play(DOWN, response(status, "<html>"), response(404, "404 page not found"), response(200, OPENED))
    assert opened(play).window == 300
    assert play.pauses == [1, 2, 4]


def test_the_pause_is_the_one_that_the_relay_asks_for() -> None:
    play = Play(response(503, {"error": "try_again"}, Retry_After="7"), response(200, OPENED))
    opened(play)
    assert play.pauses == [7]


def test_a_relay_that_stays_away_is_given_up_after_a_minute() -> None:
    play = Play(DOWN)
    with pytest.raises(UnavailableError, match=r"mfa\.example\.com does not serve \(Connection refused\): check"):
        opened(play)
    assert 45 < play.now - 1000 <= 60


def test_a_refusal_is_final_and_says_what_the_relay_says() -> None:
    play = Play(response(403, {"error": "not_enrolled", "message": "Enrol the mailbox."}))
    with pytest.raises(RefusedError, match="Enrol the mailbox") as caught:
        opened(play)
    assert caught.value.reason == "not_enrolled"
    assert len(play.exchanges) == 1


@pytest.mark.parametrize(
    "answer",
    [
        response(200, "<html>a login page"),
        response(200, ""),
        response(200, {"status_url": "ftp://mfa.example.com/"}),
        response(200, {"status_url": 5}),
        response(302, ""),
        response(403, "<html>"),
    ],
)
def test_what_no_relay_answers_is_final(answer: Any) -> None:
    play = Play(answer)
    with pytest.raises(NotARelayError, match="check that the URL"):
        opened(play)
    assert len(play.exchanges) == 1


def test_a_certificate_that_is_not_trusted_is_final_with_its_reason() -> None:
    play = Play(CertificateRefused("self-signed certificate"))  # type: ignore[arg-type]
    with pytest.raises(TlsError, match=r"not trusted \(self-signed certificate\).*SSL_CERT_FILE"):
        opened(play)
    assert len(play.exchanges) == 1


@pytest.mark.parametrize(
    "url",
    ["", "mfa.example.com", "ftp://mfa.example.com/", "https://", "https://a b/", "https://h:port/", "https://u:p@h/"],
)
def test_only_an_http_url_is_a_prestage_url(url: str) -> None:
    with pytest.raises(InvalidUrlError):
        Prestage.parse(url)


@pytest.mark.parametrize("token", ["mfar_x\r\nHost: y", "two words", "ä"])
def test_a_token_cannot_inject_a_header(token: str) -> None:
    with pytest.raises(InvalidUrlError) as caught:
        Prestage.parse("https://mfa.example.com/prestage", token)
    assert token not in str(caught.value)


def test_other_fields_of_the_url_stay() -> None:
    parsed = Prestage.parse("https://mfa.example.com/a/prestage?stage=x&token=mfar_1")
    assert (parsed.url, parsed.token) == ("https://mfa.example.com/a/prestage?stage=x", "mfar_1")
