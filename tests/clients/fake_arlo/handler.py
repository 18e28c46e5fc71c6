"""One HTTP exchange with the cloud."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fake_arlo.cloud import Refusal
from fake_arlo.routes import Call, answer

if TYPE_CHECKING:
    from fake_arlo.service import CloudServer

SUBSCRIBE = "/hmsweb/client/subscribe"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CloudServer

    def setup(self) -> None:
        # The handshake is here, on the connection's own thread, so that a client that is slow with it delays nobody.
        self.request.do_handshake()
        super().setup()

    def do_OPTIONS(self) -> None:
        self.note()
        self.send(b"")

    def do_GET(self) -> None:
        if urlsplit(self.path).path == SUBSCRIBE:
            self.stream_events()
        else:
            self.respond()

    do_POST = do_PUT = do_GET

    def note(self) -> Call:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        host, path = self.headers["Host"], urlsplit(self.path).path
        self.server.calls.append(f"{self.command} {host}{path}")
        authorization, cookies = self.headers.get("Authorization", ""), self.headers.get("Cookie", "")
        return Call(self.command, host, path, authorization, cookies, body)

    def respond(self) -> None:
        call = self.note()
        cookie = None
        try:
            with self.server.cloud.lock:
                answered = answer(self.server.cloud, call)
            cookie = answered.cookie
            document = {"meta": {"code": 200}, "data": self.without_omitted(answered.data)}
            if not call.host.startswith("ocapi"):
                document["success"] = True
        except Refusal as refusal:
            document = {"meta": refusal.meta}
        self.send(json.dumps(document).encode(), cookie)

    def without_omitted(self, data: object) -> object:
        if isinstance(data, dict):
            kept = {name: value for name, value in data.items() if name not in self.server.omitted}
            return {name: self.without_omitted(value) for name, value in kept.items()}
        return [self.without_omitted(item) for item in data] if isinstance(data, list) else data

    def send(self, body: bytes, cookie: str | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def stream_events(self) -> None:
        """Says that the client is connected, and keeps the stream open until the cloud ends.

        In chunks: of a body without them, requests waits for a full buffer.
        """
        self.note()
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        event = b'event: message\ndata: {"status": "connected"}\n\n'
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.server.ended.wait()

    def log_message(self, *_: object) -> None:
        """The tests look at `calls`."""
