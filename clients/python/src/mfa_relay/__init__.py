"""Takes one-time codes from an mfa-relay.

    from mfa_relay import Relay

    relay = Relay("https://mfa.example.com/prestage?token=mfar_...")   # from enrolling
    with relay.request("me@gmail.com") as request:
        log_in()                    # makes the cloud mail its code
        code = request.wait()

In asyncio, the same with `AsyncRelay`, `async with` and `await request.wait()`. For programs that others wrote:
`mfa_relay.pyaarlo.Source`, `mfa_relay.arlo.Arlo`. For scripts without a library: `mfa_relay.arlo.login` and
`mfa_relay.wyze`.

Every error is a `RelayError`, and its text says what to do. No text and no `repr` shows the token.
"""

from mfa_relay.aio import AsyncRelay, AsyncRequest
from mfa_relay.errors import (
    CodeExpiredError,
    InvalidUrlError,
    NoCodeError,
    NotARelayError,
    RefusedError,
    RelayError,
    RevokedError,
    SupersededError,
    TimedOutError,
    TlsError,
    UnavailableError,
)
from mfa_relay.relay import Relay, Request

__version__ = "0.1.0"

__all__ = [
    "AsyncRelay",
    "AsyncRequest",
    "CodeExpiredError",
    "InvalidUrlError",
    "NoCodeError",
    "NotARelayError",
    "RefusedError",
    "Relay",
    "RelayError",
    "Request",
    "RevokedError",
    "SupersededError",
    "TimedOutError",
    "TlsError",
    "UnavailableError",
]
