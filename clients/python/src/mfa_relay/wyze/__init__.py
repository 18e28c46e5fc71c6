"""Logs in at Wyze, and keeps its tokens.

    from mfa_relay.wyze import Account, TokenFile

    account = Account("me@gmail.com", "password", key_id="...", api_key="...", totp="JBSWY3DPEHPK3PXP",
                      store=TokenFile("wyze.json"))
    account.access_token()      # logs in, refreshes, or returns the one that is there

`key_id` and `api_key` are made at https://developer-api-console.wyze.com. The second factor is `totp` (the secret of an
authenticator app), or `sms`: a `Relay`, or a function that returns the code, such as `input`.

A refresh token can be used once. `TokenFile` survives a crash between Wyze's answer and saving it: see `Account`.
"""

from mfa_relay.wyze.account import Account
from mfa_relay.wyze.login import SecondFactor, WyzeError, WyzeLoginError, login, refresh
from mfa_relay.wyze.rfc6238 import totp
from mfa_relay.wyze.store import Stored, TokenFile, Tokens, TokenStore

__all__ = [
    "Account",
    "SecondFactor",
    "Stored",
    "TokenFile",
    "TokenStore",
    "Tokens",
    "WyzeError",
    "WyzeLoginError",
    "login",
    "refresh",
    "totp",
]
