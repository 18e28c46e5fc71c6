"""An HTTP proxy on loopback that resolves the names of the tests to loopback, and refuses every other name.

Clients find it in HTTPS_PROXY and http_proxy, as curl, requests and urllib do: they run unmodified, with real names.
"""

from __future__ import annotations

import select
import socket
import ssl
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

MAX_HEAD = 64 * 1024


@dataclass(frozen=True)
class Route:
    """Where a name leads to; with `tls`, the context with which the proxy itself ends TLS."""

    address: tuple[str, int]
    tls: ssl.SSLContext | None = None


class Proxy(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.routes: dict[str, Route] = {}
        self.refused_hosts: list[str] = []

    def handle_error(self, *_: object) -> None:
        """A client that disconnects is no failure of the proxy; one that cannot go on fails its own test."""


class Connection(BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < MAX_HEAD:
            data = self.request.recv(4096)
            if not data:
                return
            head += data
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        host = target.rpartition(":")[0] if method == "CONNECT" else urlsplit(target).hostname
        route = self.server.routes.get(host or "")
        if route is None:
            self.server.refused_hosts.append(host or target)
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        self.connect(route, b"" if method == "CONNECT" else head)

    def connect(self, route: Route, head: bytes) -> None:
        client = self.request
        try:
            upstream = socket.create_connection(route.address)
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        with upstream:
            if head:
                # A server takes a request in absolute form as well (RFC 9112 section 3.2.2).
                upstream.sendall(head)
            else:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if route.tls and not head:
                with route.tls.wrap_socket(client, server_side=True) as plain:
                    splice(plain, upstream)
            else:
                splice(client, upstream)


def splice(one: socket.socket, other: socket.socket) -> None:
    """Passes on what comes from each side until one of them ends."""
    peers = {one: other, other: one}
    while True:
        decrypted = [side for side in peers if isinstance(side, ssl.SSLSocket) and side.pending()]
        for side in decrypted or select.select(list(peers), [], [])[0]:
            data = side.recv(65536)
            if not data:
                return
            peers[side].sendall(data)
