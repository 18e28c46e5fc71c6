"""Runs other programs: aws for questions and orders, the others as they are."""

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

# How the services say that a thing is not there. Whatever else they say, it may well be there.
ABSENT = re.compile(r"NotFound|Not Found|NoSuch|NonExistent|DoesNotExist|does not exist")


class Failed(Exception):
    """Something did not work; the text says what, and what to do."""


class Unusable(Failed):
    """A program that is needed cannot be started."""


class Absent(Failed):
    """What was asked about is not there."""


def aws(*arguments: str) -> Any:
    """What aws answers, as JSON; nothing where it answers nothing."""
    try:
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unusable("aws cannot be started: pip install awscli") from error
    if done.returncode:
        kind = Absent if ABSENT.search(done.stderr) else Failed
        raise kind(f"aws {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def ask(*arguments: str) -> Any:
    """The same, and nothing where the thing is not there. A refusal is not taken for that: it is a failure."""
    try:
        return aws(*arguments)
    except Absent:
        return None


def account() -> str:
    """The number of the account that aws is signed in to."""
    try:
        return aws("sts", "get-caller-identity")["Account"]
    except Unusable:
        raise
    except Failed as failure:
        raise Failed("aws is not signed in: run 'aws configure' or 'aws sso login'") from failure


def run(*command: str) -> None:
    """A program whose output the owner sees."""
    if subprocess.run(command, check=False).returncode:
        raise Failed(f"{' '.join(command[:3])} failed; its last lines say why. It is safe to run deploy.sh again.")


def invoke(region: str, function: str, event: dict) -> dict:
    """A function's answer. The event goes by way of a file, which both major versions of aws read alike."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "event.json"), Path(folder, "answer.json")
        question.write_text(json.dumps(event))
        where = ("--region", region, "--function-name", function, "--payload", f"fileb://{question}")
        told = aws("lambda", "invoke", *where, str(answer))
        if told and told.get("FunctionError"):
            raise Failed("The function enroll failed: run deploy.sh --check, and look into its log.")
        return json.loads(answer.read_text())
