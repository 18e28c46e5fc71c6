"""Where the tokens are kept."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from mfa_relay import _private_file


@dataclass(frozen=True)
class Tokens:
    """A pair of tokens. `obtained_at` is in seconds since 1970. The refresh token can be used once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    user_id: str
    obtained_at: float


@dataclass(frozen=True)
class Stored:
    """What a store holds. With `refreshing`, the refresh token was sent to Wyze, and may be used up."""

    tokens: Tokens
    phone_id: str
    refreshing: bool = False


class TokenStore(Protocol):
    """Keeps the newest tokens. `save` returns when they are safe, and `lock` keeps other processes out."""

    def load(self) -> Stored | None: ...

    def save(self, stored: Stored) -> None: ...

    def lock(self) -> contextlib.AbstractContextManager[None]: ...


class TokenFile:
    """A file, readable for its user only; a crash leaves the old content or the new, never half.

    The lock needs `fcntl`: on Windows, let only one process use the file.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._path = Path(path)

    def load(self) -> Stored | None:
        """Returns `None` if nothing was saved. Raises `ValueError` if the file is damaged."""
        document = _private_file.read(self._path)
        if not document:
            return None
        try:
            return Stored(Tokens(**document["tokens"]), document["phone_id"], document["refreshing"])
        except (KeyError, TypeError):
            raise ValueError(f"{self._path} does not hold tokens: delete it to log in from the start") from None

    def save(self, stored: Stored) -> None:
        """Returns when the tokens are on the disk."""
        _private_file.write(self._path, asdict(stored))

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Waits for the other processes that use this file, and for the other threads."""
        try:
            import fcntl
        except ImportError:
            yield
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path.with_name(f"{self._path.name}.lock"), "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def __repr__(self) -> str:
        return f"TokenFile({str(self._path)!r})"
