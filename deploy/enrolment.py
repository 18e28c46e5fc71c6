"""Enrols a mailbox, and prints what a person pastes."""

import json
import shlex

from deploy.programs import Failed, invoke

PASTE = """
{mailbox} is enrolled.

1. Forward its code mails (From: do_not_reply@arlo.com) to
     {relay_address}
   Gmail asks for a confirmation first: its link is printed by
     ./deploy.sh --check {region} {stack}

2. Give this URL to your program. It holds the token, and is shown this once:
     {prestage_url}
   For mfa-relay's own client:
     export MFA_RELAY_URL='{prestage_url}'
     mfa-relay code --email {quoted}
"""


ROTATE = """
{mailbox} is enrolled already, and its token stays. Should it be lost, this prints a new one and stops the old:
  sam remote invoke Enroll --region {region} --stack-name {stack} --event {event}
"""


def add(region: str, stack: str, outputs: dict[str, str], mailbox: str, label: str) -> None:
    event = {"action": "add", "mailbox": mailbox, "label": label}
    answer = invoke(region, outputs["EnrollFunctionName"], event)
    if answer.get("error") == "already_enrolled":
        rotate = shlex.quote(json.dumps({"action": "rotate", "mailbox": mailbox}))
        print(ROTATE.format(mailbox=mailbox, region=region, stack=stack, event=rotate))
        return
    if "error" in answer:
        raise Failed(f"The stack stands, but {mailbox} is not enrolled: {answer['message']}")
    print(PASTE.format(mailbox=mailbox, quoted=shlex.quote(mailbox), region=region, stack=stack, **answer))
