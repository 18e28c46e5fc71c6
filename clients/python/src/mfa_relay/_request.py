"""What a request knows of itself, blocking or in asyncio."""

from __future__ import annotations

import time
from datetime import datetime

from mfa_relay import _flow
from mfa_relay._answers import Opened
from mfa_relay._flow import Waiting
from mfa_relay._url import Prestage


class RequestState:
    """The state of one login's wait for one code."""

    # How it is opened, for the error of a program that has not done so.
    _opening: str

    def __init__(self, prestage: Prestage, email: str, provider: str | None):
        self._prestage, self._email, self._provider = prestage, email, provider
        self._opened: Opened | None = None
        self._deadline = 0.0

    @property
    def expires_at(self) -> datetime:
        """When the window ends, by the relay's clock."""
        return self._state.expires_at

    @property
    def window(self) -> float:
        """How long a code is waited for, in seconds."""
        return self._state.window

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self._prestage.host!r}, open={self._opened is not None})"

    @property
    def _state(self) -> Opened:
        if self._opened is None:
            raise RuntimeError(f"the request is not open: {self._opening}")
        return self._opened

    def _begin(self, opened: Opened) -> None:
        self._opened = opened
        self._deadline = time.monotonic() + opened.window

    def _waiting(self, wrong: str | frozenset[str]) -> Waiting:
        codes = frozenset([wrong]) if isinstance(wrong, str) else wrong
        return _flow.waiting(self._prestage, self._state, self._deadline, time.monotonic, codes)
