"""A stack of the relay, driven by the documented commands alone."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import logins
import processes
from account import Account
from terminal import Output, Terminal

if TYPE_CHECKING:
    from world import World

# What SES writes into the bucket when the rule is made.
SETUP_NOTIFICATION = "AMAZON_SES_SETUP_NOTIFICATION"


@dataclass(frozen=True)
class Enrolment:
    """What `--enroll` printed: the URL for a program, and the address to forward to."""

    prestage: str
    relay_address: str


@dataclass(frozen=True)
class Stack:
    """A name and a domain that no other stack of the rehearsal has, in a region of an account."""

    world: World
    account: Account
    terminal: Terminal
    region: str
    name: str
    domain: str

    @property
    def address(self) -> str:
        return f"arlo@{self.domain}"

    def try_deploy(self, *options: str) -> Output:
        """With the functions of this checkout, of which there is no release; tests/deploy has the way of a release."""
        return self.terminal.run("./deploy.sh", self.region, self.name, self.address, "--build", *options)

    def deploy(self, *options: str) -> Output:
        return succeeded(self.try_deploy(*options))

    def sam_deploy(self, *parameters: str) -> Output:
        """Plain `sam deploy` in the project's folder, where samconfig.toml lies."""
        bucket = f"artifacts-{self.name}"
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region}} if self.region != "us-east-1" else {}
        self.account.client("s3", self.region).create_bucket(Bucket=bucket, **place)
        target = ["--region", self.region, "--stack-name", self.name, "--s3-bucket", bucket]
        return self.terminal.run(
            "sam", "deploy", *target, "--parameter-overrides", f"RelayAddress={self.address}", *parameters
        )

    def check(self) -> Output:
        return self.terminal.run("./deploy.sh", "--check", self.region, self.name)

    def resume(self) -> Output:
        return succeeded(self.terminal.run("./deploy.sh", "--resume", self.region, self.name))

    def try_delete(self) -> Output:
        return self.terminal.run("./deploy.sh", "--delete", self.region, self.name)

    def delete(self) -> Output:
        return succeeded(self.try_delete())

    def paste_records(self, printed: str) -> None:
        """The owner creates the records that deploy.sh has printed, where the domain's DNS is edited."""
        self.world.paste(self.domain, printed)

    def enrolment(self, printed: str) -> Enrolment:
        prestage = logins.on_this_machine(logins.prestage_url(printed), self.account)
        return Enrolment(prestage, logins.relay_address(printed))

    def log_in(self, enrolment: Enrolment) -> dict:
        """A login of README's client with a signed code mail that Gmail forwards: the status at its end."""
        mails = self.world.mail_servers
        return logins.log_in(enrolment.prestage, lambda: mails.forward(mails.code_mail(), enrolment.relay_address))

    @contextmanager
    def mail_without_end(self) -> Iterator[list[None]]:
        """Sends mails one after the other during the block. The list grows by one for each mail that SES has taken."""
        taken: list[None] = []
        ended = Event()

        def send() -> None:
            mails, port = self.world.mail_servers, self.world.port_of(f"inbound-smtp.{self.region}.amazonaws.com")
            while not ended.is_set():
                with suppress(smtplib.SMTPRecipientsRefused):
                    taken.append(mails.hand_in(mails.code_mail(), self.address, port))

        thread = Thread(target=send)
        thread.start()
        try:
            yield taken
        finally:
            ended.set()
            thread.join()

    def invoke(self, output: str, event: dict) -> None:
        """Invokes the function that the stack's output names, and waits for its end."""
        functions = self.account.client("lambda", self.region)
        answer = functions.invoke(FunctionName=self.outputs()[output], Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()

    def takes_mail(self) -> bool:
        """Whether SES takes a mail for the plain relay address."""
        mails = self.world.mail_servers
        try:
            mails.forward(mails.code_mail(signed=False), self.address)
        except smtplib.SMTPRecipientsRefused:
            return False
        return True

    def wait_until_handled(self) -> None:
        """Waits until no mail is left in the bucket: `receive` deletes each one when it has handled it."""
        self.world.wait_for_deliveries(self.region)
        processes.wait_until(lambda: not self.inbox(), "the handling of every mail")

    def inbox(self) -> list[str]:
        """The mails in the bucket."""
        s3, bucket = self.account.client("s3", self.region), self.outputs()["Bucket"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix="inbox/")
        return [row["Key"] for row in found.get("Contents", []) if not row["Key"].endswith(SETUP_NOTIFICATION)]

    def description(self) -> dict | None:
        """The stack as CloudFormation describes it."""
        cloudformation = self.account.client("cloudformation", self.region)
        try:
            return cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except cloudformation.exceptions.ClientError:
            return None

    @property
    def status(self) -> str | None:
        found = self.description()
        return found and found["StackStatus"]

    def outputs(self) -> dict[str, str]:
        return {row["OutputKey"]: row["OutputValue"] for row in self.description()["Outputs"]}

    def first_failure(self) -> str:
        """Why the first resource failed that did."""
        cloudformation = self.account.client("cloudformation", self.region)
        events = cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [row["ResourceStatusReason"] for row in events if row["ResourceStatus"].endswith("_FAILED")]
        # The latest event comes first.
        return failed[-1]

    def parameters(self) -> dict[str, str]:
        return {row["ParameterKey"]: row["ParameterValue"] for row in self.description()["Parameters"]}


@dataclass(frozen=True)
class Deployed:
    """A stack that stands, and what its deployment has printed."""

    stack: Stack
    output: Output

    @property
    def enrolment(self) -> Enrolment:
        return self.stack.enrolment(self.output.stdout)


def succeeded(output: Output) -> Output:
    assert output.code == 0, output
    return output
