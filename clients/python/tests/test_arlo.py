"""The choice of a factor, and what Arlo's failures say. Whole logins are in the project's tests/clients."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from mfa_relay.arlo import ArloError, TrustedBrowser, factors, login
from served import serve

SMS = {"factorId": "s", "factorType": "SMS", "factorNickname": "phone", "factorRole": "PRIMARY"}
OLD = {"factorId": "o", "factorType": "EMAIL", "factorNickname": "old", "displayName": "old@x.org"}
NEW = {"factorId": "n", "factorType": "email", "factorRole": "PRIMARY", "displayName": "Me@Gmail.com"}
URL = "https://mfa.example.com/prestage?token=mfar_secret"


@pytest.mark.parametrize(
    ("wanted", "items", "expected"),
    [
        (None, [SMS, OLD, NEW], "n"),
        (None, [SMS, OLD], "o"),
        ("old", [SMS, OLD, NEW], "o"),
        ("OLD@x.org", [SMS, OLD, NEW], "o"),
        ("me@gmail.com", [None, 5, {}, {"factorType": "EMAIL"}, OLD, NEW], "n"),
    ],
)
def test_the_factor_is_chosen_by_nickname_or_address_or_is_the_primary_one(
    wanted: str | None, items: list[Any], expected: str
) -> None:
    assert factors.choose(items, wanted) == expected


@pytest.mark.parametrize(("wanted", "items"), [(None, [SMS]), (None, None), (None, []), ("other", [OLD, NEW])])
def test_without_the_factor_there_is_no_login(wanted: str | None, items: Any) -> None:
    with pytest.raises(ArloError):
        factors.choose(items, wanted)


def test_a_gateway_that_blocks_is_told_from_a_refusal() -> None:
    with serve(lambda *_: (403, "<html>")) as address, pytest.raises(ArloError, match="curl_cffi"):
        login("me@gmail.com", "password", URL, auth_url=address)


def test_a_refusal_shows_arlos_reason_and_not_the_password() -> None:
    refusal = {"meta": {"code": 401, "error": 4001, "message": "The password is invalid."}}
    with serve(lambda *_: (200, refusal)) as address, pytest.raises(ArloError, match="password is invalid") as caught:
        login("me@gmail.com", "garden 7", URL, auth_url=address)
    assert "garden" not in str(caught.value)
    assert caught.value.error == 4001


def test_an_account_without_a_second_factor_needs_no_relay() -> None:
    data = {"token": "t", "userId": "u", "authCompleted": True}
    with serve(lambda *_: (200, {"meta": {"code": 200}, "data": data})) as address:
        session = login("me@gmail.com", "password", URL, auth_url=address)
    assert (session.user_id, session.headers["Authorization"]) == ("u", "t")
    assert "'t'" not in repr(session)


def test_the_trusted_browser_is_kept_for_its_user_only(tmp_path: Path) -> None:
    browser = TrustedBrowser(tmp_path / "arlo.json")
    browser.cookies["browser_trust"] = "x"
    browser.save()
    again = TrustedBrowser(tmp_path / "arlo.json")
    assert (again.device_id, again.cookies) == (browser.device_id, {"browser_trust": "x"})
    assert stat.S_IMODE((tmp_path / "arlo.json").stat().st_mode) == 0o600
