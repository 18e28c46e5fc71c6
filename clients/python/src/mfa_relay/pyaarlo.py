"""The code source of pyaarlo (0.8.0.27), and so of Home Assistant's aarlo."""

from __future__ import annotations

import logging

from mfa_relay.errors import RelayError
from mfa_relay.relay import Relay, Request

_LOGGER = logging.getLogger(__name__)


class Source:
    """An object for pyaarlo's `tfa_source`. `relay` is a `Relay` or a prestage URL.

        pyaarlo.PyArlo(
            username="me@gmail.com", password="...", tfa_type="email",
            tfa_source=Source("https://mfa.example.com/prestage?token=mfar_...", "me@gmail.com"),
        )

    A relay that refuses stops the login before Arlo mails a code. Failures are logged as errors and not raised, because
    pyaarlo would pass them on to its caller.
    """

    def __init__(self, relay: Relay | str, email: str):
        self._relay = Relay(relay) if isinstance(relay, str) else relay
        self._email = email
        self._request: Request | None = None

    def start(self) -> bool:
        """Opens a request; pyaarlo calls this before it makes Arlo mail the code."""
        try:
            self._request = self._relay.request(self._email).open()
        except RelayError as error:
            _LOGGER.error("no login at Arlo: %s", error)
            return False
        return True

    def get(self) -> str | None:
        """Waits for the code. Returns `None` if none comes in the window."""
        if self._request is None:
            return None
        try:
            return self._request.wait()
        except RelayError as error:
            _LOGGER.error("no code from the relay: %s", error)
            return None

    def stop(self) -> None:
        """Forgets the request, which the relay ends by itself."""
        self._request = None

    def __repr__(self) -> str:
        return f"Source({self._relay!r})"
