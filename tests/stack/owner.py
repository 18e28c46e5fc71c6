"""The owner's side: the `enroll` function, invoked with the owner's credentials."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from function_process import FunctionProcess


@dataclass(frozen=True)
class Enrolment:
    """A mailbox with what `add` and `rotate` print once."""

    mailbox: str
    relay_address: str
    token: str

    @property
    def tag(self) -> str:
        return tag_of(self.relay_address)


def tag_of(relay_address: str) -> str:
    return relay_address.partition("@")[0].partition("+")[2]


class Owner:
    """Enrols mailboxes and looks after them. `secrets` collects what no log may show."""

    def __init__(self, enroll: FunctionProcess, secrets: set[str]):
        self.function = enroll
        self.secrets = secrets

    def enroll(self, action: str, **fields: object) -> dict:
        """The function's result. A mistake of the owner's is a result too."""
        invocation = self.function.invoke({"action": action, **fields})
        assert invocation.ok, invocation.payload
        self.secrets |= {fields["mailbox"]} if fields.get("mailbox") else set()
        return self.with_secrets(invocation.payload)

    def add(self, mailbox: str, trust: str = "forwarded", label: str = "cameras") -> Enrolment:
        issued = self.enroll("add", mailbox=mailbox, trust=trust, label=label)
        return Enrolment(mailbox, issued["relay_address"], issued["token"])

    def add_program(self, enrolment: Enrolment, label: str) -> Enrolment:
        """The same mailbox with the token of a new program."""
        issued = self.enroll("token", do="add", mailbox=enrolment.mailbox, label=label)
        return Enrolment(enrolment.mailbox, issued["relay_address"], issued["token"])

    def rotate(self, enrolment: Enrolment, **fields: object) -> Enrolment:
        """The enrolment with a new token, and with `address=True` a new relay address."""
        issued = self.enroll("rotate", mailbox=enrolment.mailbox, **fields)
        return Enrolment(enrolment.mailbox, issued["relay_address"], issued["token"])

    @contextmanager
    def enrolled(self, mailbox: str, trust: str = "forwarded") -> Iterator[Enrolment]:
        """An enrolment for the block only."""
        enrolment = self.add(mailbox, trust)
        try:
            yield enrolment
        finally:
            self.enroll("revoke", mailbox=mailbox)

    def show(self, mailbox: str) -> dict:
        return self.enroll("show", mailbox=mailbox)

    def last_refusal(self, enrolment: Enrolment) -> str | None:
        """Why the last mail was refused."""
        return self.show(enrolment.mailbox)["last_refusal"]

    def with_secrets(self, result: dict) -> dict:
        if "token" in result:
            address = result["relay_address"]
            self.secrets |= {address, tag_of(address), result["token"], result["prestage_url"]}
        return result
