"""The cloud's paths: which call asks which rule."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http.cookies import SimpleCookie

from fake_arlo.cloud import Cloud, Refusal

TRUST_COOKIE = "browser_trust"

# What a client loads after its login. An empty account is enough: the login is what the tests are about.
EMPTY_LISTS = {"/hmsweb/v2/users/devices", "/hmsweb/users/devices", "/hmsweb/users/library"}


@dataclass(frozen=True)
class Call:
    method: str
    host: str
    path: str
    authorization: str
    cookies: str
    body: dict

    def token(self) -> str:
        """`Authorization` is base64 of the token on the host of the login, and the token itself on the others."""
        if not self.host.startswith("ocapi"):
            return self.authorization
        try:
            return base64.b64decode(self.authorization, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""

    def trust(self) -> str:
        cookie = SimpleCookie(self.cookies).get(TRUST_COOKIE)
        return cookie.value if cookie else ""

    def field(self, name: str) -> str:
        value = self.body.get(name)
        if value is None:
            raise Refusal(400, 9000, f"The field {name} is missing.")
        return value


@dataclass(frozen=True)
class Answer:
    data: dict | list
    cookie: str | None = None


def answer(cloud: Cloud, call: Call) -> Answer:
    if (call.method, call.path) == ("POST", "/api/auth"):
        return Answer(cloud.auth(call.field("email"), call.field("password")))
    account = cloud.account_of(call.token())
    match call.method, call.path:
        case "POST", "/api/getFactorId":
            return Answer(cloud.browser_factor(account, call.trust()))
        case "GET", "/api/getFactors":
            return Answer(cloud.factors(account))
        case "POST", "/api/startAuth":
            return Answer(cloud.start(account, call.field("factorId")))
        case "POST", "/api/finishAuth":
            trust = call.body.get("isBrowserTrusted") is True
            return Answer(cloud.finish(account, call.field("factorAuthCode"), call.field("otp"), trust=trust))
        case "POST", "/api/startPairingFactor":
            trust = cloud.pair(call.field("factorAuthCode"))
            return Answer({}, f"{TRUST_COOKIE}={trust}; Domain=arlo.com; Path=/; Max-Age=31536000; Secure")
        case "GET", "/api/validateAccessToken":
            return Answer({"tokenValidated": True})
        case "GET", "/hmsweb/users/session/v2" | "/hmsweb/users/session/v3":
            return Answer({"userId": account.user_id, "email": account.email, "token": call.token()})
        case "GET" | "POST", path if path in EMPTY_LISTS:
            return Answer([])
    return Answer({})
