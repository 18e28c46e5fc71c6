"""Enrols a mailbox, and prints the settings for its client."""

from __future__ import annotations

import json
import shlex

from deploy import aws
from deploy.errors import DeployError

ENROLLED = """
{mailbox} is enrolled.

1. Forward its code mails (From: {senders}) to
     {relay_address}
   Gmail asks for a confirmation first. This command prints its link:
     ./deploy.sh --check {region} {stack}

2. Give this URL to your program. It contains the token, and is printed only this once:
     {prestage_url}
   For mfa-relay's own client:
     export MFA_RELAY_URL='{prestage_url}'
     mfa-relay code --email {quoted}
"""


ALREADY_ENROLLED = """
{mailbox} is already enrolled and keeps its token. If you have lost it, this prints a new one and revokes the old one:
  sam remote invoke Enroll --region {region} --stack-name {stack} --event {event}
"""


def add(region: str, stack: str, outputs: dict[str, str], mailbox: str, label: str) -> None:
    event = {"action": "add", "mailbox": mailbox, "label": label}
    answer = aws.invoke(region, outputs["EnrollFunctionName"], event)
    if answer.get("error") == "already_enrolled":
        rotate = {"action": "rotate", "mailbox": mailbox} | ({"label": label} if label else {})
        event = shlex.quote(json.dumps(rotate))
        print(ALREADY_ENROLLED.format(mailbox=mailbox, region=region, stack=stack, event=event))
        return
    if "error" in answer:
        raise DeployError(f"The stack is deployed, but {mailbox} is not enrolled: {answer['message']}")
    senders = " or ".join(answer.pop("senders"))
    quoted = shlex.quote(mailbox)
    print(ENROLLED.format(mailbox=mailbox, quoted=quoted, region=region, stack=stack, senders=senders, **answer))
