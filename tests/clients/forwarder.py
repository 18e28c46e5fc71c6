"""A mailbox that forwards code mails to the relay over SMTP, and tries again while the relay does not take them."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from threading import Condition
from time import monotonic, sleep

from fake_arlo import CodeMail

# In seconds. A mail server tries for days; a test that needs so long has failed.
PATIENCE = 60
RETRY_DELAY = 0.05


class Forwarder:
    """Give it to `FakeArlo.mailer`. Forwards each mail at once, unless it holds mails back.

    hold()            from now on, mails wait
    wait_for(count)   waits until so many mails have come in all, and returns them
    release(mail…)    forwards these mails, in this order, each after the one before was taken
    """

    def __init__(self, smtp_address: Callable[[], str], relay_address: str):
        self.smtp_address, self.relay_address = smtp_address, relay_address
        self.came: list[CodeMail] = []
        self.holds = False
        self.changed = Condition()
        self.pool = ThreadPoolExecutor(1)
        self.forwarded: list[Future] = []

    def __call__(self, mail: CodeMail) -> None:
        with self.changed:
            self.came.append(mail)
            self.changed.notify_all()
            if not self.holds:
                self.forwarded.append(self.pool.submit(self.forward, mail))

    def hold(self) -> None:
        self.holds = True

    def wait_for(self, count: int) -> list[CodeMail]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.came) >= count, PATIENCE), f"{len(self.came)} mails came"
            return list(self.came)

    def release(self, *mails: CodeMail) -> None:
        for mail in mails:
            self.forward(mail)

    def forward(self, mail: CodeMail) -> None:
        message = code_mail(mail)
        deadline = monotonic() + PATIENCE
        while True:
            host, _, port = self.smtp_address().rpartition(":")
            try:
                with smtplib.SMTP(host, int(port), timeout=PATIENCE) as session:
                    session.send_message(message, from_addr=mail.email, to_addrs=[self.relay_address])
                return
            except (OSError, smtplib.SMTPException) as error:
                if monotonic() > deadline:
                    raise AssertionError(f"the relay does not take the mail: {error!r}") from error
                sleep(RETRY_DELAY)

    def close(self) -> None:
        """Fails if a mail was not taken."""
        self.pool.shutdown()
        for done in self.forwarded:
            done.result()


def code_mail(mail: CodeMail) -> EmailMessage:
    """As Arlo has written it since 2026-05: both parts hold the code. Date is the moment of startAuth."""
    message = EmailMessage()
    message["From"] = "Arlo <do_not_reply@arlo.com>"
    message["To"] = mail.email
    message["Subject"] = "Your one-time authentication code from Arlo"
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.written, UTC))
    message["Message-ID"] = make_msgid(domain="arlo.com")
    message.set_content(f"Your Arlo one-time authentication code is:\n\n{mail.code}\n")
    message.add_alternative(f"<html><body><p>Your code:</p><h1>\n{mail.code} </h1></body></html>", subtype="html")
    return message
