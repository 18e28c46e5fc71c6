"""CloudFormation as `setup` meets it: events that ask, and a URL that takes the answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import programs
from deployment import Stack
from functions import Outcome
from relay_client import Relay

# As in a presigned URL: whoever has it can answer.
PATH = "/answers/4be0?signature=geheim"


@dataclass(frozen=True)
class Told:
    """One answer: what CloudFormation reads, and the headers that it came with."""

    headers: HTTPMessage
    said: dict


@dataclass
class CloudFormation:
    """Asks on behalf of a stack, and keeps the answers."""

    relay: Relay
    stack: Stack
    port: int = 0
    answers: list[Told] = field(default_factory=list)
    refused: int = 0
    refusals_to_come: float = 0

    @property
    def url(self) -> str:
        return f"http://{programs.LOOPBACK}:{self.port}{PATH}"

    def event(self, asked: str, logical: str, **more: object) -> dict:
        """An event of the template's resource; `more` replaces fields of it."""
        plain = {
            "RequestType": asked,
            "ResponseURL": self.url,
            "RequestId": f"request-{len(self.answers)}",
            "ServiceToken": self.relay.stack.functions["setup"].arn,
        }
        named = {} if asked == "Create" else {"PhysicalResourceId": logical}
        return plain | self.stack.custom(logical) | named | more

    def hand_in(self, event: object) -> Outcome:
        """Invokes `setup` once."""
        return self.relay.functions["setup"].invoke(event)

    def ask(self, asked: str, logical: str, **more: object) -> dict:
        """What `setup` answers to one event, which must be one answer."""
        event = self.event(asked, logical, **more)
        before = len(self.answers)
        assert self.hand_in(event).ok
        (told,) = self.answers[before:]
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            assert told.said[name] == event[name]
        assert told.said["PhysicalResourceId"] == event.get("PhysicalResourceId", logical)
        return told.said


@contextmanager
def serve(relay: Relay, stack: Stack) -> Iterator[CloudFormation]:
    """Takes answers for the stack in a thread of this process."""
    formation = CloudFormation(relay, stack)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if formation.refused < formation.refusals_to_come:
                formation.refused += 1
                status = 503
            else:
                status = 200 if self.path == PATH else 403
                formation.answers.append(Told(self.headers, json.loads(body)))
            self.send_response_only(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the answers are kept."""

    server = ThreadingHTTPServer((programs.LOOPBACK, 0), Handler)
    server.daemon_threads = True
    formation.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    relay.secrets |= {formation.url, PATH}
    try:
        yield formation
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
