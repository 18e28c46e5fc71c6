"""Logs in at Arlo with a code from the relay.

A script without a library:

    from mfa_relay.arlo import login

    session = login("me@gmail.com", "password", "https://mfa.example.com/prestage?token=mfar_...", browser="arlo.json")
    requests.get("https://myapi.arlo.com/hmsweb/users/devices", headers=session.headers)

With the package `arlo` (`pip install mfa-relay[arlo]`), a class that is used as its own:

    from mfa_relay.arlo import Arlo

    arlo = Arlo("me@gmail.com", "password", "https://mfa.example.com/prestage?token=mfar_...")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfa_relay.arlo.browser import TrustedBrowser
from mfa_relay.arlo.cloud import ArloError, WrongCodeError
from mfa_relay.arlo.login import ArloSession, login

if TYPE_CHECKING:
    from mfa_relay.arlo.client import Arlo

__all__ = ["Arlo", "ArloError", "ArloSession", "TrustedBrowser", "WrongCodeError", "login"]


def __getattr__(name: str) -> Any:
    """Imports `Arlo` when it is used: the package `arlo` is optional."""
    if name == "Arlo":
        from mfa_relay.arlo.client import Arlo

        return Arlo
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
