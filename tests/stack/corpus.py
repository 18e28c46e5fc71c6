"""The mails of tests/mail, each beside what must come of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mail import PLAIN_ADDRESS, TAGGED_ADDRESS, Mail

MAILS = Path(__file__).resolve().parents[1] / "mail"


@dataclass(frozen=True)
class Specimen:
    """One mail of the corpus."""

    name: str
    mailbox: str
    mail: Mail
    expect: dict
    opened_before_sent: timedelta

    @property
    def provider(self) -> str:
        return self.name.partition("/")[0]

    def sent_to(self, tag: str, opened_at: datetime) -> Mail:
        """The mail on its way to the mailbox that holds the tag, as long after the request as it says."""
        return self.mail.to_tag(tag).sent_at(opened_at + self.opened_before_sent)


def specimen(told: Path) -> Specimen:
    facts = json.loads(told.read_text())
    mail = Mail(
        raw=told.with_suffix(".eml").read_bytes(),
        recipient=TAGGED_ADDRESS if facts["arrived"] == "tagged" else PLAIN_ADDRESS,
        envelope_from=facts["envelope_from"],
        spam=facts.get("spam", "PASS"),
        virus=facts.get("virus", "PASS"),
    )
    return Specimen(
        name=f"{told.parent.name}/{told.stem}",
        mailbox=facts["mailbox"],
        mail=mail,
        expect=facts["expect"],
        opened_before_sent=timedelta(seconds=facts.get("opened_seconds_before_sent", 10)),
    )


def specimens(*folders: str) -> Iterator[Specimen]:
    """The mails of the folders in the order of their names."""
    for folder in folders:
        for told in sorted((MAILS / folder).glob("*.json")):
            yield specimen(told)
