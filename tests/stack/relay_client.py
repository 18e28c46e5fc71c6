"""The world around the relay: owners, client programs, SES, Scheduler, and time."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from deployment import Stack
from front import Front
from functions import Outcome, Program
from intrinsics import STACK_UUID
from mail import Mail, message_id
from moto_server import Credentials, Moto
from rights import Right


@dataclass(frozen=True)
class Enrolment:
    """What an owner was told once."""

    mailbox: str
    relay_address: str
    token: str

    @property
    def tag(self) -> str:
        return self.relay_address.partition("@")[0].partition("+")[2]


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """A request that prestage opened, and the schedule that will end it."""

    status_url: str
    opened_at: datetime
    expires_at: datetime
    schedule: str


@dataclass(frozen=True)
class Delivery:
    """A mail that SES stored and announced; `outcomes` are the attempts so far."""

    message_id: str
    event: dict
    outcomes: tuple[Outcome, ...]

    @property
    def handled(self) -> bool:
        return self.outcomes[-1].ok


class Relay:
    """The relay as everybody outside sees it."""

    def __init__(self, stack: Stack, moto: Moto, owner: Credentials, front: Front, functions: dict[str, Program]):
        self.stack = stack
        self.moto = moto
        self.front = front
        self.functions = functions
        self.objects = owner.client("s3", moto.endpoint)
        self.items = owner.client("dynamodb", moto.endpoint)
        self.schedules = owner.client("scheduler", moto.endpoint)
        # Everything that no log may show.
        self.secrets: set[str] = {stack.functions["prestage"].environment["RELAY_ADDRESS"], STACK_UUID}

    # The owner.

    def enroll(self, action: str, **said: object) -> dict:
        """The owner invokes `enroll`; what goes wrong there is an answer too."""
        outcome = self.functions["enroll"].invoke({"action": action, **said})
        assert outcome.ok, outcome.payload
        self.secrets |= {said["mailbox"]} if said.get("mailbox") else set()
        return self.keep_secret(outcome.payload)

    def add(self, mailbox: str, trust: str = "forwarded", label: str = "cameras") -> Enrolment:
        told = self.enroll("add", mailbox=mailbox, trust=trust, label=label)
        return Enrolment(mailbox, told["relay_address"], told["token"])

    def renewed(self, enrolment: Enrolment, **more: object) -> Enrolment:
        """The enrolment with a new token, and with `address=True` a new relay address."""
        told = self.enroll("rotate", mailbox=enrolment.mailbox, **more)
        return Enrolment(enrolment.mailbox, told["relay_address"], told["token"])

    @contextmanager
    def enrolled(self, mailbox: str, trust: str = "forwarded") -> Iterator[Enrolment]:
        """An enrolment for the block only."""
        enrolment = self.add(mailbox, trust)
        try:
            yield enrolment
        finally:
            self.enroll("revoke", mailbox=mailbox)

    def last_refusal(self, enrolment: Enrolment) -> str | None:
        """Why the last mail was refused, as the owner is told."""
        return self.enroll("show", mailbox=enrolment.mailbox)["last_refusal"]

    def result(self, enrolment: Enrolment, request: Request) -> str | None:
        """What has come of a request's mail: the code, or the word for why there is none."""
        status = self.poll(request)
        if status["status"] == "complete":
            return status["code"]
        assert status["status"] == "pending", status
        return self.last_refusal(enrolment)

    def keep_secret(self, told: dict) -> dict:
        if "token" in told:
            address = told["relay_address"]
            self.secrets |= {address, address.partition("@")[0].partition("+")[2], told["token"], told["prestage_url"]}
        return told

    # Client programs.

    def post(self, body: bytes | dict, headers: dict | None = None, query: str = "") -> Answer:
        """One HTTP request to prestage, as it comes."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The emulator serves a function's own path below its name.
        path = f"/lambda-url/prestage/prestage{query}"
        headers = {"Content-Type": "application/json"} | (headers or {})
        status, answered, text = self.functions["prestage"].request("POST", path, sent, headers)
        return Answer(status, answered, text)

    def ask(self, enrolment: Enrolment, **more: object) -> Answer:
        """A client program asks prestage to open a request, and wants to know all about it."""
        headers = {"Authorization": f"Bearer {enrolment.token}", "Accept": "application/json"}
        return self.post({"email": enrolment.mailbox} | more, headers)

    def open(self, enrolment: Enrolment, **more: object) -> Request:
        answer = self.ask(enrolment, **more)
        assert answer.status == 200, answer.body
        told = answer.json()
        self.note_url(told["status_url"])
        expires_at = datetime.fromisoformat(told["expires_at"])
        opened_at = expires_at - timedelta(seconds=told["window_seconds"])
        return Request(told["status_url"], opened_at, expires_at, self.last_schedule())

    def note_url(self, url: str) -> None:
        path = urlsplit(url).path
        self.secrets |= {url, path, path.rpartition("/")[2]}

    def get(self, url: str) -> Answer:
        """One HTTP GET without any header of the client's own."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def poll(self, request: Request) -> dict:
        """The status document as the client sees it now."""
        answer = self.get(request.status_url)
        assert answer.status == 200, answer.body
        status = answer.json()
        self.secrets |= {status["code"]} if "code" in status else set()
        return status

    # SES.

    def deliver(self, mail: Mail, attempts: int = 3) -> Delivery:
        """SES stores the mail and invokes `receive`; Lambda tries again when that fails."""
        name = message_id()
        self.store(name, mail.raw)
        self.secrets |= {mail.recipient, mail.envelope_from} - {""}
        return self.announce(name, mail.event(name), attempts)

    def store(self, name: str, raw: bytes) -> None:
        self.objects.put_object(Bucket=self.stack.bucket, Key=f"inbox/{name}", Body=raw)

    def announce(self, name: str, event: dict, attempts: int = 3) -> Delivery:
        """The event, until `receive` takes it or the attempts are used up."""
        outcomes: list[Outcome] = []
        while len(outcomes) < attempts and not (outcomes and outcomes[-1].ok):
            outcomes.append(self.functions["receive"].invoke(event))
        return Delivery(name, event, tuple(outcomes))

    def inbox(self) -> set[str]:
        """The mails that lie in the bucket."""
        found = self.objects.list_objects_v2(Bucket=self.stack.bucket, Prefix="inbox/")
        return {kept["Key"].partition("/")[2] for kept in found.get("Contents", [])}

    # Scheduler.

    def last_schedule(self) -> str:
        """The schedule that was made last, as `<group>/<name>`."""
        return next(call.record for _, call in reversed(self.front.record.calls) if call.operation == "CreateSchedule")

    def read_schedule(self, request: Request) -> dict:
        group, name = request.schedule.split("/")
        with self.moto.unguarded():
            return self.schedules.get_schedule(GroupName=group, Name=name)

    def end(self, request: Request) -> Outcome:
        """The window ends: Scheduler invokes the schedule's target with its input, and again if it fails."""
        target = self.read_schedule(request)["Target"]
        role = target["RoleArn"].rpartition("/")[2]
        invoke = Right("lambda:InvokeFunction", target["Arn"])
        assert any(grant.covers(invoke) for grant in self.stack.grants(role)), "the schedule's role may not"
        self.front.record.used.append(("schedule", invoke))
        (name,) = (name for name, function in self.stack.functions.items() if function.arn == target["Arn"])
        outcome = self.functions[name].invoke(json.loads(target["Input"]))
        return outcome if outcome.ok else self.functions[name].invoke(json.loads(target["Input"]))

    # Time.

    def let_pass(self, enrolment: Enrolment, by: timedelta) -> None:
        """Moves the stored request into the past, as if that much time had gone by since it was opened."""
        item = self.item(f"request#{enrolment.tag}")
        for moment in ("opened_at", "expires_at"):
            earlier = datetime.fromisoformat(item[moment]["S"]) - by
            item[moment] = {"S": earlier.isoformat().replace("+00:00", "Z")}
        self.items.put_item(TableName=self.stack.table, Item=item)

    def stored_opening(self, tag: str) -> datetime:
        """When the stored request of that tag was opened."""
        return datetime.fromisoformat(self.item(f"request#{tag}")["opened_at"]["S"])

    def item(self, key: str) -> dict | None:
        """An item of the table as it is stored."""
        return self.items.get_item(TableName=self.stack.table, Key={"pk": {"S": key}}).get("Item")
