"""A small HTTP server on loopback that answers as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Reply = tuple[int, object]
Respond = Callable[[str, str, dict[str, str], Any], Reply]


@contextmanager
def serve(respond: Respond, **headers: str) -> Iterator[str]:
    """`respond(method, path, headers, body)` returns status and document. Yields the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, document = respond(self.command, self.path, dict(self.headers), json.loads(body or b"null"))
            except ConnectionError:
                self.close_connection = True
                return
            text = (document if isinstance(document, str) else json.dumps(document)).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """The tests look at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class RelayStub:
    """Answers as a relay whose code is there at the `polls`-th look."""

    def __init__(self, polls: int = 1):
        self.polls = polls
        self.asked: list[str] = []
        self.url = ""

    def __call__(self, method: str, path: str, headers: dict[str, str], body: Any) -> Reply:
        self.asked.append(f"{method} {path}")
        if path.startswith("/prestage"):
            if headers.get("Authorization") != "Bearer mfar_secret":
                return 403, {"error": "not_enrolled", "message": "mfar_wrong is wrong."}
            window = {"expires_at": "2026-11-21T20:05:00Z", "window_seconds": 30}
            return 200, {"status_url": f"http://{headers['Host']}/status/1"} | window
        self.polls -= 1
        return 200, {"status": "pending"} if self.polls > 0 else {"status": "complete", "code": "467266"}
