"""The whole login at Arlo, for scripts without a library."""

from __future__ import annotations

import base64
import os
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from mfa_relay._json_call import Session
from mfa_relay.arlo import factors
from mfa_relay.arlo.browser import TrustedBrowser
from mfa_relay.arlo.cloud import AUTH_URL, BROWSER_NOT_TRUSTED, USER_AGENT, ArloCloud, ArloError, WrongCodeError
from mfa_relay.relay import Relay, Request

# In seconds. Since 2025-02 a token lives two hours.
TOKEN_LIFETIME = 7200


@dataclass(frozen=True)
class ArloSession:
    """A login. `expires_at` is in seconds since 1970."""

    token: str = field(repr=False)
    user_id: str
    expires_at: float

    @property
    def headers(self) -> dict[str, str]:
        """The headers of calls to my.arlo.com and myapi.arlo.com, which take the token as it is."""
        return {
            "Auth-Version": "2",
            "Authorization": self.token,
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": USER_AGENT,
        }


def login(
    email: str,
    password: str,
    relay: Relay | str,
    *,
    mailbox: str | None = None,
    factor: str | None = None,
    browser: TrustedBrowser | str | os.PathLike[str] | None = None,
    session: Session | None = None,
    auth_url: str = AUTH_URL,
) -> ArloSession:
    """Logs in at Arlo. Takes the code from the relay, if Arlo asks for one.

    `relay` is a `Relay` or a prestage URL. `mailbox` is the enrolled one, if it is not the account's address. `factor`
    is the nickname or address of the e-mail factor; without it, the primary one. With `browser` (a path), the next
    login needs no code. `session` makes the calls to Arlo: any that looks like `requests.Session`. Arlo's gateway may
    block clients that do not look like a browser; `curl_cffi.requests.Session(impersonate="chrome")` does.

    Raises `ArloError`, or a `RelayError` of the relay.
    """
    if browser is not None and not isinstance(browser, TrustedBrowser):
        browser = TrustedBrowser(browser)
    relay = Relay(relay) if isinstance(relay, str) else relay
    device_id = browser.device_id if browser else str(uuid.uuid4())
    cloud = ArloCloud(auth_url, device_id, browser.cookies if browser else {}, session)
    credentials = {"email": email, "password": base64.b64encode(password.encode()).decode()}
    found = _session(cloud, cloud.post("/api/auth", credentials | {"language": "en", "EnvSource": "prod"}))
    if found.completed:
        return found.session
    answer = _by_browser(cloud, found.session.user_id) if browser else None
    if answer is None:
        answer = _by_code(
            cloud, found.session.user_id, relay.request(mailbox or email), factor, trust=browser is not None
        )
    finished = _session(cloud, answer, found.session.user_id)
    cloud.get(f"/api/validateAccessToken?data={int(time.time())}")
    if browser:
        _pair(cloud, answer)
        browser.cookies = cloud.cookies
        browser.save()
    return finished.session


@dataclass(frozen=True)
class _Step:
    session: ArloSession
    completed: bool


def _session(cloud: ArloCloud, data: dict[str, Any], user_id: str = "") -> _Step:
    """Reads a token from an answer, and uses it from now on."""
    inner = data.get("accessToken")
    access = inner if isinstance(inner, dict) else data
    token = access.get("token")
    if not isinstance(token, str) or not token:
        raise ArloError("Arlo's answer has no token: its login has changed, look for a newer mfa-relay")
    cloud.token = token
    # Unless the answer tells that no code is needed, one is.
    completed = access.get("authCompleted") is True or access.get("mfa") is False
    lifetime = access.get("expiresIn")
    lifetime = lifetime if isinstance(lifetime, (int, float)) and lifetime > 0 else TOKEN_LIFETIME
    return _Step(ArloSession(token, str(access.get("userId") or user_id), time.time() + lifetime), completed)


def _by_browser(cloud: ArloCloud, user_id: str) -> dict[str, Any] | None:
    """Logs in as a trusted browser. Returns `None` if it is not trusted, or no longer."""
    try:
        found = cloud.post("/api/getFactorId", {"factorType": "BROWSER", "factorData": "", "userId": user_id})
    except ArloError as error:
        if error.error == BROWSER_NOT_TRUSTED:
            return None
        raise
    start = {"factorId": found.get("factorId"), "factorType": "BROWSER", "userId": user_id}
    answer = cloud.post("/api/startAuth", start)
    return answer if answer.get("accessToken") else None


def _by_code(cloud: ArloCloud, user_id: str, request: Request, factor: str | None, *, trust: bool) -> dict[str, Any]:
    factor_id = factors.choose(cloud.get(f"/api/getFactors?data={int(time.time())}").get("items"), factor)
    wrong: set[str] = set()
    # Opened before Arlo is asked for the code: a mail that was written earlier belongs to another login.
    with request:
        started = cloud.post("/api/startAuth", {"factorId": factor_id, "factorType": "BROWSER", "userId": user_id})
        if not started.get("factorAuthCode"):
            raise ArloError("Arlo's answer has no factorAuthCode: its login has changed, look for a newer mfa-relay")
        finish = {"factorAuthCode": started["factorAuthCode"], "isBrowserTrusted": trust}
        while True:
            code = request.wait(wrong=frozenset(wrong))
            try:
                return cloud.post("/api/finishAuth", finish | {"otp": code})
            except WrongCodeError:
                # A late mail of an earlier login. The relay shows the newest code, so this login's own will follow.
                wrong.add(code)


def _pair(cloud: ArloCloud, answer: dict[str, Any]) -> None:
    """Makes this browser trusted. Arlo answers with a cookie."""
    inner = answer.get("accessToken")
    code = answer.get("browserAuthCode") or (inner.get("browserAuthCode") if isinstance(inner, dict) else None)
    if code:
        cloud.post("/api/startPairingFactor", {"factorAuthCode": code, "factorData": "", "factorType": "BROWSER"})
