"""A mail as SES takes it in: the stored object, and the event that announces it."""

import random
import string
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from re import MULTILINE, Match, sub

from moto_server import ACCOUNT, REGION

# What the mails of tests/mail and of letter.py are written for.
TAG = "k7f3q2m4x5z6a7b2"
PLAIN_ADDRESS = "arlo@mfa.example.com"
TAGGED_ADDRESS = f"arlo+{TAG}@mfa.example.com"
SENT = datetime.fromisoformat("2026-11-21T20:01:10+00:00")
ON_THE_WAY = timedelta(seconds=2)


@dataclass(frozen=True)
class Mail:
    """The raw mail with SES's own headers on top, its envelope, and SES's verdicts."""

    raw: bytes
    recipient: str = TAGGED_ADDRESS
    envelope_from: str = ""
    accepted: datetime = SENT + ON_THE_WAY
    spam: str = "PASS"
    virus: str = "PASS"

    def moved(self, by: timedelta) -> "Mail":
        """The same mail written and accepted at another time; a Date that is none stays as it is."""
        raw = sub(rb"^(?i:Date): *([^\r\n]+)", partial(later, by=by), self.raw, count=1, flags=MULTILINE)
        return replace(self, raw=raw, accepted=self.accepted + by)

    def delayed(self, by: timedelta) -> "Mail":
        """The same mail, that much longer on its way."""
        return replace(self, accepted=self.accepted + by)

    def retold(self, old: str, new: str) -> "Mail":
        """The same mail with one word for another, in its headers, its body and its envelope."""
        return replace(
            self,
            raw=self.raw.replace(old.encode(), new.encode()),
            recipient=self.recipient.replace(old, new),
            envelope_from=self.envelope_from.replace(old, new),
        )

    def to_tag(self, tag: str) -> "Mail":
        """The same mail for the mailbox that holds the tag."""
        return self.retold(TAG, tag)

    def sent_at(self, moment: datetime) -> "Mail":
        """The same mail, sent at that moment instead of `SENT`."""
        return self.moved(moment - SENT)

    def to_mailbox(self, old: str, new: str) -> "Mail":
        """The same mail for another mailbox, also where a forwarder wrote the mailbox its own way."""
        (old_local, old_domain), (new_local, new_domain) = old.split("@"), new.split("@")
        return (
            self.retold(old, new)
            .retold(f"{old_local}+caf_=", f"{new_local}+caf_=")
            .retold(f"={old_domain}={old_local}@", f"={new_domain}={new_local}@")
        )

    def event(self, message_id: str) -> dict:
        """The event of SES's Lambda action.

        Shape: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
        It tells no headers: `receive` must read them from the stored mail.
        """
        timestamp = self.accepted.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        receipt = {
            "timestamp": timestamp,
            "processingTimeMillis": 573,
            "recipients": [self.recipient],
            "spamVerdict": {"status": self.spam},
            "virusVerdict": {"status": self.virus},
            "spfVerdict": {"status": "PASS"},
            "dkimVerdict": {"status": "PASS"},
            "dmarcVerdict": {"status": "PASS"},
            "action": {
                "type": "Lambda",
                "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:receive",
                "invocationType": "Event",
            },
        }
        mail = {
            "timestamp": timestamp,
            "source": self.envelope_from,
            "messageId": message_id,
            # Taken from the headers, so not where the mail went: it must decide nothing.
            "destination": ["somebody@example.net"],
            "headersTruncated": True,
            "headers": [],
            "commonHeaders": {"returnPath": self.envelope_from, "subject": "Your code"},
        }
        record = {"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": mail, "receipt": receipt}}
        return {"Records": [record]}


def later(found: Match[bytes], by: timedelta) -> bytes:
    try:
        date = parsedate_to_datetime(found[1].decode("ascii"))
        return b"Date: " + format_datetime(date + by).encode()
    except (ValueError, OverflowError):
        return found[0]


def message_id() -> str:
    """An id as SES gives them: forty small letters and digits."""
    return "".join(random.choices(string.ascii_lowercase + string.digits, k=40))
