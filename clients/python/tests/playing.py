"""Plays a flow with answers that a test writes down and a clock that only pauses advance."""

from __future__ import annotations

import json
from collections.abc import Generator
from email.message import Message
from typing import Any

from mfa_relay._http import ConnectionFailed, Exchange, Response

DATE = "Sat, 21 Nov 2026 20:00:00 GMT"


def response(status: int, body: object = "", **headers: str) -> Response:
    message = Message()
    for name, value in ({"Date": DATE} | headers).items():
        message[name.replace("_", "-")] = value
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(status, message, text.encode())


def pending() -> Response:
    return response(200, {"status": "pending", "expires_at": "2026-11-21T20:05:00Z"})


def complete(code: str = "467266") -> Response:
    return response(200, {"status": "complete", "code": code})


DOWN = ConnectionFailed("Connection refused")


class Play:
    """Answers each exchange with the next answer, and with the last one for ever."""

    def __init__(self, *answers: Response | ConnectionFailed):
        self.answers = list(answers)
        self.now = 1000.0
        self.exchanges: list[Exchange] = []
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def run(self, flow: Generator[Any, Any, Any]) -> Any:
        result = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                return stop.value
            if isinstance(step, Exchange):
                self.exchanges.append(step)
                result = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            else:
                self.pauses.append(step)
                self.now += step
                result = None
