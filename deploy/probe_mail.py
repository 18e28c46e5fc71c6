"""The code mail of `--test`, and the two ways in which it gets to the relay."""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
import tempfile
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path

from deploy import aws, domain
from deploy.errors import DeployError

# host:port of the server that takes the mail. Tests put a server of their own in the place of SES's.
SERVER = os.environ.get("MFA_RELAY_TEST_SMTP", "")
# A provider that closes port 25 drops packets; SES answers within a second or two.
TIMEOUT = 10
# How a mail server says that it does not take mails from an address of the internet, whatever the recipient.
BLOCKED = re.compile(r"block|listed|spamhaus|reputation", re.IGNORECASE)


class ProbeMail:
    """A mail with a code in a line of its own, in the provider's name."""

    def __init__(self, region: str, relay_address: str, mailbox: str, provider: str, code: str):
        self.region, self.recipient = region, relay_address
        # A domain that has a mail server: SES need not accept a sender without one.
        self.sender = f"test@{domain.of(relay_address)}"
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = provider, mailbox, "Test of the relay by deploy.sh"
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{secrets.token_hex(10)}@{domain.of(relay_address)}>"
        message.set_content(f"Your one-time code is:\n\n{code}\n\nThis is a test. Nobody logs in.\n")
        self.content = message.as_bytes(policy=SMTP)

    def send(self) -> str:
        """Sends it to SES. Returns why that is impossible from this machine; empty if SES has accepted it."""
        host, _, port = (SERVER or f"inbound-smtp.{self.region}.amazonaws.com:25").rpartition(":")
        try:
            server = smtplib.SMTP(host, int(port), timeout=TIMEOUT)
            # The rule demands TLS.
            server.starttls(context=ssl.create_default_context())
            server.sendmail(self.sender, [self.recipient], self.content)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, text)] = error.recipients.values()
            if not BLOCKED.search(text.decode(errors="replace")):
                raise DeployError(f"SES refuses the relay address: {answer(code, text)}") from error
            return f"SES takes no mail from this machine's address: {answer(code, text)}."
        except smtplib.SMTPDataError as error:
            raise DeployError(f"SES refuses the mail: {answer(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPResponseException as error:
            return f"SES takes no mail from this machine's address: {answer(error.smtp_code, error.smtp_error)}."
        except smtplib.SMTPServerDisconnected:
            return "SES takes no mail from this machine's address: it hangs up."
        except OSError as error:
            return f"Outgoing port {port} is closed here ({error})."
        # The mail is SES's from its 250 on, however the session ends.
        with suppress(OSError):
            server.quit()
        return ""

    def store(self, bucket: str) -> str:
        """Stores it in the bucket with the header fields that SES adds to a mail without any proof. Returns its key."""
        key = f"inbox/{secrets.token_hex(20)}"
        host = f"inbound-smtp.{self.region}.amazonaws.com"
        fields = [
            f"Return-Path: <{self.sender}>",
            f"Received: from deploy.sh by {host} with SMTP id {key[6:]} for {self.recipient}; {formatdate()}",
            "X-SES-Spam-Verdict: PASS",
            "X-SES-Virus-Verdict: PASS",
            "Authentication-Results: amazonses.com; spf=none; dkim=none; dmarc=none;",
        ]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "mail.eml")
            file.write_bytes("\r\n".join([*fields, ""]).encode() + self.content)
            target = ("--region", self.region, "--bucket", bucket, "--key", key, "--body", str(file))
            aws.call("s3api", "put-object", *target)
        return key

    def event(self, key: str) -> dict:
        """The event with which SES invokes `receive` for the stored mail."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        verdicts = {f"{kind}Verdict": {"status": "PASS"} for kind in ("spam", "virus")}
        mail = {"timestamp": now, "source": self.sender, "messageId": key[6:], "destination": [self.recipient]}
        receipt = {"timestamp": now, "recipients": [self.recipient], "action": {"type": "Lambda"}, **verdicts}
        return {
            "Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": mail, "receipt": receipt}}]
        }


def answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
