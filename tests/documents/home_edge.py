"""`mfa-relay serve` on loopback ports, with a mailbox whose provider can be asked for a code."""

from __future__ import annotations

import json
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

import name_server
from background import Background

MAILBOX = "me@gmail.com"
CODE = "467266"
DOMAIN = "mfa.example.com"


@dataclass(frozen=True)
class HomeEdge:
    """A running relay. `environment` lets the commands of its owner find it."""

    program: Path
    smtp: str
    environment: dict[str, str]

    def enroll(self, *arguments: str) -> dict:
        """Runs `mfa-relay enroll … --json`."""
        command = [self.program, "enroll", *arguments, "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def send_code(self, relay_address: str) -> None:
        """Brings the code mail as the mailbox forwards it: SPF passes for the mailbox's domain."""
        host, _, port = self.smtp.rpartition(":")
        with smtplib.SMTP(host, int(port)) as session:
            session.send_message(code_mail(), from_addr=MAILBOX, to_addrs=[relay_address])


def code_mail() -> EmailMessage:
    """The provider's mail, written now."""
    mail = EmailMessage()
    mail["From"] = "Arlo <do_not_reply@arlo.com>"
    mail["To"] = MAILBOX
    mail["Subject"] = "Your one-time authentication code from Arlo"
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = make_msgid(domain="arlo.com")
    mail.set_content(f"<html><body><p>Your code:</p><h1>{CODE}</h1></body></html>", subtype="html")
    return mail


@contextmanager
def serve(program: Path, home: Path) -> Iterator[HomeEdge]:
    # The default data folder is below HOME, for the commands of the owner as well.
    environment = {"HOME": str(home), "PATH": str(program.parent)}
    settings = {"MFA_RELAY_DOMAIN": DOMAIN, "MFA_RELAY_HTTP": "127.0.0.1:0", "MFA_RELAY_SMTP": "127.0.0.1:0"}
    with name_server.serve({"gmail.com": "v=spf1 ip4:127.0.0.1 -all"}) as resolver:
        settings["MFA_RELAY_RESOLVER"] = resolver
        with Background([program, "serve"], "stdout", env=environment | settings) as relay:
            relay.wait_for("serving")
            yield HomeEdge(program, announced(relay.seen, "smtp"), environment)


def announced(lines: list[str], name: str) -> str:
    """The address that `serve` prints for this protocol at its start."""
    [line] = [line for line in lines if line.startswith(f"{name} ")]
    return line.split()[-1]
