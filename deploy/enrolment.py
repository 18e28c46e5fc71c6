"""Enrols a mailbox, and prints what a person pastes."""

from deploy.programs import Failed, invoke

PASTE = """
{mailbox} is enrolled.

1. Forward its code mails (From: do_not_reply@arlo.com) to
     {relay_address}
   Gmail asks for a confirmation first: ./deploy.sh --check prints its link.

2. Give this URL to your program. It holds the token, and is shown this once:
     {prestage_url}
   For mfa-relay's own client:
     export MFA_RELAY_URL='{prestage_url}'
     mfa-relay code --email {mailbox}
"""


def add(region: str, outputs: dict[str, str], mailbox: str, label: str) -> None:
    event = {"action": "add", "mailbox": mailbox, "label": label}
    answer = invoke(region, outputs["EnrollFunctionName"], event)
    if answer.get("error") == "already_enrolled":
        print(
            f"\n{mailbox} is enrolled already; its token stays. README, Look after enrolments, tells how to renew it."
        )
        return
    if "error" in answer:
        raise Failed(f"The stack stands, but {mailbox} is not enrolled: {answer['message']}")
    print(PASTE.format(mailbox=mailbox, **answer))
