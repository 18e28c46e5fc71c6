"""A mail as SES receives it: the stored object, and the event that announces it."""

import random
import string
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from re import MULTILINE, Match, sub

from moto_server import ACCOUNT, REGION

# What the mails of tests/mail and of mail_builder.py are written for.
TAG = "k7f3q2m4x5z6a7b2"
PLAIN_ADDRESS = "arlo@mfa.example.com"
TAGGED_ADDRESS = f"arlo+{TAG}@mfa.example.com"
SENT = datetime.fromisoformat("2026-11-21T20:01:10+00:00")
TRANSIT = timedelta(seconds=2)
# How long after the acceptance the action runs: SES retries one that fails for 36 hours.
ACTION_DELAY = timedelta(hours=2)


@dataclass(frozen=True)
class Mail:
    """The raw mail with SES's own headers on top, its envelope, and SES's verdicts."""

    raw: bytes
    recipient: str = TAGGED_ADDRESS
    envelope_from: str = ""
    accepted: datetime = SENT + TRANSIT
    spam: str = "PASS"
    virus: str = "PASS"

    def shifted(self, by: timedelta) -> "Mail":
        """The same mail written, signed and accepted at another time. A Date that cannot be parsed stays as it is."""
        raw = sub(rb"^(?i:Date): *([^\r\n]+)", partial(later_date, by=by), self.raw, count=1, flags=MULTILINE)
        raw = sub(rb"(?<=[\s;]t=)(\d{10})(?=;)", partial(later_second, by=by), raw)
        return replace(self, raw=raw, accepted=self.accepted + by)

    def delayed(self, by: timedelta) -> "Mail":
        """The same mail, accepted that much later."""
        return replace(self, accepted=self.accepted + by)

    def to_tag(self, tag: str) -> "Mail":
        """The same mail for the mailbox that has the tag: in headers, body and envelope."""
        return replace(
            self,
            raw=self.raw.replace(TAG.encode(), tag.encode()),
            recipient=self.recipient.replace(TAG, tag),
            envelope_from=self.envelope_from.replace(TAG, tag),
        )

    def sent_at(self, moment: datetime) -> "Mail":
        """The same mail, sent at that moment instead of `SENT`."""
        return self.shifted(moment - SENT)

    def event(self, message_id: str) -> dict:
        """The event of SES's Lambda action, without any header: `receive` must read them from the stored mail.

        https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
        """
        receipt = {
            "timestamp": ses_time(self.accepted + ACTION_DELAY),
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
            "timestamp": ses_time(self.accepted),
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


def ses_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def later_second(found: Match[bytes], by: timedelta) -> bytes:
    """The time at which a signature was made (`t=`)."""
    return str(int(found[1]) + int(by.total_seconds())).encode()


def later_date(found: Match[bytes], by: timedelta) -> bytes:
    try:
        date = parsedate_to_datetime(found[1].decode("ascii"))
        return b"Date: " + format_datetime(date + by).encode()
    except (ValueError, OverflowError):
        return found[0]


def new_message_id() -> str:
    """A random id in SES's form: forty lower-case letters and digits."""
    return "".join(random.choices(string.ascii_lowercase + string.digits, k=40))
