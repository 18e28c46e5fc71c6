"""Enrols a mailbox, and prints the settings for its client."""

from __future__ import annotations

import json
import shlex

from deploy import aws
from deploy.errors import DeployError

ENROLLED = """
{mailbox} is enrolled.

1. Forward its code mails (From: do_not_reply@arlo.com) to
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
        rotate = shlex.quote(json.dumps({"action": "rotate", "mailbox": mailbox}))
        print(ALREADY_ENROLLED.format(mailbox=mailbox, region=region, stack=stack, event=rotate))
        return
    if "error" in answer:
        raise DeployError(f"The stack is deployed, but {mailbox} is not enrolled: {answer['message']}")
    print(ENROLLED.format(mailbox=mailbox, quoted=shlex.quote(mailbox), region=region, stack=stack, **answer))
