"""`AsyncRelay`, over HTTP."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest

from mfa_relay import AsyncRelay, RefusedError
from served import RelayStub, serve


def test_a_login_gets_its_code() -> None:
    async def log_in() -> None:
        stub.asked.append("log in")

    async def main(url: str) -> str:
        return await AsyncRelay(url).code("me@gmail.com", log_in)

    stub = RelayStub()
    with serve(stub) as address:
        assert asyncio.run(main(f"{address}/prestage?token=mfar_secret")) == "467266"
    assert stub.asked == ["POST /prestage", "log in", "GET /status/1"]


def test_the_loop_runs_while_the_relay_does_not_answer() -> None:
    stub, held, calls = RelayStub(), Event(), []

    def slow(*call: Any) -> tuple[int, object]:
        calls.append(call)
        # The answer comes only when another task of the same loop has run.
        assert held.wait(30)
        return stub(*call)

    async def main(url: str) -> str:
        waiting = asyncio.create_task(AsyncRelay(url).code("me@gmail.com"))
        await asyncio.sleep(0)
        held.set()
        return await waiting

    with serve(slow) as address:
        assert asyncio.run(main(f"{address}/prestage?token=mfar_secret")) == "467266"
    assert len(calls) == 2, "the first call timed out, because the loop was blocked"


def test_a_wait_that_was_cancelled_can_be_continued() -> None:
    async def main(url: str) -> str:
        async with AsyncRelay(url).request("me@gmail.com") as request:
            assert await request.look() is None
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(request.wait(), 0.001)
            stub.polls = 1
            return await request.wait()

    stub = RelayStub(polls=1000)
    with serve(stub) as address:
        assert asyncio.run(main(f"{address}/prestage?token=mfar_secret")) == "467266"


def test_a_refusal_is_raised_without_the_token() -> None:
    async def main(url: str) -> None:
        await AsyncRelay(url).request("me@gmail.com").open()

    with serve(RelayStub()) as address, pytest.raises(RefusedError) as caught:
        asyncio.run(main(f"{address}/prestage?token=mfar_wrong"))
    assert "mfar_wrong" not in str(caught.value)
