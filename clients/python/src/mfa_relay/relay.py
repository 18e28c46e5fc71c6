"""The relay for programs that block while they wait."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TypeVar

from mfa_relay import _flow
from mfa_relay._flow import Result, Step
from mfa_relay._http import CertificateRefused, ConnectionFailed, Exchange, send
from mfa_relay._request import RequestState
from mfa_relay._url import Prestage

T = TypeVar("T")


class Relay:
    """A relay, by the prestage URL that enrolling printed.

    `token` is needed only if the URL has none. `context` is for a relay whose certificate only you trust; the file that
    SSL_CERT_FILE names works without it. Proxies come from the environment, as for `urllib.request`.

    Raises `InvalidUrlError`.

    >>> Relay("https://mfa.example.com/prestage?token=mfar_secret")
    Relay(host='mfa.example.com')
    """

    def __init__(self, url: str, *, token: str | None = None, context: ssl.SSLContext | None = None):
        self._prestage = Prestage.parse(url, token)
        self._context = context

    def request(self, email: str, *, provider: str | None = None) -> Request:
        """Returns a request for the code of one login of this mailbox. It is opened by `with`, or by `open()`.

        `email` is the mailbox, or its relay address. `provider` is who mails the code: `arlo` if not given.
        """
        return Request(self, email, provider)

    def code(self, email: str, log_in: Callable[[], object] | None = None, *, provider: str | None = None) -> str:
        """Opens a request, calls `log_in`, and waits for the code.

        Without `log_in`, something else must start the login after this call has begun.

        >>> code = relay.code("me@gmail.com", log_in)        # doctest: +SKIP
        """
        with self.request(email, provider=provider) as request:
            if log_in is not None:
                log_in()
            return request.wait()

    def __repr__(self) -> str:
        return f"Relay(host={self._prestage.host!r})"

    def _run(self, flow: Generator[Step, Result | None, T]) -> T:
        result: Result | None = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                done: T = stop.value
                return done
            result = self._do(step)

    def _do(self, step: Step) -> Result | None:
        if isinstance(step, Exchange):
            try:
                return send(step, self._context)
            except (ConnectionFailed, CertificateRefused) as failure:
                return failure
        time.sleep(step)
        return None


class Request(RequestState):
    """One login's wait for one code; made by `Relay.request`.

    Open it *before* the login asks for its code: a code that was mailed earlier belongs to another login.
    """

    _opening = "use it in a `with` statement, or call open() first"

    def __init__(self, relay: Relay, email: str, provider: str | None):
        super().__init__(relay._prestage, email, provider)
        self._relay = relay

    def open(self) -> Request:
        """Opens the request. Retries for a minute while the relay is not there, e.g. because it restarts.

        Raises `RefusedError`, `UnavailableError`, `NotARelayError` or `TlsError`.
        """
        flow = _flow.opening(self._prestage, self._email, self._provider, time.monotonic)
        self._begin(self._relay._run(flow))
        return self

    def wait(self, *, wrong: str | frozenset[str] = frozenset()) -> str:
        """Waits for the code, at most until the window ends.

        A relay that restarts or is behind a failing proxy meanwhile is asked again. `wrong` names codes that the cloud
        has refused: a newer one is waited for.

        Raises `NoCodeError` or one of its kinds, `UnavailableError`, `NotARelayError` or `TlsError`.
        """
        return self._relay._run(self._waiting(wrong))

    def look(self) -> str | None:
        """Looks once, without waiting. Returns `None` if there is no code yet."""
        return self._relay._run(_flow.look(self._prestage, self._state))

    def __enter__(self) -> Request:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # The relay ends every request by itself.
        self._opened = None
