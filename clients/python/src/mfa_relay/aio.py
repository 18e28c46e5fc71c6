"""The relay for programs in asyncio: the same rules. Each exchange is on a thread, so the loop is never blocked."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import TypeVar

from mfa_relay import _flow
from mfa_relay._flow import Result, Step
from mfa_relay._http import CertificateRefused, ConnectionFailed, Exchange, send
from mfa_relay._request import RequestState
from mfa_relay._url import Prestage

T = TypeVar("T")


class AsyncRelay:
    """As `Relay`, for asyncio.

    async with AsyncRelay(url).request("me@gmail.com") as request:
        await log_in()
        code = await request.wait()
    """

    def __init__(self, url: str, *, token: str | None = None, context: ssl.SSLContext | None = None):
        self._prestage = Prestage.parse(url, token)
        self._context = context

    def request(self, email: str, *, provider: str | None = None) -> AsyncRequest:
        """As `Relay.request`; opened by `async with`, or by `await request.open()`."""
        return AsyncRequest(self, email, provider)

    async def code(
        self, email: str, log_in: Callable[[], Awaitable[object]] | None = None, *, provider: str | None = None
    ) -> str:
        """As `Relay.code`; `log_in` is a coroutine function."""
        async with self.request(email, provider=provider) as request:
            if log_in is not None:
                await log_in()
            return await request.wait()

    def __repr__(self) -> str:
        return f"AsyncRelay(host={self._prestage.host!r})"

    async def _run(self, flow: Generator[Step, Result | None, T]) -> T:
        result: Result | None = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                done: T = stop.value
                return done
            result = await self._do(step)

    async def _do(self, step: Step) -> Result | None:
        if isinstance(step, Exchange):
            try:
                return await asyncio.to_thread(send, step, self._context)
            except (ConnectionFailed, CertificateRefused) as failure:
                return failure
        await asyncio.sleep(step)
        return None


class AsyncRequest(RequestState):
    """As `Request`, for asyncio; made by `AsyncRelay.request`. Cancelling `wait` is safe: it can be called again."""

    _opening = "use it in an `async with` statement, or await open() first"

    def __init__(self, relay: AsyncRelay, email: str, provider: str | None):
        super().__init__(relay._prestage, email, provider)
        self._relay = relay

    async def open(self) -> AsyncRequest:
        """As `Request.open`."""
        flow = _flow.opening(self._prestage, self._email, self._provider, time.monotonic)
        self._begin(await self._relay._run(flow))
        return self

    async def wait(self, *, wrong: str | frozenset[str] = frozenset()) -> str:
        """As `Request.wait`."""
        return await self._relay._run(self._waiting(wrong))

    async def look(self) -> str | None:
        """As `Request.look`."""
        return await self._relay._run(_flow.look(self._prestage, self._state))

    async def __aenter__(self) -> AsyncRequest:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened = None
