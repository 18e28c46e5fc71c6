"""What the relay reads in mails, by its programs."""

import subprocess
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]


class Reading(NamedTuple):
    """What a reader finds: the addresses in From and in To, and the moment in Date if it is one."""

    senders: set[str]
    recipients: set[str]
    moment: float | None


def cargo(*arguments: str | Path) -> str:
    command = ["cargo", "run", "--quiet", "--locked", *arguments]
    return subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True, text=True).stdout


def read_folder(folder: Path) -> tuple[dict[Path, tuple[str, Reading]], str]:
    """The code in each mail of a folder that has one, and what the relay reads in that mail; and the whole report."""
    report = cargo("--package", "relay", "--example", "read_folder", "--", folder)
    found = {}
    for line in report.splitlines():
        if line.startswith("code\t"):
            _, code, *addresses, date, file = line.split("\t")
            senders, recipients = ({address} - {"-"} for address in addresses)
            moment = None if date == "-" else datetime.fromisoformat(date).timestamp()
            found[Path(file)] = code, Reading(senders, recipients, moment)
    return found, report
