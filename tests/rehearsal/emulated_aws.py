"""The emulator as a process on free ports of the loopback, with everything that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import processes

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Aws:
    """Where the emulator answers HTTP and DNS, and its log."""

    port: int
    dns_port: int
    log: Path

    @property
    def endpoint(self) -> str:
        return f"http://{processes.LOOPBACK}:{self.port}"


@contextmanager
def serve(folder: Path) -> Iterator[Aws]:
    """Runs the emulator for the block. Functions run as processes of its group, which ends with it."""
    aws = Aws(processes.free_port(), processes.free_port(), folder / "emulator.log")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE),
        "TMPDIR": str(folder),
        "BIND_HOST": processes.LOOPBACK,
        "MINISTACK_HOST": processes.LOOPBACK,
        "GATEWAY_PORT": str(aws.port),
        "NAME_SERVER_PORT": str(aws.dns_port),
        # It would listen on two more ports.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A function is a process, not a container, and calls back to this address.
        "LAMBDA_EXECUTOR": "local",
        "AWS_ENDPOINT_URL": aws.endpoint,
    }
    with aws.log.open("wb") as log:
        command = [sys.executable, "-m", "emulator"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True
        )
    try:
        processes.wait_for_port(aws.port, process, aws.log)
        yield aws
    finally:
        end_group(process)


def end_group(process: subprocess.Popen) -> None:
    """Terminates the process with all that it started, and kills what is still there after five seconds."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
