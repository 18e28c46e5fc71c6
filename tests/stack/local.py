"""The relay on this machine: moto, the front before it, and the functions under their emulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import front
import functions
import moto_server
from deployment import Stack
from relay_client import Relay


@contextmanager
def run(stack: Stack, logs: Path) -> Iterator[Relay]:
    """Deploys the stack into a moto of its own, where IAM is enforced, and runs its functions."""
    limits = {name: function.time_limit for name, function in stack.functions.items()}
    with (
        moto_server.serve(logs / "moto.log") as moto,
        functions.serve(limits, logs) as serving,
        front.serve(moto, lambda name: serving[name].kill()) as door,
    ):
        stack.stand_up(moto)
        owner = moto.owner()
        for name, function in stack.functions.items():
            credentials = stack.credentials(function, moto)
            door.admit(front.Role(name, credentials, stack.grants(function.role)))
            serving[name].environment = stack.surroundings(function, credentials, door.endpoint)
        moto.enforce_iam()
        yield Relay(stack, moto, owner, door, serving)
