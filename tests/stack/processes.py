"""Processes that the suite starts, and ends again by their process ids."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def start(
    command: list[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen:
    """Starts a process whose output is appended to `log`. Without `env` it inherits the suite's environment."""
    with log.open("ab") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=cwd)


def end(process: subprocess.Popen) -> None:
    """Terminates the process, and kills it if it is still there after five seconds."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    command: list[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[subprocess.Popen]:
    """A process that lives as long as the block."""
    process = start(command, log, env, cwd)
    try:
        yield process
    finally:
        end(process)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Polls until the condition holds. Raises `TimeoutError` if it never does: only a broken suite reaches that."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.02)


def wait_for_port(port: int, process: subprocess.Popen, log: Path) -> None:
    """Waits until the process listens. Raises `RuntimeError` with its log if it ends instead."""

    def listening() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended early:\n{log.read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, port)) == 0

    wait_until(listening, f"{process.args[0]} listening on port {port}")
