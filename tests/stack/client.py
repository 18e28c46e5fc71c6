"""A client program: it prestages, and polls the status URL that it gets."""

import http.client
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aws_proxy import AwsProxy
from function_process import FunctionProcess
from owner import Enrolment


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """A request that prestage opened, and the schedule that will end it, as `<group>/<name>`."""

    status_url: str
    opened_at: datetime
    expires_at: datetime
    schedule: str


class Client:
    """Calls the relay over HTTP. `secrets` collects what no log may show."""

    def __init__(self, prestage: FunctionProcess, proxy: AwsProxy, secrets: set[str]):
        self.function = prestage
        self.proxy = proxy
        self.secrets = secrets

    def post(self, body: bytes | dict, headers: dict | None = None, query: str = "") -> Response:
        """One HTTP request to prestage, as given."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The emulator serves a function's own paths below its name.
        path = f"/lambda-url/prestage/prestage{query}"
        headers = {"Content-Type": "application/json"} | (headers or {})
        return Response(*self.function.request("POST", path, sent, headers))

    def call(self, method: str, path: str, headers: dict | None = None) -> Response:
        """One HTTP request without a body to a path of prestage's function, as given."""
        return Response(*self.function.request(method, f"/lambda-url/prestage{path}", b"", headers or {}))

    def prestage(self, enrolment: Enrolment, **fields: object) -> Response:
        """Asks for a request with the enrolment's token, and for a response in JSON."""
        headers = {"Authorization": f"Bearer {enrolment.token}", "Accept": "application/json"}
        return self.post({"email": enrolment.mailbox} | fields, headers)

    def open_request(self, enrolment: Enrolment, **fields: object) -> Request:
        """Prestages, and returns the request that was opened."""
        response = self.prestage(enrolment, **fields)
        assert response.status == 200, response.body
        opened = response.json()
        self.add_secret_url(opened["status_url"])
        expires_at = datetime.fromisoformat(opened["expires_at"])
        opened_at = expires_at - timedelta(seconds=opened["window_seconds"])
        return Request(opened["status_url"], opened_at, expires_at, self.last_schedule())

    def last_schedule(self) -> str:
        """The schedule that was created last."""
        return next(call.key for _, call in reversed(self.proxy.record.calls) if call.operation == "CreateSchedule")

    def get(self, url: str) -> Response:
        """One HTTP GET, without any header of the client's own."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())
        finally:
            connection.close()

    def poll(self, request: Request) -> dict:
        """The status document as it is now."""
        response = self.get(request.status_url)
        assert response.status == 200, response.body
        status = response.json()
        self.secrets |= {status["code"]} if "code" in status else set()
        return status

    def add_secret_url(self, url: str) -> None:
        path = urlsplit(url).path
        self.secrets |= {url, path, path.rpartition("/")[2]}
