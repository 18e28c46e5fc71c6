"""Wyze: every second factor, and a refresh token that can be used once."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fake_wyze import API_KEY, EMAIL, KEY_ID, PASSWORD, FakeWyze
from mfa_relay import Relay
from mfa_relay.wyze import Account, SecondFactor, Stored, TokenFile, WyzeError, login, totp
from mfa_relay.wyze.account import ACCESS_LIFETIME, REFRESH_AFTER
from served import RelayStub, serve

# RFC 6238, appendix B: the secret "12345678901234567890".
SECRET = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


class Crash(BaseException):
    """The program is killed."""


def account(address: str, folder: Path, **factor: Any) -> Account:
    store = factor.pop("store", None) or TokenFile(folder / "wyze.json")
    return Account(
        EMAIL, PASSWORD, key_id=KEY_ID, api_key=API_KEY, store=store, auth_url=address, api_url=address, **factor
    )


def aged(folder: Path, seconds: float) -> Stored:
    """Makes the stored tokens older."""
    store = TokenFile(folder / "wyze.json")
    stored = store.load()
    assert stored is not None
    tokens = replace(stored.tokens, obtained_at=stored.tokens.obtained_at - seconds)
    store.save(replace(stored, tokens=tokens))
    return stored


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_totp_is_that_of_rfc_6238(at: float, code: str) -> None:
    assert totp(SECRET, at) == code


def test_an_invalid_totp_secret_is_not_shown() -> None:
    with pytest.raises(ValueError, match="not base32") as caught:
        totp("secret-1")
    assert "secret-1" not in str(caught.value)


def test_without_a_second_factor_the_password_is_enough() -> None:
    with serve(FakeWyze()) as address:
        tokens = login(EMAIL, PASSWORD, key_id=KEY_ID, api_key=API_KEY, phone_id="phone-1", auth_url=address)
    assert tokens.user_id == "user-1"
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


def test_an_authenticator_app_gives_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 59)
    wyze = FakeWyze("PrimaryPhone", "TotpVerificationCode", code="287082")
    with serve(wyze) as address:
        assert account(address, tmp_path, totp=SECRET).access_token()
    assert wyze.calls == ["/api/user/login", "/user/login"]


def test_a_text_is_read_by_a_function(tmp_path: Path) -> None:
    wyze = FakeWyze("PrimaryPhone")
    with serve(wyze) as address:
        assert account(address, tmp_path, sms=lambda: " 123456\n").access_token()
    assert wyze.calls == ["/api/user/login", "/user/login/sendSmsCode", "/user/login"]


def test_a_text_is_taken_from_the_relay_whose_request_is_opened_first(tmp_path: Path) -> None:
    wyze, relay, order = FakeWyze("PrimaryPhone", code="467266"), RelayStub(), []

    def noted(stub: Any) -> Any:
        return lambda *call: (order.append(call[1].partition("?")[0]), stub(*call))[1]

    with serve(noted(wyze)) as address, serve(noted(relay)) as relay_address:
        sms = Relay(f"{relay_address}/prestage?token=mfar_secret")
        assert account(address, tmp_path, sms=sms).access_token()
    assert order == ["/api/user/login", "/prestage", "/user/login/sendSmsCode", "/status/1", "/user/login"]


@pytest.mark.parametrize("options", [("TotpVerificationCode",), ("Email",), ()])
def test_a_factor_that_is_missing_is_named(options: tuple[str, ...]) -> None:
    factor = SecondFactor(sms=lambda: "123456")
    with serve(FakeWyze(*(options or ("BackupPhone",)))) as address, pytest.raises(WyzeError, match="second factor"):
        login(
            EMAIL,
            PASSWORD,
            key_id=KEY_ID,
            api_key=API_KEY,
            phone_id="phone-1",
            second_factor=factor,
            auth_url=address,
        )


@pytest.mark.parametrize(("key_id", "password"), [("wrong", PASSWORD), (KEY_ID, "wrong")])
def test_a_refusal_says_what_to_check_and_shows_no_secret(key_id: str, password: str) -> None:
    with serve(FakeWyze()) as address, pytest.raises(WyzeError, match="key_id and api_key") as caught:
        login(EMAIL, password, key_id=key_id, api_key=API_KEY, phone_id="phone-1", auth_url=address)
    assert API_KEY not in str(caught.value)


def test_tokens_are_kept_for_their_user_only_and_used_again(tmp_path: Path) -> None:
    wyze = FakeWyze()
    with serve(wyze) as address:
        first = account(address, tmp_path).access_token()
        assert account(address, tmp_path).access_token() == first
    assert wyze.calls == ["/api/user/login"]
    assert stat.S_IMODE((tmp_path / "wyze.json").stat().st_mode) == 0o600


def test_old_tokens_are_refreshed_and_the_new_pair_is_saved_first(tmp_path: Path) -> None:
    wyze = FakeWyze()
    with serve(wyze) as address:
        account(address, tmp_path).access_token()
        aged(tmp_path, REFRESH_AFTER)
        renewed = account(address, tmp_path).tokens()
    stored = TokenFile(tmp_path / "wyze.json").load()
    assert stored is not None
    assert (stored.tokens, stored.refreshing) == (renewed, False)
    assert wyze.calls == ["/api/user/login", "/app/user/refresh_token"]
    assert wyze.refresh_tokens == {renewed.refresh_token}
    assert len(wyze.phone_ids) == 1


def test_tokens_that_wyze_rejects_are_replaced(tmp_path: Path) -> None:
    with serve(FakeWyze()) as address:
        rejected = account(address, tmp_path).tokens()
        assert account(address, tmp_path).tokens(rejected=rejected) != rejected


class CrashingStore(TokenFile):
    """Is killed at the n-th save, before it is done."""

    def __init__(self, path: Path, crash_at: int):
        super().__init__(path)
        self.saves_left = crash_at

    def save(self, stored: Stored) -> None:
        self.saves_left -= 1
        if self.saves_left == 0:
            raise Crash
        super().save(stored)


@pytest.mark.parametrize(
    ("crash_at", "calls"),
    [
        (1, ["/app/user/refresh_token"]),
        # Wyze has used the refresh token up, and the new pair is lost: only a login helps.
        (2, ["/app/user/refresh_token", "/api/user/login"]),
    ],
)
def test_a_crash_during_a_refresh_costs_a_login_at_most(tmp_path: Path, crash_at: int, calls: list[str]) -> None:
    wyze = FakeWyze()
    with serve(wyze) as address:
        account(address, tmp_path).access_token()
        aged(tmp_path, REFRESH_AFTER)
        store = CrashingStore(tmp_path / "wyze.json", crash_at)
        with pytest.raises(Crash):
            account(address, tmp_path, store=store).access_token()
        wyze.calls.clear()
        tokens = account(address, tmp_path).tokens()
    assert wyze.calls == calls
    assert tokens.refresh_token in wyze.refresh_tokens


def test_a_token_that_wyze_rejected_is_not_returned_after_a_crash(tmp_path: Path) -> None:
    with serve(FakeWyze()) as address:
        rejected = account(address, tmp_path).tokens()
        with pytest.raises(Crash):
            account(address, tmp_path, store=CrashingStore(tmp_path / "wyze.json", 2)).tokens(rejected=rejected)
        assert account(address, tmp_path).tokens() != rejected


def test_a_crash_while_the_file_is_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise Crash

    with serve(FakeWyze()) as address:
        account(address, tmp_path).access_token()
    before = TokenFile(tmp_path / "wyze.json").load()
    assert before is not None
    monkeypatch.setattr("os.replace", crash)
    with pytest.raises(Crash):
        TokenFile(tmp_path / "wyze.json").save(replace(before, refreshing=True))
    assert TokenFile(tmp_path / "wyze.json").load() == before


def test_while_wyze_does_not_answer_the_old_token_is_used_as_long_as_it_works(tmp_path: Path) -> None:
    wyze = FakeWyze()
    with serve(wyze) as address:
        old = account(address, tmp_path).access_token()
        aged(tmp_path, REFRESH_AFTER)
        wyze.is_down = True
        assert account(address, tmp_path).access_token() == old
        aged(tmp_path, ACCESS_LIFETIME)
        with pytest.raises(WyzeError):
            account(address, tmp_path).access_token()
        wyze.is_down = False
        assert account(address, tmp_path).access_token() != old


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    for text in ("[]", '{"tokens": {}}'):
        (tmp_path / "wyze.json").write_text(text)
        with pytest.raises(ValueError, match="delete it"):
            TokenFile(tmp_path / "wyze.json").load()
