"""The running relay, and everybody who has to do with it: owner, client programs, SES and Scheduler."""

from dataclasses import replace
from datetime import timedelta

from aws_proxy import AwsProxy
from client import Client, Request
from function_process import FunctionProcess
from intrinsics import STACK_UUID
from mail import Mail
from mail_builder import code_mail
from moto_server import Credentials, Moto
from owner import Enrolment, Owner
from scheduler import Scheduler
from ses import Ses
from stack_template import Stack
from stored_items import StoredItems

# How long after prestage the provider sends its code mail.
SOON = timedelta(seconds=10)


class Relay:
    """One stack with its functions, and one of each who use it."""

    def __init__(
        self, stack: Stack, moto: Moto, owner: Credentials, proxy: AwsProxy, functions: dict[str, FunctionProcess]
    ):
        self.stack = stack
        self.moto = moto
        self.proxy = proxy
        self.functions = functions
        # Everything that no log may show.
        self.secrets: set[str] = {stack.functions["prestage"].environment["RELAY_ADDRESS"], STACK_UUID}
        self.s3 = owner.client("s3", moto.endpoint)
        self.items = StoredItems(owner.client("dynamodb", moto.endpoint), stack.table)
        self.owner = Owner(functions["enroll"], self.secrets)
        self.client = Client(functions["prestage"], proxy, self.secrets)
        self.ses = Ses(functions["receive"], self.s3, stack.bucket, self.secrets)
        self.scheduler = Scheduler(stack, moto, owner.client("scheduler", moto.endpoint), proxy, functions)

    def open_request_earlier(self, enrolment: Enrolment, by: timedelta) -> Request:
        """A request that was opened so long ago, as the table has it."""
        request = self.client.open_request(enrolment)
        self.items.age_requests(enrolment.tag, by)
        return replace(request, opened_at=request.opened_at - by, expires_at=request.expires_at - by)

    def mail_for(self, enrolment: Enrolment, request: Request, **traits: object) -> Mail:
        """A code mail for the mailbox, sent soon after the request was opened. `traits` are those of `code_mail`."""
        mail = code_mail(mailbox=enrolment.mailbox, **traits)
        return mail.to_tag(enrolment.tag).sent_at(request.opened_at + SOON)

    def result(self, enrolment: Enrolment, request: Request) -> str | None:
        """What came of a request's mail so far: the code, or the word for the last refusal."""
        status = self.client.poll(request)
        if status["status"] == "complete":
            return status["code"]
        assert status["status"] == "pending", status
        return self.owner.last_refusal(enrolment)
