"""`--test`: a login with a code mail of its own, from prestage to the code at the status URL, timed step by step."""

from __future__ import annotations

import json
import secrets
import signal
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from deploy import aws, probe_mail, stack
from deploy.errors import DeployError
from deploy.stack import Stack

# Seconds between two looks at the status, as a client takes them.
POLL_INTERVAL = 1
TIMEOUT = 30


def probe(region: str, name: str) -> int:
    """Prints each step with its time, then one line of verdict. Returns 1 if no code came."""
    found = stack.deployed(region, name)
    # A mail server or a reader that hangs up must not end the process before it has cleaned up; nor must `kill`.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    login = Login(region, name, found)
    try:
        verdict = login.run()
    except (DeployError, OSError, HTTPException, ValueError) as error:
        verdict = f"It does not work: {error}"
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        login.clean_up()
    print(verdict)
    return 0 if verdict.startswith("It works") else 1


class Login:
    """One login of a program that does not exist, for a mailbox that cannot exist."""

    def __init__(self, region: str, name: str, found: Stack):
        self.region, self.name, self.outputs = region, name, found.outputs
        # Nobody can have an address under this domain (RFC 2606 section 2).
        self.mailbox = f"test-{secrets.token_hex(4)}@mfa-relay.invalid"
        self.code = f"{secrets.randbelow(10**6):06}"
        self.stored = ""
        self.started = time.monotonic()

    def run(self) -> str:
        enrolled = self.enroll("add", trust="addressed", label="deploy.sh --test")
        if "error" in enrolled:
            raise DeployError(enrolled["message"])
        self.step("a test mailbox is enrolled")
        url = prestage(enrolled["prestage_url"], self.mailbox)
        self.step("prestage has opened a request")
        provider = enrolled["senders"][0]
        mail = probe_mail.ProbeMail(self.region, enrolled["relay_address"], self.mailbox, provider, self.code)
        obstacle, seen = mail.send(), None
        if not obstacle:
            self.step("SES has accepted the mail")
            refused, seen = self.wait(url, None)
            if refused != "spam":
                return self.verdict(refused, seen, "from SES to the status URL")
            # The provider has not signed this mail; its own mails are signed, and then SES's opinion does not count.
            obstacle = "SES calls a mail that this machine sends in the provider's name spam."
        print(f"{obstacle} The mail goes to the bucket and to receive directly.")
        self.stored = mail.store(self.outputs["Bucket"])
        receive = stack.physical_id(self.region, self.name, "Receive")
        aws.invoke(self.region, receive or "", mail.event(self.stored))
        self.step("receive has handled the stored mail")
        refused, seen = self.wait(url, seen)
        check = f"./deploy.sh --check {self.region} {self.name}"
        return self.verdict(refused, seen, f"from the bucket on; {check} looks at the way to it")

    def wait(self, url: str, before: dict | None) -> tuple[str, dict]:
        """Waits for the code, or until a mail is refused that came after `before`. Returns why; empty for the code."""
        while True:
            status = get(url)
            if status["status"] == "complete" and status["code"] == self.code:
                self.step("the code is at the status URL")
                return "", status
            if status["status"] != "pending":
                return status.get("message", f"another code came: {status['status']}"), status
            shown = self.enroll("show")
            marks = ("mail_arrived_at", "last_refusal", "advice")
            seen = {mark: shown.get(mark) for mark in marks}
            if seen["last_refusal"] and seen != before:
                return seen["last_refusal"], seen
            time.sleep(POLL_INTERVAL)

    def verdict(self, refused: str, seen: dict, extent: str) -> str:
        if refused:
            return f"It does not work: {refused}" + (f". {seen['advice']}" if seen.get("advice") else "")
        return f"It works, {extent}: {self.elapsed():.1f} s in all."

    def clean_up(self) -> None:
        """Revokes the enrolment, also one that was cut off while it was made, and deletes the stored mail."""
        try:
            if self.enroll("revoke").get("error") not in (None, "not_enrolled"):
                raise DeployError("it was refused")
            if self.stored:
                target = ("--region", self.region, "--bucket", self.outputs["Bucket"], "--key", self.stored)
                aws.call("s3api", "delete-object", *target)
        except DeployError as error:
            print(f"The test mailbox is still enrolled, because {error}. Revoke it:")
            print(f"  ./deploy.sh --revoke {self.mailbox} {self.region} {self.name}")

    def enroll(self, action: str, **fields: str) -> dict:
        event = {"action": action, "mailbox": self.mailbox, **fields}
        return aws.invoke(self.region, self.outputs["EnrollFunctionName"], event)

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def step(self, done: str) -> None:
        print(f"{self.elapsed():6.1f} s  {done}")


def prestage(url: str, mailbox: str) -> str:
    """Opens a request, as any client does. Returns its status URL."""
    request = Request(url, json.dumps({"email": mailbox}).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            return answer.read().decode()
    except HTTPError as error:
        raise DeployError(f"prestage answers {error.code}: {error.read().decode(errors='replace')}") from error


def get(url: str) -> dict:
    try:
        with urlopen(url, timeout=TIMEOUT) as answer:
            return json.loads(answer.read())
    except HTTPError as error:
        raise DeployError(f"the status URL answers {error.code}") from error
