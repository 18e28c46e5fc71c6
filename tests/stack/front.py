"""The door through which the functions reach AWS: an HTTP proxy in front of moto.

Every request of a function's SDK passes unchanged, so that moto can check its signature. On the
way the front judges what moto does not (see rights.py), keeps a record of every right in use,
makes trouble when a test asks for it, and plays S3 for presigned URLs: moto answers 500 to them
while it enforces IAM.
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

import answers
import door
import presigned
import programs
import rights
from answers import Answer
from calls import Call
from faults import Fault, Faults
from moto_server import Credentials, Moto


@dataclass(frozen=True)
class Role:
    """A function's role: the credentials that it signs with, and what its policies grant."""

    function: str
    credentials: Credentials
    grants: tuple[rights.Grant, ...]

    def may(self, asked: rights.Right) -> bool:
        return any(grant.covers(asked) for grant in self.grants)


@dataclass
class Record:
    """What passed the front: who asked for what, and what was wrong with it."""

    used: list[tuple[str, rights.Right]] = field(default_factory=list)
    calls: list[tuple[str, Call]] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    bytes_read: dict[str, int] = field(default_factory=dict)


class Front:
    """The proxy as the tests see it."""

    def __init__(self, moto: Moto, out_of_time: Callable[[str], None]):
        self.moto = moto
        self.out_of_time = out_of_time
        self.faults = Faults()
        self.record = Record()
        self.roles: dict[str, Role] = {}
        self.readers: dict[str, object] = {}
        self.clock_ahead = timedelta(0)
        self.port = 0

    @property
    def endpoint(self) -> str:
        return f"http://{programs.LOOPBACK}:{self.port}"

    def admit(self, role: Role) -> None:
        """Lets the role's requests pass from here on."""
        self.roles[role.credentials.access_key] = role
        self.readers[role.credentials.access_key] = role.credentials.client("s3", self.moto.endpoint)

    def refusal(self, role: Role, call: Call) -> Answer | None:
        """The answer to a call that the role may not make; the record keeps what it may."""
        self.record.calls.append((role.function, call))
        for need in call.needs:
            if not role.may(need):
                self.record.objections.append(f"{role.function} lacks {need}")
                return answers.denied(call.service)
            self.record.used.append((role.function, need))
        return None

    def fault(self, role: Role, call: Call) -> Fault | None:
        return self.faults.at(role.function, call.operation)

    def may_list(self, role: Role, call: Call) -> bool:
        """Without the right to list, S3 does not admit that an object is missing.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Permissions
        """
        bucket = call.needs[0].resource.partition("/")[0]
        return role.may(rights.Right("s3:ListBucket", bucket))

    def forward(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> http.client.HTTPResponse:
        """Sends the request on to moto exactly as it came."""
        connection = http.client.HTTPConnection(programs.LOOPBACK, self.moto.port, timeout=60)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, text in headers:
            connection.putheader(name, text)
        connection.endheaders(body or None)
        return connection.getresponse()

    def presigned(self, method: str, target: str, host: str) -> Answer:
        """S3's answer to a presigned URL: checked here, then fetched with its signer's rights."""
        url = f"http://{host}{target}"
        role = self.roles.get(presigned.fields(url).get("X-Amz-Credential", "").split("/")[0])
        try:
            signer = role and role.credentials
            presigned.judge(method, url, signer, datetime.now(UTC) + self.clock_ahead)
        except presigned.Refused as refused:
            return answers.xml(403, str(refused))
        bucket, _, key = unquote(urlsplit(target).path).lstrip("/").partition("/")
        need = rights.Right("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        call = Call(role.credentials.access_key, "s3", "presigned GetObject", (need,), key)
        if refusal := self.refusal(role, call):
            return refusal
        try:
            found = self.readers[role.credentials.access_key].get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            missing = code == "NoSuchKey" and self.may_list(role, call)
            return answers.xml(404, code) if missing else answers.xml(403, "AccessDenied")
        kept = found["ResponseMetadata"]["HTTPHeaders"]
        headers = {name: kept[name] for name in ("content-type", "cache-control") if name in kept}
        return Answer(200, found["Body"].read(), headers)


@contextmanager
def serve(moto: Moto, out_of_time: Callable[[str], None]) -> Iterator[Front]:
    """Runs a front in threads of this process. `out_of_time` ends a function by name."""
    front = Front(moto, out_of_time)
    server = ThreadingHTTPServer((programs.LOOPBACK, 0), door.opening_on(front))
    server.daemon_threads = True
    front.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
