"""The HTTP side of the front: requests in, moto's answers or trouble out."""

import http.client
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import answers
import calls
from answers import Answer
from faults import Fault, Kind

if TYPE_CHECKING:
    from front import Front, Role

PIECE = 64 * 1024


def opening_on(front: "Front") -> type[BaseHTTPRequestHandler]:
    """A handler of requests for that front."""
    return type("Door", (Handler,), {"front": front})


class Handler(BaseHTTPRequestHandler):
    """One connection of a function's SDK, or of a client that polls."""

    front: "Front"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        # What a reader leaves unread must not vanish in a buffer, or it would count as read.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/" and "Authorization" not in self.headers:
            # A connection opened ahead of need; no service has anything to say there.
            self.reply(answers.xml(403, "AccessDenied"))
            return
        if "X-Amz-Signature=" in self.path:
            self.reply(self.front.presigned(self.command, self.path, self.headers["Host"]))
            return
        try:
            call = calls.read(self.command, self.path, self.headers, body)
            role = self.front.roles[call.access_key]
        except (ValueError, KeyError) as reason:
            self.front.record.objections.append(f"not understood: {reason}")
            self.reply(answers.not_understood(str(reason)))
            return
        if refusal := self.front.refusal(role, call):
            self.reply(refusal)
        elif fault := self.front.fault(role, call):
            self.go_wrong(fault, role, call, body)
        else:
            self.pass_on(self.ask_moto(body), role, call)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def ask_moto(self, body: bytes) -> http.client.HTTPResponse:
        return self.front.forward(self.command, self.path, list(self.headers.items()), body)

    def pass_on(self, found: http.client.HTTPResponse, role: "Role", call: calls.Call) -> None:
        """Moto's answer, in pieces: a function may turn away from an object that is too large."""
        if found.status == 404 and call.service == "s3" and call.record and not self.front.may_list(role, call):
            found.close()
            self.reply(answers.denied("s3"))
            return
        if found.headers["Content-Length"] is None:
            self.reply(Answer(found.status, found.read(), dict(found.headers)))
            return
        self.head(found.status, dict(found.headers))
        while piece := found.read(PIECE):
            self.wfile.write(piece)
            if call.operation == "GetObject":
                read = self.front.record.bytes_read
                read[call.record] = read.get(call.record, 0) + len(piece)

    def go_wrong(self, fault: Fault, role: "Role", call: calls.Call, body: bytes) -> None:
        if fault.kind is Kind.REFUSED:
            self.reply(answers.too_busy(call.service))
            return
        if fault.kind is Kind.HELD:
            fault.lifted.wait()
            self.pass_on(self.ask_moto(body), role, call)
            return
        if fault.kind in (Kind.LOST, Kind.KILLED_AFTER):
            self.ask_moto(body).read()
        if fault.kind in (Kind.KILLED_BEFORE, Kind.KILLED_AFTER):
            self.front.out_of_time(role.function)
        if fault.kind is Kind.UNANSWERED:
            fault.lifted.wait()
        self.close_connection = True

    def reply(self, answer: Answer) -> None:
        self.head(answer.status, answer.headers | {"Content-Length": str(len(answer.body))})
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, text in headers.items():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, text)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the record says what passed."""
