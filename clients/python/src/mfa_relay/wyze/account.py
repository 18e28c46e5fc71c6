"""An account whose tokens are kept and refreshed."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from mfa_relay._json_call import Session
from mfa_relay.errors import RelayError
from mfa_relay.relay import Relay
from mfa_relay.wyze.login import API_URL, AUTH_URL, SecondFactor, WyzeLoginError, login, refresh
from mfa_relay.wyze.store import Stored, Tokens, TokenStore

# In seconds. An access token lives 60 hours, at newer clients 24. It is refreshed while it still works.
ACCESS_LIFETIME = 24 * 3600
REFRESH_AFTER = 12 * 3600

_LOGGER = logging.getLogger(__name__)


class Account:
    """A Wyze account. `access_token()` always returns one that works.

    **Crashes.** A refresh token can be used once, and a crash between Wyze's answer and saving it loses the new pair.
    So before a refresh the store notes that the refresh token is about to be used; after it, the new pair is saved
    before it is returned. A start that finds the note tries the refresh token, which works if the crash came before
    Wyze had it, and logs in if Wyze refuses it. The old pair stays until there is a new one: while its access token
    works, it is returned if Wyze or the relay does not answer, and the next call tries again.
    """

    def __init__(
        self,
        email: str,
        password: str,
        *,
        key_id: str,
        api_key: str,
        store: TokenStore,
        totp: str | Callable[[], str] | None = None,
        sms: Relay | Callable[[], str] | None = None,
        mailbox: str | None = None,
        session: Session | None = None,
        auth_url: str = AUTH_URL,
        api_url: str = API_URL,
    ):
        self._email, self._password = email, password
        self._key_id, self._api_key = key_id, api_key
        self._factor = SecondFactor(totp, sms, mailbox)
        self._store, self._session = store, session
        self._auth_url, self._api_url = auth_url, api_url

    def access_token(self) -> str:
        """Returns an access token. Refreshes it, or logs in, if needed. Raises `WyzeError` or a `RelayError`."""
        return self.tokens().access_token

    def tokens(self, *, rejected: Tokens | None = None) -> Tokens:
        """As `access_token`, with the whole pair. `rejected` is one that Wyze has refused meanwhile: it is replaced."""
        with self._store.lock():
            stored = self._store.load()
            if stored is None:
                return self._log_in(str(uuid.uuid4()))
            age = time.time() - stored.tokens.obtained_at
            lifetime = 0 if stored.tokens == rejected else ACCESS_LIFETIME
            if 0 <= age < min(lifetime, REFRESH_AFTER) and not stored.refreshing:
                return stored.tokens
            try:
                return self._refresh(stored)
            except RelayError as error:
                if not 0 <= age < lifetime:
                    raise
                _LOGGER.warning("the Wyze tokens are not refreshed yet: %s", error)
                return stored.tokens

    def _refresh(self, stored: Stored) -> Tokens:
        self._store.save(replace(stored, refreshing=True))
        try:
            tokens = refresh(stored.tokens, phone_id=stored.phone_id, session=self._session, api_url=self._api_url)
        except WyzeLoginError:
            return self._log_in(stored.phone_id)
        return self._save(tokens, stored.phone_id)

    def _log_in(self, phone_id: str) -> Tokens:
        tokens = login(
            self._email,
            self._password,
            key_id=self._key_id,
            api_key=self._api_key,
            phone_id=phone_id,
            second_factor=self._factor,
            session=self._session,
            auth_url=self._auth_url,
        )
        return self._save(tokens, phone_id)

    def _save(self, tokens: Tokens, phone_id: str) -> Tokens:
        self._store.save(Stored(tokens, phone_id))
        return tokens

    def __repr__(self) -> str:
        return f"Account(store={self._store!r})"
