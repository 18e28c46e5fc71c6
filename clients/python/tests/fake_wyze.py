"""Wyze's login and refresh, as wyzeapy 0.8 and wyze-sdk 2.2 speak them (and a public thread of 2021)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from served import Reply

EMAIL, PASSWORD, KEY_ID, API_KEY = "me@gmail.com", "garden 7", "key-id", "api-key"
APP_FIELDS = {"phone_id", "app_name", "app_version", "sc", "sv", "phone_system_type", "app_ver", "ts", "refresh_token"}


def triple_md5(text: str) -> str:
    for _ in range(3):
        text = hashlib.md5(text.encode()).hexdigest()
    return text


class FakeWyze:
    """`options` are the account's second factors. A refresh token is taken once."""

    def __init__(self, *options: str, code: str = "123456"):
        self.options, self.code = list(options), code
        self.refresh_tokens: set[str] = set()
        self.calls: list[str] = []
        self.phone_ids: set[str] = set()
        self.texts = 0
        self.is_down = False

    def __call__(self, method: str, path: str, headers: dict[str, str], body: Any) -> Reply:
        parts = urlsplit(path)
        self.calls.append(parts.path)
        if self.is_down:
            return 502, "<html>"
        if parts.path == "/app/user/refresh_token":
            return self.refresh(body)
        sent = {name.lower(): value for name, value in headers.items()}
        if (sent.get("keyid"), sent.get("apikey")) != (KEY_ID, API_KEY):
            return 400, {"errorCode": 1001, "description": "Invalid API key."}
        assert sent.get("x-api-key")
        self.phone_ids.add(sent["phone-id"])
        if parts.path == "/user/login/sendSmsCode":
            return self.send_text(parse_qs(parts.query), body)
        if (body["email"], body["password"]) != (EMAIL, triple_md5(PASSWORD)):
            return 400, {"errorCode": 1000, "description": "Invalid credentials."}
        if parts.path == "/api/user/login":
            return self.login()
        assert parts.path == "/user/login"
        return self.verify(body)

    def login(self) -> Reply:
        if not self.options:
            return 200, self.tokens() | {"mfa_options": None}
        details = {"totp_apps": [{"app_id": "app-1"}, {"app_id": "app-2"}]}
        none = {"access_token": None, "refresh_token": None, "user_id": "user-1"}
        return 200, none | {"mfa_options": self.options, "mfa_details": details, "sms_session_id": "sms-1"}

    def send_text(self, query: dict[str, list[str]], body: object) -> Reply:
        assert query == {"mfaPhoneType": ["Primary"], "sessionId": ["sms-1"], "userId": ["user-1"]}
        assert body is None
        self.texts += 1
        return 200, {"session_id": f"text-{self.texts}"}

    def verify(self, body: dict[str, str]) -> Reply:
        ids = {"TotpVerificationCode": "app-1", "PrimaryPhone": f"text-{self.texts}"}
        if ids.get(body["mfa_type"]) != body["verification_id"] or body["verification_code"] != self.code:
            return 400, {"errorCode": 1003, "description": "Invalid verification code."}
        return 200, self.tokens()

    def refresh(self, body: dict[str, str]) -> Reply:
        assert set(body) == APP_FIELDS
        if body["refresh_token"] not in self.refresh_tokens:
            return 200, {"code": "2002", "msg": "refresh token error", "data": {}}
        self.refresh_tokens.remove(body["refresh_token"])
        pair = self.tokens()
        return 200, {"code": "1", "data": {name: pair[name] for name in ("access_token", "refresh_token")}}

    def tokens(self) -> dict[str, str]:
        refresh = secrets.token_hex(8)
        self.refresh_tokens.add(refresh)
        return {"access_token": secrets.token_hex(8), "refresh_token": refresh, "user_id": "user-1"}
