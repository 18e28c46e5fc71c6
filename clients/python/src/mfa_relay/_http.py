"""One HTTP exchange with the standard library: no redirects, a limited body, and errors that show no URL."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import IO

from mfa_relay._url import is_loopback

# In bytes. A status document has 300.
MAX_BODY = 64 * 1024


@dataclass(frozen=True)
class Exchange:
    """A request to send. `timeout` is in seconds, for connecting and for each read."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: float


@dataclass(frozen=True)
class Response:
    """A response with any status code. The names of `headers` are read without regard to case."""

    status: int
    headers: Message
    body: bytes = field(repr=False)


class ConnectionFailed(Exception):
    """There was no response. The text names the kind of failure only."""


class CertificateRefused(Exception):
    """The server's certificate is not trusted. The text is OpenSSL's reason."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect must not carry the token to another host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def send(exchange: Exchange, context: ssl.SSLContext | None = None) -> Response:
    """Sends the request and reads the response. Raises `ConnectionFailed` or `CertificateRefused`."""
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPSHandler(context=context)]
    if is_loopback(exchange.url):
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(
        exchange.url, data=exchange.body, headers=dict(exchange.headers), method=exchange.method
    )
    # `from None`: the causes of these errors quote URLs.
    try:
        with opener.open(request, timeout=exchange.timeout) as answered:
            return Response(answered.status, answered.headers, answered.read(MAX_BODY))
    except urllib.error.HTTPError as error:
        with error:
            return _response(error)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise CertificateRefused(error.reason.verify_message) from None
        raise ConnectionFailed(_kind(error.reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ConnectionFailed(_kind(error)) from None


def _response(error: urllib.error.HTTPError) -> Response:
    try:
        body = error.read(MAX_BODY)
    except (OSError, http.client.HTTPException) as cause:
        raise ConnectionFailed(_kind(cause)) from None
    return Response(error.code, error.headers, body)


def _kind(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "it timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
