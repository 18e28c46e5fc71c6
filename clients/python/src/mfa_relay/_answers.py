"""What the relay's answers mean: README of mfa-relay, sections Prestage and Status."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from mfa_relay import errors
from mfa_relay._http import Response
from mfa_relay._url import Prestage, is_http_url

# In seconds: the window of a relay that does not tell it, and the longest that one can have.
DEFAULT_WINDOW = 300
MAX_WINDOW = 3600


class Busy(Exception):
    """The relay, or what stands in front of it, cannot serve right now. `retry_after` is in seconds."""

    def __init__(self, what: str, retry_after: float | None = None):
        super().__init__(what)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Opened:
    """An open request."""

    status_url: str = field(repr=False)
    expires_at: datetime
    window: float


def opened(response: Response, prestage: Prestage, now: datetime) -> Opened:
    """Reads the answer to a prestage. Raises `Busy` or a `RelayError`."""
    if response.status != 200:
        raise _failure(response, prestage)
    document = _document(response)
    url = document.get("status_url")
    if url is None:
        # A relay of an older release answers the URL alone.
        url = response.body.decode("utf-8", "replace").strip()
    if not isinstance(url, str) or not is_http_url(url):
        raise _not_a_relay("a page without a status URL")
    served_at = _date(response) or now
    expires_at = _time(document.get("expires_at"))
    seconds = document.get("window_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        seconds = (expires_at - served_at).total_seconds() if expires_at else DEFAULT_WINDOW
    window = float(min(max(seconds, 0), MAX_WINDOW))
    return Opened(url, expires_at or served_at + timedelta(seconds=window), window)


def code(response: Response, prestage: Prestage) -> str | None:
    """Reads the answer of a status URL. Returns `None` while there is no code. Raises `Busy` or a `RelayError`."""
    document = _document(response)
    status = document.get("status")
    if status == "error":
        reason, message = document.get("reason"), document.get("message")
        raise errors.ended(_text(reason, prestage), _text(message, prestage))
    if response.status != 200:
        raise _failure(response, prestage)
    if status == "pending":
        return None
    found = document.get("code")
    if status == "complete" and isinstance(found, str) and found:
        return found
    raise _not_a_relay("an answer of the status URL without a status")


def _failure(response: Response, prestage: Prestage) -> Exception:
    document = _document(response)
    message = _text(document.get("message"), prestage)
    # 500, 502 and 504 come from what stands in front, and mean the same as the relay's own 503. So does a 404 that is
    # not the relay's: proxies answer it while a container behind them restarts.
    if response.status == 429 or response.status >= 500 or (response.status == 404 and not document):
        return Busy(f"HTTP {response.status}", _retry_after(response))
    if message:
        return errors.RefusedError(_text(document.get("error"), prestage) or f"HTTP {response.status}", message)
    return _not_a_relay(f"HTTP {response.status}")


def _not_a_relay(what: str) -> errors.NotARelayError:
    return errors.NotARelayError(f"{what} is not what a relay answers: check that the URL is the one enrolling printed")


def _document(response: Response) -> dict[str, Any]:
    try:
        document = json.loads(response.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object, prestage: Prestage) -> str:
    return prestage.redact(value) if isinstance(value, str) else ""


def _retry_after(response: Response) -> float | None:
    """Parses `Retry-After` in seconds. Its other form, a date, would compare two clocks (RFC 9110 section 10.2.3)."""
    value = (response.headers.get("Retry-After") or "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _date(response: Response) -> datetime | None:
    """Returns the server's clock: this machine's may be wrong."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


def _time(value: object) -> datetime | None:
    try:
        # Before Python 3.11, `fromisoformat` does not know "Z".
        return datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        return None
