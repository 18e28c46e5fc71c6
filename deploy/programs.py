"""Runs other programs: aws for questions and orders, the others as they are."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any


class Failed(Exception):
    """Something did not work; the text says what, and what to do."""


def aws(*arguments: str) -> Any:
    """What aws answers, as JSON; nothing where it answers nothing."""
    done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"aws {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def ask(*arguments: str) -> Any:
    """The same, and nothing where it fails: for a thing that may not be there."""
    try:
        return aws(*arguments)
    except Failed:
        return None


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
