"""The owner's actions on enrolments: those of `mfa-relay enroll`, by the stack's function `enroll`."""

from __future__ import annotations

import json
import shlex
from argparse import Namespace

from deploy import answers, aws, stack
from deploy.errors import DeployError


def act(given: Namespace) -> int:
    """Performs the action and prints the answer. A refused one is an error, as at `mfa-relay enroll`."""
    outputs = stack.deployed(given.region, given.stack).outputs
    answer = ask(given, outputs)
    if given.json:
        print(json.dumps(answer))
        return 1 if "error" in answer else 0
    if "error" in answer:
        raise DeployError(answer["message"])
    print(answers.text(given, answer), end="")
    return 0


def add_once(given: Namespace, outputs: dict[str, str]) -> None:
    """Enrols the mailbox at the end of a deployment, which may be a repeated one."""
    answer = ask(given, outputs)
    if answer.get("error") == "already_enrolled":
        rotate = command(given, "--rotate") + (f" --label {shlex.quote(given.label)}" if given.label else "")
        print(
            f"\n{given.enroll} is already enrolled and keeps its token. If you have lost it, this prints a new one and "
        )
        print(f"revokes the old one:\n  {rotate}")
    elif "error" in answer:
        raise DeployError(f"The stack is deployed, but {given.enroll} is not enrolled: {answer['message']}")
    else:
        print("", answers.text(given, answer), sep="\n", end="")


def command(given: Namespace, action: str) -> str:
    """Another action for the same mailbox, to paste."""
    return answers.command(given.region, given.stack, action, mailbox(given))


def ask(given: Namespace, outputs: dict[str, str]) -> dict:
    return aws.invoke(given.region, outputs["EnrollFunctionName"], event(given))


def event(given: Namespace) -> dict:
    """The event of the function `enroll`. What is not given is left out."""
    word = (given.action or "--enroll").strip("-")
    kind, _, do = word.partition("-")
    fields = {
        "action": "add" if kind == "enroll" else kind,
        "do": do or None,
        "mailbox": mailbox(given),
        "label": given.label,
        "trust": given.trust,
        "address": given.address,
    }
    return {name: value for name, value in fields.items() if value is not None}


def mailbox(given: Namespace) -> str | None:
    """The mailbox that the action names; `--list` names none."""
    value = getattr(given, (given.action or "--enroll").strip("-").replace("-", "_"))
    return value if isinstance(value, str) else None
