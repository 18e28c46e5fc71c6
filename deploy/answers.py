"""The answers of the function `enroll` as text for people. `mfa-relay enroll` prints the same facts."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Iterator

ISSUED = {
    "--enroll": "{mailbox} is enrolled.",
    "--rotate": "The program {label} of {mailbox} has a new token; the old one works no longer.",
    "--token-add": "The program {label} of {mailbox} has a token of its own.",
}
TO_PASTE = """{head}

1. Forward the code mails of {mailbox} (From: {senders}) to
     {relay_address}
   Gmail asks for a confirmation first. This command prints its link:
     {show}

2. Give this URL to your program. It contains the token, and is printed only this once:
     {prestage_url}
   For mfa-relay's own client:
     export MFA_RELAY_URL='{prestage_url}'
     mfa-relay code --email {quoted}
"""


def text(given: Namespace, answer: dict) -> str:
    """The lines to print."""
    if "token" in answer:
        return issued(given, answer)
    if "enrolments" in answer:
        lines = listed(answer["enrolments"], command(given.region, given.stack, "--enroll", "me@gmail.com"))
    elif "revoked" in answer:
        lines = iter(["Revoked: the token no longer works."])
    elif "relay_address" in answer:
        lines = shown(answer)
    else:
        lines = programs(answer)
    return "".join(f"{line}\n" for line in lines)


def command(region: str, stack: str, action: str, mailbox: str) -> str:
    return f"./deploy.sh {action} {shlex.quote(mailbox)} {region} {stack}"


def issued(given: Namespace, answer: dict) -> str:
    action = given.action or "--enroll"
    mailbox = getattr(given, action.strip("-").replace("-", "_"))
    return TO_PASTE.format(
        head=ISSUED[action].format(mailbox=mailbox, **answer),
        mailbox=mailbox,
        senders=" or ".join(answer["senders"]),
        show=command(given.region, given.stack, "--show", mailbox),
        quoted=shlex.quote(mailbox),
        relay_address=answer["relay_address"],
        prestage_url=answer["prestage_url"],
    )


def listed(enrolments: list[dict], enroll: str) -> Iterator[str]:
    if not enrolments:
        yield f"No mailbox is enrolled. Enrol one with: {enroll}"
    for enrolment in enrolments:
        yield f"enrolled {enrolment['created_at']}, last mail {enrolment['mail_arrived_at'] or 'none yet'}"
        yield from programs(enrolment)


def programs(answer: dict) -> Iterator[str]:
    """One line for each program."""
    for program in answer["programs"]:
        since, used = program["rotated_at"] or program["created_at"], program["last_used_at"] or "never"
        yield f"  {program['label']:<24} token of {since}, last used {used}"


def shown(answer: dict) -> Iterator[str]:
    yield row("relay address", answer["relay_address"])
    yield row("trust", answer["trust"])
    yield row("", answer["trust_means"])
    yield row("enrolled", answer["created_at"])
    yield row("last mail", answer["mail_arrived_at"] or "none yet: check the mailbox's forwarding")
    yield row("refused for", answer["last_refusal"] or "-")
    if answer["advice"]:
        yield row("what to do", answer["advice"])
    yield "\nPrograms:"
    yield from programs(answer)
    if confirmation := answer["gmail_confirmation"]:
        yield "\nGmail asks whether forwarding is wanted. If you asked for it, open this link:"
        yield row("link", confirmation["link"] or "")
        if confirmation["code"]:
            yield row("or type", confirmation["code"])


def row(name: str, value: str) -> str:
    return f"  {name:<14} {value}"
