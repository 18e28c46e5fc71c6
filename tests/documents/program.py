"""The debug build of `mfa-relay`."""

import json
import subprocess
from pathlib import Path

from blocks import PROJECT


def build() -> Path:
    command = ["cargo", "build", "--locked", "--package", "cli", "--bins", "--message-format", "json"]
    built = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    [executable] = [message["executable"] for message in messages if message.get("executable")]
    return Path(executable)
