"""The rules of the cloud, without HTTP: accounts, tokens, factors, codes and trusted browsers.

As pyaarlo 0.8.0.27, arlo 1.2.64 and the client of arlo-mfa-aws's README speak it. Not verified against the real cloud:
the numbers and texts of refusals other than 9204 and 9236, and that a code can be tried several times.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Lock

# In seconds. Since 2025-02 a token lives two hours.
TOKEN_LIFETIME = 7200

BROWSER_NOT_TRUSTED = 9204
INVALID_OTP = 9236


class Refusal(Exception):
    """An answer with another `meta.code` than 200."""

    def __init__(self, code: int, error: int, message: str):
        super().__init__(message)
        self.meta = {"code": code, "error": error, "message": message}


@dataclass
class Account:
    email: str
    password: str
    mfa: bool = True
    user_id: str = field(default_factory=lambda: f"USER-{secrets.token_hex(4).upper()}")


@dataclass(frozen=True)
class CodeMail:
    """The mail of one startAuth. `written` is that moment, in seconds since 1970."""

    email: str
    code: str
    written: float


@dataclass
class Challenge:
    """One startAuth: its code is bound to its `factorAuthCode`, and another login's code is wrong."""

    account: Account
    code: str


class Cloud:
    def __init__(self) -> None:
        self.lock = Lock()
        self.changed = Condition(self.lock)
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Account] = {}
        self.challenges: dict[str, Challenge] = {}
        self.pairings: dict[str, Account] = {}
        self.trusted: dict[str, Account] = {}
        self.mails: list[CodeMail] = []
        self.logins: list[str] = []
        self.refused_codes: list[str] = []
        self.clock_offset = 0.0
        self.mailer: Callable[[CodeMail], None] = lambda mail: None

    def now(self) -> float:
        return time.time() + self.clock_offset

    def auth(self, email: str, password: str) -> dict:
        account = self.accounts.get(email)
        if account is None or base64.b64decode(password).decode() != account.password:
            raise Refusal(401, 4001, "The email address or password is invalid.")
        if not account.mfa:
            self.logins.append(account.email)
        return self.token(account) | {"authCompleted": not account.mfa, "mfa": account.mfa}

    def token(self, account: Account) -> dict:
        token, now = f"2_{secrets.token_urlsafe(32)}", int(self.now())
        self.tokens[token] = account
        return {
            "token": token,
            "userId": account.user_id,
            "authenticated": now,
            "issued": now,
            "expiresIn": TOKEN_LIFETIME,
        }

    def account_of(self, token: str) -> Account:
        if token not in self.tokens:
            raise Refusal(401, 1000, "The access token is invalid.")
        return self.tokens[token]

    def browser_factor(self, account: Account, trust: str) -> dict:
        if self.trusted.get(trust) is not account:
            raise Refusal(400, BROWSER_NOT_TRUSTED, "The browser is not trusted.")
        return {"factorId": f"browser-{trust}"}

    def factors(self, account: Account) -> dict:
        """A push factor and a phone come first, so that a client that takes the first factor fails."""
        return {
            "items": [
                self.factor(account, "push", "PUSH", "", "My phone", "SECONDARY"),
                self.factor(account, "sms", "SMS", "********47", "My phone", "SECONDARY"),
                self.factor(account, "email", "EMAIL", account.email, account.email, "PRIMARY"),
            ]
        }

    def factor(self, account: Account, name: str, kind: str, display: str, nickname: str, role: str) -> dict:
        return {
            "factorId": f"{name}-{account.user_id}",
            "factorType": kind,
            "displayName": display,
            "factorNickname": nickname,
            "factorRole": role,
        }

    def start(self, account: Account, factor_id: str) -> dict:
        if self.trusted.get(factor_id.removeprefix("browser-")) is account:
            self.logins.append(account.email)
            return {"accessToken": self.token(account) | {"authCompleted": True}}
        if factor_id != f"email-{account.user_id}":
            raise Refusal(400, 9203, "This factor is not one that the tests can answer.")
        factor_auth_code = secrets.token_hex(16)
        mail = CodeMail(account.email, f"{secrets.randbelow(900_000) + 100_000}", self.now())
        self.challenges[factor_auth_code] = Challenge(account, mail.code)
        self.mails.append(mail)
        self.mailer(mail)
        return {"factorAuthCode": factor_auth_code}

    def finish(self, account: Account, factor_auth_code: str, otp: str, *, trust: bool) -> dict:
        challenge = self.challenges.get(factor_auth_code)
        # A number is no text: a client that sends one is refused.
        if challenge is None or challenge.account is not account or challenge.code != otp:
            self.refused_codes.append(otp)
            self.changed.notify_all()
            raise Refusal(400, INVALID_OTP, "Invalid OTP.")
        del self.challenges[factor_auth_code]
        self.logins.append(account.email)
        answer = self.token(account) | {"authCompleted": True}
        if trust:
            answer["browserAuthCode"] = secrets.token_hex(16)
            self.pairings[answer["browserAuthCode"]] = account
        return answer

    def pair(self, browser_auth_code: str) -> str:
        """Returns the trust cookie of the browser that has finished a login."""
        account = self.pairings.pop(browser_auth_code, None)
        if account is None:
            raise Refusal(400, 9205, "There is no login to pair this browser with.")
        trust = secrets.token_hex(16)
        self.trusted[trust] = account
        return trust
