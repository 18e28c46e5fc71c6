"""The HTTP side of the proxy: requests in, moto's responses or faults out."""

import http.client
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import aws_calls
import error_responses
from error_responses import HttpResponse
from fault_injection import Fault, Kind

if TYPE_CHECKING:
    from aws_calls import ApiCall
    from aws_proxy import AwsProxy, Role

CHUNK = 64 * 1024


def handler_for(proxy: "AwsProxy") -> type[BaseHTTPRequestHandler]:
    """A request handler that belongs to that proxy."""
    return type("ProxyHandler", (Handler,), {"proxy": proxy})


class Handler(BaseHTTPRequestHandler):
    """One connection of a function's SDK, or of a client that polls."""

    proxy: "AwsProxy"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        # A small buffer: what the peer leaves unread must not count as read.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/" and "Authorization" not in self.headers:
            # A connection opened ahead of need. No service has anything to say there.
            self.send(error_responses.access_denied("s3"))
            return
        if "X-Amz-Signature=" in self.path:
            self.send(self.proxy.presigned(self.command, self.path, self.headers["Host"]))
            return
        try:
            call = aws_calls.parse(self.command, self.path, self.headers, body)
            role = self.proxy.roles[call.access_key]
        except (ValueError, KeyError) as reason:
            self.proxy.record.violations.append(f"not implemented: {reason}")
            self.send(error_responses.not_implemented(str(reason)))
            return
        if denial := self.proxy.denial(role, call):
            self.send(denial)
        elif fault := self.proxy.fault(role, call):
            self.fail(fault, role, call, body)
        else:
            self.relay_response(self.ask_moto(body), role, call)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = respond

    def ask_moto(self, body: bytes) -> http.client.HTTPResponse:
        return self.proxy.forward(self.command, self.path, list(self.headers.items()), body)

    def relay_response(self, found: http.client.HTTPResponse, role: "Role", call: "ApiCall") -> None:
        """Sends moto's response, in chunks: a function may stop reading an object that is too large."""
        if found.status == 404 and call.service == "s3" and call.key and not self.proxy.may_list(role, call):
            found.close()
            self.send(error_responses.access_denied("s3"))
            return
        if found.headers["Content-Length"] is None:
            self.send(HttpResponse(found.status, found.read(), dict(found.headers)))
            return
        self.send_head(found.status, dict(found.headers))
        while chunk := found.read(CHUNK):
            self.wfile.write(chunk)
            if call.operation == "GetObject":
                read = self.proxy.record.bytes_read
                read[call.key] = read.get(call.key, 0) + len(chunk)

    def fail(self, fault: Fault, role: "Role", call: "ApiCall", body: bytes) -> None:
        if fault.kind is Kind.THROTTLED:
            self.send(error_responses.throttled(call.service))
            return
        if fault.kind is Kind.HELD:
            fault.released.wait()
            self.relay_response(self.ask_moto(body), role, call)
            return
        if fault.kind in (Kind.RESPONSE_LOST, Kind.KILLED_AFTER):
            self.ask_moto(body).read()
        if fault.kind in (Kind.KILLED_BEFORE, Kind.KILLED_AFTER):
            self.proxy.kill(role.function)
        if fault.kind is Kind.NO_RESPONSE:
            fault.released.wait()
        self.close_connection = True

    def send(self, response: HttpResponse) -> None:
        self.send_head(response.status, response.headers | {"Content-Length": str(len(response.body))})
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def send_head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, text in headers.items():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, text)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Logs nothing: the proxy's record holds every call."""
