"""The calls to Arlo's login host, and what its answers mean.

As pyaarlo 0.8.0.27 and arlo 1.2.64 speak it: answers are `{"meta": {"code": 200}, "data": …}`, and `Authorization` is
base64 of the token.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from mfa_relay._json_call import Answer, CloudError, Session, call

AUTH_URL = "https://ocapi-app.arlo.com"
ORIGIN = "https://my.arlo.com"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

BROWSER_NOT_TRUSTED = 9204
INVALID_OTP = 9236


class ArloError(CloudError):
    """Arlo refused a step of the login. `error` is its number, or `None`."""

    def __init__(self, message: str, error: int | None = None):
        super().__init__(message)
        self.error = error


class WrongCodeError(ArloError):
    """Arlo refused the code: it belongs to another login."""


class ArloCloud:
    """The login host, for one login. Collects the cookies that its answers set."""

    def __init__(self, url: str, device_id: str, cookies: Mapping[str, str], session: Session | None):
        self.url, self.session = url.rstrip("/"), session
        self.cookies = dict(cookies)
        self.token = ""
        self.device_id = device_id

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer's `data`. Raises `ArloError` unless Arlo accepts the call."""
        return self.call("POST", path, body)

    def get(self, path: str) -> dict[str, Any]:
        """Returns the answer's `data`. Raises `ArloError` unless Arlo accepts the call."""
        return self.call("GET", path, None)

    def call(self, method: str, path: str, body: object) -> dict[str, Any]:
        answer = call(self.session, method, self.url + path, headers=self.headers(), body=body, cookies=self.cookies)
        self.cookies |= answer.cookies
        return _data(path.partition("?")[0], answer)

    def headers(self) -> dict[str, str]:
        headers = {
            "Accept": "application/json, text/plain, */*",
            "Accept-Language": "en-US,en;q=0.9",
            "Content-Type": "application/json",
            "Origin": ORIGIN,
            "Referer": f"{ORIGIN}/",
            "User-Agent": USER_AGENT,
            "X-Service-Version": "3",
            # Base64 of "BROWSER".
            "X-User-Device-Automation-Name": "QlJPV1NFUg==",
            "X-User-Device-Id": self.device_id,
            "X-User-Device-Type": "BROWSER",
        }
        if self.token:
            headers["Authorization"] = base64.b64encode(self.token.encode()).decode()
        return headers


def _data(path: str, answer: Answer) -> dict[str, Any]:
    meta = answer.document.get("meta")
    if not isinstance(meta, dict):
        raise _no_answer(path, answer.status)
    if meta.get("code") == 200:
        data = answer.document.get("data")
        return data if isinstance(data, dict) else {}
    message, error = str(meta.get("message") or "no reason given"), meta.get("error")
    error = error if isinstance(error, int) else None
    if error == INVALID_OTP:
        raise WrongCodeError(f"Arlo refused the code ({message}): it belongs to another login. Log in again.", error)
    raise ArloError(f"Arlo refused {path} ({message}, error {error}): check address, password and account", error)


def _no_answer(path: str, status: int) -> ArloError:
    if status in (403, 429, 503):
        return ArloError(
            f"Arlo's gateway blocks this client (HTTP {status} at {path}): pass a session that looks like a browser, "
            'such as curl_cffi.requests.Session(impersonate="chrome"), and log in less often'
        )
    return ArloError(f"Arlo's answer to {path} is not one of its own (HTTP {status}): try again in a few minutes")
