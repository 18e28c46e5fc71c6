"""The endpoint that the functions call as AWS: a reverse proxy in front of moto.

Every request passes unchanged, so that moto can check its signature. On the way the proxy judges what moto does not
(see permissions.py), records every permission in use, injects faults, and stands in for S3 at presigned URLs: moto
answers 500 to them while it enforces IAM.
"""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

import error_responses
import presigned_urls
import processes
import proxy_handler
from aws_calls import ApiCall
from error_responses import HttpResponse
from fault_injection import Fault, Faults
from moto_server import Credentials, Moto
from permissions import Grant, Permission


@dataclass(frozen=True)
class Role:
    """A function's role: the credentials that it signs with, and what its policies grant."""

    function: str
    credentials: Credentials
    grants: tuple[Grant, ...]

    def may(self, needed: Permission) -> bool:
        return any(grant.covers(needed) for grant in self.grants)


@dataclass
class Record:
    """What passed the proxy: which function used which permission and made which call, and what was wrong."""

    used: list[tuple[str, Permission]] = field(default_factory=list)
    calls: list[tuple[str, ApiCall]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    bytes_read: dict[str, int] = field(default_factory=dict)


class AwsProxy:
    """The proxy as the tests see it."""

    def __init__(self, moto: Moto, kill: Callable[[str], None]):
        self.moto = moto
        self.kill = kill
        self.faults = Faults()
        self.record = Record()
        self.roles: dict[str, Role] = {}
        self.readers: dict[str, object] = {}
        # How far S3's clock is ahead, for presigned URLs.
        self.clock_skew = timedelta(0)
        self.port = 0

    @property
    def endpoint(self) -> str:
        return f"http://{processes.LOOPBACK}:{self.port}"

    def add_role(self, role: Role) -> None:
        """Lets the role's requests pass from now on."""
        self.roles[role.credentials.access_key] = role
        self.readers[role.credentials.access_key] = role.credentials.client("s3", self.moto.endpoint)

    def role_of(self, function: str) -> Role:
        (role,) = (role for role in self.roles.values() if role.function == function)
        return role

    def calls_since(self, start: int) -> list[tuple[str, str]]:
        """Function and operation of every call after the first `start` ones."""
        return [(function, call.operation) for function, call in self.record.calls[start:]]

    def denial(self, role: Role, call: ApiCall) -> HttpResponse | None:
        """AWS's error if the role lacks a permission for the call. Records the call and what it used or lacked."""
        self.record.calls.append((role.function, call))
        for needed in call.needs:
            if not role.may(needed):
                self.record.violations.append(f"{role.function} lacks {needed}")
                return error_responses.access_denied(call.service)
            self.record.used.append((role.function, needed))
        return None

    def fault(self, role: Role, call: ApiCall) -> Fault | None:
        return self.faults.at(role.function, call.operation)

    def may_list(self, role: Role, call: ApiCall) -> bool:
        """Whether the role may list the object's bucket. Without that, S3 does not admit that an object is missing.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Permissions
        """
        needed = Permission("s3:ListBucket", call.needs[0].resource.partition("/")[0])
        permitted = role.may(needed)
        if permitted:
            self.record.used.append((role.function, needed))
        return permitted

    def forward(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> http.client.HTTPResponse:
        """Sends the request on to moto exactly as it came."""
        connection = http.client.HTTPConnection(processes.LOOPBACK, self.moto.port, timeout=60)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, text in headers:
            connection.putheader(name, text)
        connection.endheaders(body or None)
        return connection.getresponse()

    def presigned(self, method: str, target: str, host: str) -> HttpResponse:
        """S3's response to a presigned URL: verified here, then fetched with its signer's permissions."""
        url = f"http://{host}{target}"
        role = self.roles.get(presigned_urls.parameters(url).get("X-Amz-Credential", "").split("/")[0])
        try:
            presigned_urls.verify(method, url, role and role.credentials, datetime.now(UTC) + self.clock_skew)
        except presigned_urls.Rejected as rejected:
            return error_responses.s3_error(403, str(rejected))
        bucket, _, key = unquote(urlsplit(target).path).lstrip("/").partition("/")
        needed = Permission("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        call = ApiCall(role.credentials.access_key, "s3", "presigned GetObject", (needed,), key)
        if denial := self.denial(role, call):
            return denial
        try:
            found = self.readers[role.credentials.access_key].get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            missing = code == "NoSuchKey" and self.may_list(role, call)
            return error_responses.s3_error(404, code) if missing else error_responses.access_denied("s3")
        stored = found["ResponseMetadata"]["HTTPHeaders"]
        headers = {name: stored[name] for name in ("content-type", "cache-control") if name in stored}
        return HttpResponse(200, found["Body"].read(), headers)


@contextmanager
def serve(moto: Moto, kill: Callable[[str], None]) -> Iterator[AwsProxy]:
    """Runs a proxy in threads of this process. `kill` ends a function's process, by the function's name."""
    proxy = AwsProxy(moto, kill)
    server = ThreadingHTTPServer((processes.LOOPBACK, 0), proxy_handler.handler_for(proxy))
    server.daemon_threads = True
    proxy.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
