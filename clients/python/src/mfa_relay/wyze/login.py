"""Wyze's login and refresh, field by field.

Sources: wyzeapy 0.8, wyze-sdk 2.2, and a public thread of 2021 on the second factor.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mfa_relay._json_call import Answer, CloudError, Session, call
from mfa_relay.relay import Relay
from mfa_relay.wyze.rfc6238 import totp as totp_code
from mfa_relay.wyze.store import Tokens

AUTH_URL = "https://auth-prod.api.wyze.com"
API_URL = "https://api.wyzecam.com"

# What Wyze's own app sends, the same for every user: wyzeapy 0.8, `const.py`.
APP_KEY = "WMXHYf79Nr5gIlt3r0r7p9Tcw5bvs6BB4U8O8nGJ"
APP = {
    "app_name": "com.hualai.WyzeCam",
    "app_version": "2.18.43",
    "app_ver": "com.hualai.WyzeCam___2.18.43",
    "phone_system_type": "1",
    "sc": "9f275790cab94a72bd206c8876429f3c",
    "sv": "9d74946e652647e9b6c9d59326aef104",
}
USER_AGENT = "wyze_android_2.19.14"

# In seconds. Wyze takes about half a minute to send a text.
TIMEOUT = 90.0


class WyzeError(CloudError):
    """Wyze refused or did not answer as it does."""


class WyzeLoginError(WyzeError):
    """Only a login helps: the refresh token is used up, expired or revoked."""


@dataclass(frozen=True)
class SecondFactor:
    """How a code is had. `totp`: the secret of an authenticator app, or a function that returns the code.

    `sms`: a relay to which the texts are forwarded, or a function that returns the code. `mailbox` is then the one that
    is enrolled at the relay, if it is not the account's address, and `provider` the relay's name for Wyze.
    """

    totp: str | Callable[[], str] | None = field(default=None, repr=False)
    sms: Relay | Callable[[], str] | None = None
    mailbox: str | None = None
    provider: str = "wyze"


def login(
    email: str,
    password: str,
    *,
    key_id: str,
    api_key: str,
    phone_id: str,
    second_factor: SecondFactor | None = None,
    session: Session | None = None,
    auth_url: str = AUTH_URL,
) -> Tokens:
    """Logs in. `phone_id` is an id of your program's own, the same at every login: `str(uuid.uuid4())`.

    Raises `WyzeError`, or a `RelayError` of the relay.
    """
    headers = {
        "keyid": key_id,
        "apikey": api_key,
        "X-API-Key": APP_KEY,
        "Phone-Id": phone_id,
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
    }
    credentials = {"email": email, "password": hashed(password)}
    factor = second_factor or SecondFactor()

    def post(path: str, body: object) -> dict[str, Any]:
        return _accepted(call(session, "POST", auth_url + path, headers=headers, body=body, timeout=TIMEOUT))

    started = post("/api/user/login", credentials)
    if started.get("access_token"):
        return _tokens(started)
    with _code(post, started, factor, email) as verification:
        return _tokens(post("/user/login", credentials | verification))


@contextlib.contextmanager
def _code(
    post: Callable[[str, object], dict[str, Any]], started: dict[str, Any], factor: SecondFactor, email: str
) -> Iterator[dict[str, str]]:
    """The fields that prove the second factor."""
    options = started.get("mfa_options") or []
    if factor.totp is not None and "TotpVerificationCode" in options:
        code = totp_code(factor.totp) if isinstance(factor.totp, str) else factor.totp()
        yield _verification("TotpVerificationCode", _totp_app(started), code)
    elif factor.sms is not None and "PrimaryPhone" in options:
        # Opened before Wyze is asked for the text: one that was sent earlier belongs to another login.
        with contextlib.ExitStack() as stack:
            read = factor.sms
            if isinstance(read, Relay):
                request = read.request(factor.mailbox or email, provider=factor.provider)
                read = stack.enter_context(request).wait
            yield _verification("PrimaryPhone", _send_text(post, started), read())
    else:
        raise WyzeError(
            f"Wyze wants a second factor, one of {', '.join(map(str, options)) or 'none that it names'}: give `totp` "
            "for TotpVerificationCode, or `sms` for PrimaryPhone"
        )


def _verification(kind: str, verification_id: str, code: str) -> dict[str, str]:
    return {"mfa_type": kind, "verification_id": verification_id, "verification_code": code.strip()}


def _totp_app(started: dict[str, Any]) -> str:
    try:
        return str(started["mfa_details"]["totp_apps"][0]["app_id"])
    except (KeyError, IndexError, TypeError):
        raise WyzeError(
            "Wyze names no authenticator app of the account: add one in Wyze's app, or give `sms`"
        ) from None


def _send_text(post: Callable[[str, object], dict[str, Any]], started: dict[str, Any]) -> str:
    query = {
        "mfaPhoneType": "Primary",
        "sessionId": started.get("sms_session_id") or "",
        "userId": started.get("user_id") or "",
    }
    sent = post(f"/user/login/sendSmsCode?{urlencode(query)}", None)
    if not sent.get("session_id"):
        raise WyzeError("Wyze did not send a text: try again in a few minutes, or use an authenticator app")
    return str(sent["session_id"])


def refresh(tokens: Tokens, *, phone_id: str, session: Session | None = None, api_url: str = API_URL) -> Tokens:
    """Exchanges the refresh token, which is then used up, for a new pair. Save it before you use it.

    Raises `WyzeLoginError` if Wyze does not take the refresh token, or `WyzeError`.
    """
    body = APP | {"phone_id": phone_id, "ts": int(time.time() * 1000), "refresh_token": tokens.refresh_token}
    headers = {"User-Agent": USER_AGENT, "Content-Type": "application/json"}
    url = f"{api_url}/app/user/refresh_token"
    answer = call(session, "POST", url, headers=headers, body=body, timeout=TIMEOUT)
    if answer.status >= 500 or not answer.document:
        raise WyzeError(f"Wyze cannot refresh now (HTTP {answer.status}): try again in a few minutes")
    data = answer.document.get("data")
    if str(answer.document.get("code")) != "1" or not isinstance(data, dict):
        raise WyzeLoginError("Wyze does not take the refresh token: log in again")
    return _tokens({"user_id": tokens.user_id} | data)


def hashed(password: str) -> str:
    """MD5 three times, as Wyze wants it."""
    for _ in range(3):
        password = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return password


def _accepted(answer: Answer) -> dict[str, Any]:
    code = answer.document.get("errorCode")
    if answer.status >= 400 or code is not None or not answer.document:
        what = answer.document.get("description") or answer.document.get("message") or f"HTTP {answer.status}"
        raise WyzeError(f"Wyze refused the login ({what}, error {code}): check address, password, key_id and api_key")
    return answer.document


def _tokens(data: dict[str, Any]) -> Tokens:
    access, second = data.get("access_token"), data.get("refresh_token")
    if not access or not second:
        raise WyzeError("Wyze's answer has no tokens: its login has changed, look for a newer mfa-relay")
    return Tokens(str(access), str(second), str(data.get("user_id") or ""), time.time())
