"""A fake CloudFormation for `setup`: it sends events, and serves the URL that takes the responses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requesttypes.html
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import processes
from function_process import Invocation
from relay import Relay
from stack_template import Stack

# A presigned URL, so a secret: everybody who has it can respond.
PATH = "/responses/4be0?signature=5f1c"


@dataclass(frozen=True)
class CustomResourceResponse:
    """One response to CloudFormation, with its HTTP headers."""

    headers: HTTPMessage
    body: dict


@dataclass
class CloudFormation:
    """Sends events on behalf of a stack, and records the responses."""

    relay: Relay
    stack: Stack
    port: int = 0
    responses: list[CustomResourceResponse] = field(default_factory=list)
    rejected: int = 0
    # How many responses get HTTP status 503.
    to_reject: float = 0

    @property
    def url(self) -> str:
        return f"http://{processes.LOOPBACK}:{self.port}{PATH}"

    def event(self, request_type: str, logical: str, **fields: object) -> dict:
        """An event for the template's resource. `fields` replace those of the event."""
        plain = {
            "RequestType": request_type,
            "ResponseURL": self.url,
            "RequestId": f"request-{len(self.responses)}",
            "ServiceToken": self.relay.stack.functions["setup"].arn,
        }
        named = {} if request_type == "Create" else {"PhysicalResourceId": logical}
        return plain | self.stack.custom_resource(logical) | named | fields

    def invoke(self, event: object) -> Invocation:
        """Invokes `setup` once."""
        return self.relay.functions["setup"].invoke(event)

    def send(self, request_type: str, logical: str, **fields: object) -> dict:
        """The response to one event. There must be exactly one, and it must name the event's resource."""
        event = self.event(request_type, logical, **fields)
        before = len(self.responses)
        assert self.invoke(event).ok
        (response,) = self.responses[before:]
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            assert response.body[name] == event[name]
        assert response.body["PhysicalResourceId"] == event.get("PhysicalResourceId", logical)
        return response.body


@contextmanager
def serve(relay: Relay, stack: Stack) -> Iterator[CloudFormation]:
    """Takes responses for the stack in a thread of this process."""
    cloudformation = CloudFormation(relay, stack)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if cloudformation.rejected < cloudformation.to_reject:
                cloudformation.rejected += 1
                status = 503
            else:
                status = 200 if self.path == PATH else 403
                cloudformation.responses.append(CustomResourceResponse(self.headers, json.loads(body)))
            self.send_response_only(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Logs nothing: the responses are recorded."""

    server = ThreadingHTTPServer((processes.LOOPBACK, 0), Handler)
    server.daemon_threads = True
    cloudformation.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    relay.secrets |= {cloudformation.url, PATH}
    try:
        yield cloudformation
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
