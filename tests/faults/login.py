"""One login: a program that waits for its code, the mailbox that forwards it, and the patience of both."""

from __future__ import annotations

import http.client
import json
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from time import monotonic, sleep
from urllib.parse import urlsplit

from served_relay import ServedRelay

# In seconds, longer than a window: a request whose code is lost ends first.
PATIENCE = 30
RETRY_DELAY = 0.02


class Retry(Exception):
    """The relay said or showed that it is to be asked again."""


def patiently(what: str, attempt: Callable[[], str]) -> str:
    """Tries until it succeeds. A relay that is being killed refuses, resets or cuts off connections."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except (OSError, http.client.HTTPException, smtplib.SMTPException, Retry) as error:
            if monotonic() > deadline:
                raise AssertionError(f"{what}: {error!r}") from error
            sleep(RETRY_DELAY)


class RequestEnded(Exception):
    """The request ended without a code."""


class Login:
    def __init__(self, relay: ServedRelay, mailbox: str, enrolled: dict, code: int, *, may_restart: bool):
        self.relay, self.mailbox, self.enrolled, self.code = relay, mailbox, enrolled, code
        self.may_restart = may_restart
        self.url = ""

    def run(self) -> None:
        deadline = monotonic() + PATIENCE
        while True:
            try:
                return self.attempt()
            except RequestEnded as ended:
                if not self.may_restart or monotonic() > deadline:
                    raise AssertionError(f"{self.mailbox}: {ended}") from ended
                # Another login has another code.
                self.code += 1

    def attempt(self) -> None:
        self.url = patiently("prestage", self.prestage)
        mail = self.mail()
        patiently("mail", lambda: self.deliver(mail))
        found = patiently("code", self.poll)
        assert found == self.digits, f"{self.mailbox} got {found} instead of {self.digits}"

    @property
    def digits(self) -> str:
        return f"{self.code:06}"

    def request(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.relay.http, timeout=PATIENCE)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def prestage(self) -> str:
        url = urlsplit(self.enrolled["prestage_url"])
        status, body = self.request("POST", f"{url.path}?{url.query}", json.dumps({"email": self.mailbox}))
        if status == 503:
            raise Retry(body)
        assert status == 200, body
        return body

    def mail(self) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = "Arlo <do_not_reply@arlo.com>"
        mail["To"] = self.mailbox
        mail["Subject"] = "Your one-time authentication code from Arlo"
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = make_msgid(domain="arlo.com")
        mail.set_content(f"<html><body><p>Your code:</p><h1>{self.digits}</h1></body></html>", subtype="html")
        return mail

    def deliver(self, mail: EmailMessage) -> str:
        """Sends the mail. smtplib raises for every reply but 250, and a peer that got no 250 sends it again."""
        host, _, port = self.relay.smtp.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=PATIENCE) as session:
            session.send_message(mail, from_addr=self.mailbox, to_addrs=[self.enrolled["relay_address"]])
        return "250"

    def status(self) -> dict:
        status, body = self.request("GET", urlsplit(self.url).path)
        if status == 503:
            raise Retry(body)
        return json.loads(body) | {"http": status}

    def poll(self) -> str:
        document = self.status()
        if document.get("status") == "pending":
            raise Retry("the code is not there")
        # To a clock that is hours ahead the URL has expired as well.
        if document.get("status") == "error" or document["http"] == 410:
            raise RequestEnded(document)
        assert document.get("status") == "complete", document
        return document["code"]

    def has_ended(self) -> bool:
        document = self.status()
        return document["http"] == 410 or document.get("status") == "error"
