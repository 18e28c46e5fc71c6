"""Waiters that look once a second. The CLIs look every half minute at a stack that the emulator makes in seconds.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/wait/
"""

import json
from importlib.resources import files
from pathlib import Path

OPERATIONS = ("DescribeStacks", "DescribeChangeSet")
# Where botocore, which both CLIs contain, has the waiters of CloudFormation, below its data folder.
PLACE = "cloudformation/2010-05-15/waiters-2.json"


def write(folder: Path) -> None:
    """Writes botocore's waiters with a short delay. AWS_DATA_PATH names the folder."""
    waiters = json.loads(files("botocore").joinpath("data", PLACE).read_text())
    # An older CLI fails on a waiter whose operation it does not know.
    waiters["waiters"] = {name: w for name, w in waiters["waiters"].items() if w["operation"] in OPERATIONS}
    for waiter in waiters["waiters"].values():
        waiter["maxAttempts"] *= waiter["delay"]
        waiter["delay"] = 1
    (folder / PLACE).parent.mkdir(parents=True)
    (folder / PLACE).write_text(json.dumps(waiters))
