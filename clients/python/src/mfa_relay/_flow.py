"""The steps of a login's wait for its code: what to send and how long to pause, without doing either.

Each flow is a generator that yields an `Exchange` to send or a number of seconds to pause, and is sent back what came.
So the blocking and the asyncio side share every rule, and a test plays hours in no time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import datetime, timezone

from mfa_relay import _answers, errors
from mfa_relay._answers import Busy, Opened
from mfa_relay._http import CertificateRefused, ConnectionFailed, Exchange, Response
from mfa_relay._url import Prestage

# All in seconds.
PRESTAGE_TIMEOUT = 10.0
POLL_TIMEOUT = 5.0
POLL_INTERVAL = 0.5
MAX_BACKOFF = 8.0
# How long opening a request is retried: about a restart.
OPEN_TIMEOUT = 60.0
# How long to poll after the window: the relay's own message tells which mails were refused.
GRACE = 3.0

USER_AGENT = "mfa-relay-python/0.1.0"

Result = Response | ConnectionFailed | CertificateRefused
Step = Exchange | float
Clock = Callable[[], float]
Opening = Generator[Step, Result | None, Opened]
Waiting = Generator[Step, Result | None, str]


def opening(prestage: Prestage, email: str, provider: str | None, clock: Clock) -> Opening:
    """Opens a request. Retries while the relay does not answer or cannot serve."""
    call = {"email": email} if provider is None else {"email": email, "provider": provider}
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": USER_AGENT}
    if prestage.token:
        headers["Authorization"] = f"Bearer {prestage.token}"
    exchange = Exchange("POST", prestage.url, headers, json.dumps(call).encode(), PRESTAGE_TIMEOUT)
    deadline = clock() + OPEN_TIMEOUT
    backoff = POLL_INTERVAL
    while True:
        try:
            return _answers.opened(_answered((yield exchange), prestage), prestage, datetime.now(timezone.utc))
        except Busy as busy:
            backoff = min(2 * backoff, MAX_BACKOFF)
            pause = _pause(busy, backoff)
            if clock() + pause > deadline:
                raise _unavailable(busy, prestage) from None
        yield pause


def waiting(prestage: Prestage, opened: Opened, deadline: float, clock: Clock, wrong: frozenset[str]) -> Waiting:
    """Polls until there is a code that is not among the wrong ones, until the request ends, or until `deadline`."""
    exchange = Exchange("GET", opened.status_url, {"User-Agent": USER_AGENT}, None, POLL_TIMEOUT)
    backoff = POLL_INTERVAL
    while True:
        try:
            found = _answers.code(_answered((yield exchange), prestage), prestage)
            if found is not None and found not in wrong:
                return found
            busy, backoff, pause = None, POLL_INTERVAL, POLL_INTERVAL
        except Busy as caught:
            busy, backoff = caught, min(2 * backoff, MAX_BACKOFF)
            pause = _pause(busy, backoff)
        remaining = deadline + GRACE - clock()
        if remaining <= 0:
            raise _unavailable(busy, prestage) if busy else _late(found, opened)
        yield min(pause, remaining)


def look(prestage: Prestage, opened: Opened) -> Generator[Step, Result | None, str | None]:
    """Looks once. Returns `None` if there is no code, or if the relay does not answer right now."""
    exchange = Exchange("GET", opened.status_url, {"User-Agent": USER_AGENT}, None, POLL_TIMEOUT)
    try:
        return _answers.code(_answered((yield exchange), prestage), prestage)
    except Busy:
        return None


def _answered(result: Result | None, prestage: Prestage) -> Response:
    if isinstance(result, CertificateRefused):
        raise errors.TlsError(
            f"the certificate of {prestage.host} is not trusted ({result}): give the relay one of a public authority, "
            "or name the file of your own authority in SSL_CERT_FILE"
        )
    if isinstance(result, ConnectionFailed):
        raise Busy(str(result))
    assert result is not None
    return result


def _pause(busy: Busy, backoff: float) -> float:
    if busy.retry_after is None:
        return backoff
    return min(max(busy.retry_after, POLL_INTERVAL), float(_answers.MAX_WINDOW))


def _unavailable(busy: Busy, prestage: Prestage) -> errors.UnavailableError:
    return errors.UnavailableError(
        f"{prestage.host} does not serve ({busy}): check the URL and that the relay runs, then start the login again"
    )


def _late(found: str | None, opened: Opened) -> errors.TimedOutError:
    if found is not None:
        return errors.TimedOutError(
            "A code came, and the cloud refused it as another login's; no other came in the window. Log in again."
        )
    return errors.TimedOutError(
        f"No code arrived within {opened.window:.0f} s. Check that the login asked for one, and that the mailbox "
        "forwards it."
    )
