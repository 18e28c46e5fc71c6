"""The whole stack on this machine: moto, the proxy in front of it, and the functions under their emulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aws_proxy
import function_process
import moto_server
from relay import Relay
from stack_template import Stack


@contextmanager
def run(stack: Stack, logs: Path) -> Iterator[Relay]:
    """Deploys the stack into a moto of its own, which enforces IAM, and runs its functions."""
    timeouts = {name: function.timeout for name, function in stack.functions.items()}
    with (
        moto_server.serve(logs / "moto.log") as moto,
        function_process.serve(timeouts, logs) as functions,
        aws_proxy.serve(moto, lambda name: functions[name].kill()) as proxy,
    ):
        stack.deploy(moto)
        owner = moto.create_owner()
        for name, function in stack.functions.items():
            credentials = stack.credentials(function, moto)
            proxy.add_role(aws_proxy.Role(name, credentials, stack.grants(function.role)))
            functions[name].environment = stack.environment(function, credentials, proxy.endpoint)
        moto.enforce_iam()
        yield Relay(stack, moto, owner, proxy, functions)
