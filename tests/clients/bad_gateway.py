"""What stands in front of a relay that is not there: it answers 502 at the relay's own address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread


@contextmanager
def serve(address: str) -> Iterator[Event]:
    """Serves at an address such as "127.0.0.1:8080". Yields an event that is set when somebody was answered."""
    asked = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(502)
            asked.set()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """The tests wait for the event."""

    host, _, port = address.rpartition(":")
    with HTTPServer((host, int(port)), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()
