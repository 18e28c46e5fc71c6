"""The class of the package `arlo` (1.2.64), with a login that takes its code from the relay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mfa_relay.arlo.browser import TrustedBrowser
from mfa_relay.arlo.login import ArloSession, login
from mfa_relay.relay import Relay

try:
    import arlo as _arlo
except ImportError as error:
    raise ImportError(
        f"mfa_relay.arlo.Arlo needs the package arlo ({error}): `pip install mfa-relay[arlo]`. Its releases demand "
        "urllib3 1.24, which Python 3.12 and newer cannot import; there, the README of mfa-relay says what to install."
    ) from error

if TYPE_CHECKING:
    _Base = Any
else:
    _Base = _arlo.Arlo

# Calls after a login with a code go to this host, as in `Arlo.LoginMFA`.
API_HOST = "myapi.arlo.com"


class Arlo(_Base):  # type: ignore[misc]
    """`arlo.Arlo`, logged in with a code from the relay.

        arlo = Arlo("me@gmail.com", "password", "https://mfa.example.com/prestage?token=mfar_...")
        print(arlo.GetDevices())

    The options are those of `mfa_relay.arlo.login`. Raises what `login` raises.
    """

    def __init__(
        self,
        username: str,
        password: str,
        relay: Relay | str,
        *,
        mailbox: str | None = None,
        factor: str | None = None,
        browser: TrustedBrowser | str | os.PathLike[str] | None = None,
    ):
        self._relay = Relay(relay) if isinstance(relay, str) else relay
        self._mailbox, self._factor, self._browser = mailbox, factor, browser
        # Calls Login.
        super().__init__(username, password)

    def Login(self, username: str, password: str) -> ArloSession:
        """Logs in. To be called again when the token has expired."""
        self.username, self.password = username, password
        self.request = _arlo.Request()
        session = login(
            username,
            password,
            self._relay,
            mailbox=self._mailbox,
            factor=self._factor,
            browser=self._browser,
            session=self.request.session,
            auth_url=f"https://{self.AUTH_URL}",
        )
        self.user_id = session.user_id
        self.request.session.headers.update(session.headers)
        self.BASE_URL = API_HOST
        return session
