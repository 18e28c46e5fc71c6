"""The prestage URL: where to send what, and what must never be shown."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mfa_relay.errors import InvalidUrlError

# A token in a header can neither end the line nor hold a blank (RFC 6750 section 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]|[^\x00-\x7f]")


@dataclass(frozen=True)
class Prestage:
    """A prestage URL without its token, which goes into a header: servers write URLs into their logs."""

    url: str = field(repr=False)
    token: str | None = field(repr=False)
    host: str

    @classmethod
    def parse(cls, url: str, token: str | None = None) -> Prestage:
        """Parses what enrolling printed. Raises `InvalidUrlError`, which does not repeat the URL."""
        url = url.strip()
        if not is_http_url(url):
            raise InvalidUrlError("the prestage URL is not an http or https address: paste the one enrolling printed")
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        token = (token or dict(query).get("token") or "").strip() or None
        if token and not _TOKEN.fullmatch(token):
            raise InvalidUrlError("the token has characters that no token has: paste the one enrolling printed")
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        bare = urlunsplit((parts.scheme, parts.netloc, parts.path, rest, ""))
        return cls(bare, token, parts.hostname or "")

    def redact(self, text: str) -> str:
        """Returns a text of the relay's without the token, should it hold that, and without control characters."""
        text = text.replace(self.token, "…") if self.token else text
        return "".join(character if character.isprintable() else " " for character in text)


def is_http_url(url: str) -> bool:
    """Returns whether it is an http or https URL with a host, of printable ASCII, without user and password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not _UNPRINTABLE.search(url) and "@" not in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain


def is_loopback(url: str) -> bool:
    """Returns whether the URL names this machine, which is never reached through a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
