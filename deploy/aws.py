"""Calls to AWS, by its command line interface."""

import json
import re
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from deploy.errors import DeployError, NotFoundError, ToolMissingError

# How the services say that a thing does not exist. With any other error it may well exist.
ABSENT = re.compile(r"NotFound|Not Found|NoSuch|NonExistent|DoesNotExist|does not exist")
# What an account that is no longer usable, or not yet, answers in place of any service.
UNUSABLE = re.compile(
    r"AccountSuspended|AccountClosed|SubscriptionRequired|OptInRequired|NotSignedUp|FreeTierRestriction"
    r"|account is (?:currently )?(?:suspended|closed|paused|inactive|not active)",
    re.IGNORECASE,
)
# https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html
PLAN = (
    "The account is suspended or closed, or its plan does not include this. AWS closes an account on the Free plan "
    "after six months or when its credits are used up: upgrade it to the Paid plan, https://console.aws.amazon.com/billing/"
)
# PyPI's awscli is version 1, which has no `aws login` and no `aws sso login`.
INSTALL = (
    "Install AWS CLI version 2 (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html), or use "
    "AWS CloudShell, which has it and is signed in: https://console.aws.amazon.com/cloudshell"
)


def version() -> str:
    """The version of the AWS CLI, e.g. "2.34.0". Empty if it cannot be started or says something else."""
    try:
        said = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    # Version 1 wrote to standard error once.
    found = re.match(r"aws-cli/(\S+)", said.stdout or said.stderr)
    return found[1] if found else ""


def call(*arguments: str) -> Any:
    """Returns the parsed JSON answer, or `None` if the answer is empty."""
    try:
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ToolMissingError(f"aws cannot be started. {INSTALL}") from error
    if done.returncode:
        kind = NotFoundError if ABSENT.search(done.stderr) else DeployError
        text = f"aws {' '.join(arguments[:2])} failed: {done.stderr.strip()}"
        raise kind(f"{text}\n{PLAN}" if UNUSABLE.search(done.stderr) else text)
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
        raise DeployError(f"{error}\n{sign_in()}") from error


def sign_in() -> str:
    """How to sign in with the AWS CLI that is there."""
    if version().startswith("1."):
        return f"Sign in with 'aws configure'. This is AWS CLI {version()}, which cannot sign in by browser. {INSTALL}"
    return "Sign in with 'aws login', or with 'aws configure' if you have an access key."


def invoke(region: str, function: str, event: dict) -> dict:
    """Invokes a function. The event is passed as a file, which AWS CLI 1 and 2 read alike."""
    with tempfile.TemporaryDirectory() as folder:
        payload, answer = Path(folder, "event.json"), Path(folder, "answer.json")
        payload.write_text(json.dumps(event))
        target = ("--region", region, "--function-name", function, "--payload", f"fileb://{payload}")
        result = call("lambda", "invoke", *target, str(answer))
        if result and result.get("FunctionError"):
            raise DeployError(f"The function {function} failed. Run deploy.sh --check, and read the function's log.")
        return json.loads(answer.read_text())
