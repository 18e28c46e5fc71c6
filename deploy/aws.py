"""Calls to AWS, by its command line interface."""

import json
import re
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from deploy.errors import DeployError, NotFoundError, ToolMissingError

# Python's package index has version 1 only, which has no `aws login`.
INSTALL = (
    "Use AWS CloudShell, which has it, or install the AWS CLI, version 2: "
    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
)
# How the services say that a thing does not exist. With any other error it may well exist.
ABSENT = re.compile(r"NotFound|Not Found|NoSuch|NonExistent|DoesNotExist|does not exist")


def call(*arguments: str) -> Any:
    """Returns the parsed JSON answer, or `None` if the answer is empty."""
    try:
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ToolMissingError(f"aws cannot be started. {INSTALL}") from error
    if done.returncode:
        kind = NotFoundError if ABSENT.search(done.stderr) else DeployError
        raise kind(f"aws {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def find(*arguments: str) -> Any:
    """Like `call`, but returns `None` if the thing does not exist. Any other failure, e.g. a denied one, is raised."""
    try:
        return call(*arguments)
    except NotFoundError:
        return None


@lru_cache
def account(region: str) -> str:
    """The number of the account that aws is signed in to. STS too needs a region, and none may be configured."""
    try:
        return call("sts", "get-caller-identity", "--region", region)["Account"]
    except ToolMissingError:
        raise
    except DeployError as error:
        raise DeployError(f"{error}\nSign in with 'aws configure' or 'aws sso login'.") from error


def invoke(region: str, function: str, event: dict) -> dict:
    """Invokes a function. The event is passed as a file, which AWS CLI 1 and 2 read alike."""
    with tempfile.TemporaryDirectory() as folder:
        payload, answer = Path(folder, "event.json"), Path(folder, "answer.json")
        payload.write_text(json.dumps(event))
        target = ("--region", region, "--function-name", function, "--payload", f"fileb://{payload}")
        result = call("lambda", "invoke", *target, str(answer))
        if result and result.get("FunctionError"):
            raise DeployError("The function enroll failed. Run deploy.sh --check, and read the function's log.")
        return json.loads(answer.read_text())
