"""Calls of a device cloud: JSON there and back, by the standard library or by a session that the caller brings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol
from urllib.parse import urlsplit

from mfa_relay._http import CertificateRefused, ConnectionFailed, Exchange, send
from mfa_relay.errors import RelayError


class Session(Protocol):
    """What `requests.Session`, `cloudscraper` and `curl_cffi.requests.Session` have in common."""

    @property
    def request(self) -> Any: ...


class CloudError(RelayError):
    """The device cloud refused, failed or answered what this package does not know."""


@dataclass(frozen=True)
class Answer:
    """The status, the JSON document (empty if the body is not JSON) and the cookies that the answer sets."""

    status: int
    document: dict[str, Any] = field(repr=False)
    cookies: dict[str, str] = field(repr=False)


def call(
    session: Session | None,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: object = None,
    cookies: Mapping[str, str] | None = None,
    timeout: float = 60.0,
) -> Answer:
    """Makes one call. `timeout` is in seconds. Raises `CloudError` if there is no answer; its text shows no secret."""
    if session is not None:
        return _by_session(session, method, url, headers, body, dict(cookies or {}), timeout)
    headers = {"Content-Type": "application/json", **headers}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    data = None if body is None else json.dumps(body).encode()
    try:
        response = send(Exchange(method, url, headers, data, timeout))
    except (ConnectionFailed, CertificateRefused) as failure:
        raise _unreachable(url, str(failure)) from None
    return Answer(response.status, _document(response.body), _cookies(response.headers.get_all("Set-Cookie") or []))


def _by_session(
    session: Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: object,
    cookies: dict[str, str],
    timeout: float,
) -> Answer:
    options: dict[str, Any] = {} if body is None else {"json": body}
    try:
        response = session.request(method, url, headers=dict(headers), cookies=cookies, timeout=timeout, **options)
        content: bytes = response.content
    except OSError as error:
        # The errors of requests and of curl_cffi are OSErrors, and quote the URL.
        raise _unreachable(url, type(error).__name__) from None
    return Answer(response.status_code, _document(content), dict(response.cookies.get_dict()))


def _unreachable(url: str, why: str) -> CloudError:
    return CloudError(f"{urlsplit(url).hostname} does not answer ({why}): check the network, then try again")


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _cookies(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        # A cookie that nobody can read is one that is not there.
        with contextlib.suppress(CookieError):
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
    return found
