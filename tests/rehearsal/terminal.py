"""The terminal of an owner who is signed in to an account: it runs the documented commands in the project's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import waiters
from account import Account

PROJECT = Path(__file__).resolve().parents[2]

# `aws` for the emulator: Debian's version 2.9 does not know AWS_ENDPOINT_URL, which came with 2.13.
# Its `package` and `deploy` upload to S3 without regard to --endpoint-url: `sam package` does what `package` does, and
# a template below 51,200 bytes needs no upload.
AWS = """#!/bin/bash
case "$1 $2" in
  "cloudformation package") shift 2; exec sam package "$@" ;;
  "cloudformation deploy")
    words=()
    while [ $# -gt 0 ]; do
      case $1 in --s3-bucket | --s3-prefix) shift 2 ;; *) words+=("$1"); shift ;; esac
    done
    set -- "${{words[@]}}" ;;
esac
exec {aws} --endpoint-url {endpoint} "$@"
"""
# A build takes minutes. The functions were built before, by `.ci/run release`, and stay as they are.
CARGO = """#!/bin/sh
case "$1 $2" in
  "lambda build") test -f target/lambda/receive/bootstrap ;;
  *) echo "the rehearsal knows no cargo $*" >&2; exit 1 ;;
esac
"""
# `dig +short MX name`, asked of the rehearsal's own name server.
DIG = """#!{python}
import sys
sys.path.insert(0, {folder!r})
from dns_client import Dns
kind, name = sys.argv[-2:]
print(*Dns({port}).ask(name, kind), sep="\\n")
"""


@dataclass(frozen=True)
class Output:
    """What a command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        """For a failure's report, without sam's progress bars."""
        printed = f"exit code {self.code}\n{self.stdout}{self.stderr}"
        return "\n".join(line for line in printed.splitlines() if "Uploading to" not in line)


class Terminal:
    def __init__(self, account: Account, folder: Path):
        """`folder` becomes the home, and gets the stand-ins."""
        self.account = account
        programs = folder / "bin"
        programs.mkdir(parents=True)
        write(programs / "aws", AWS.format(aws=aws_v2(), endpoint=account.aws.endpoint))
        write(programs / "cargo", CARGO)
        here = str(Path(__file__).resolve().parent)
        write(programs / "dig", DIG.format(python=sys.executable, folder=here, port=account.aws.dns_port))
        waiters.write(folder / "waiters")
        self.environment = {
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(folder),
            "AWS_DATA_PATH": str(folder / "waiters"),
            "AWS_ENDPOINT_URL": account.aws.endpoint,
            "SAM_CLI_TELEMETRY": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "MFA_RELAY_TOOLS": str(folder / "deploy-tools"),
            **account.credentials,
        }

    def run(self, *command: str, **environment: str) -> Output:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Output(done.returncode, done.stdout, done.stderr)


def write(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


@cache
def aws_v2() -> str:
    """The AWS CLI of version 2. PyPI has version 1 only."""
    for folder in os.environ["PATH"].split(os.pathsep):
        program = shutil.which("aws", path=folder)
        if program and version(program).startswith("aws-cli/2."):
            return program
    raise FileNotFoundError(
        "The rehearsal needs the AWS CLI, version 2. Install it: apt-get install awscli, or "
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
    )


def version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
