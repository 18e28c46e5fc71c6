"""A fake of Lambda's runtime API that hands out one event, with a deadline: the emulator's deadlines are not real.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import processes


@contextmanager
def serve(event: dict, seconds_left: float) -> Iterator[tuple[str, Event]]:
    """Yields the API's address, and an event that is set once the function has responded."""
    responded, handed_out, closing = Event(), Event(), Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if handed_out.is_set():
                closing.wait()
                self.close_connection = True
                return
            handed_out.set()
            body = json.dumps(event).encode()
            self.send_response_only(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + seconds_left) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response_only(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if self.path.endswith("/response"):
                responded.set()

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer((processes.LOOPBACK, 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{processes.LOOPBACK}:{server.server_address[1]}", responded
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
