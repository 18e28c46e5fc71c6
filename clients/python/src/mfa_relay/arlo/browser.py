"""The trusted browser: what Arlo needs to see so that the next login needs no code."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

from mfa_relay import _private_file


class TrustedBrowser:
    """A file with this program's device id and the cookies with which Arlo recognises it, readable for its user only.

    Each program needs a file of its own. Who reads it still needs the password. Delete it to be asked for a code again.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._path = Path(path)
        stored = _private_file.read(self._path)
        self.device_id: str = _text(stored.get("device_id")) or str(uuid.uuid4())
        self.cookies: dict[str, str] = _texts(stored.get("cookies"))

    def save(self) -> None:
        """Writes the file, so that a crash leaves either the old or the new one."""
        _private_file.write(self._path, {"device_id": self.device_id, "cookies": self.cookies})

    def __repr__(self) -> str:
        return f"TrustedBrowser({str(self._path)!r})"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in pairs if isinstance(name, str) and isinstance(text, str)}
