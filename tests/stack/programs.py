"""Programs that the suite starts, and ends again by their process ids."""

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
    """Starts a program whose output is appended to `log`; without `env` it inherits the suite's."""
    with log.open("ab") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=cwd)


def end(program: subprocess.Popen) -> None:
    """Asks the program to end, and ends it when it does not."""
    program.terminate()
    try:
        program.wait(timeout=5)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


@contextmanager
def running(
    command: list[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[subprocess.Popen]:
    """A program that lives as long as the block."""
    program = start(command, log, env, cwd)
    try:
        yield program
    finally:
        end(program)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Waits until the condition holds; only a suite that is broken reaches the time limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.02)


def wait_for_port(port: int, program: subprocess.Popen, log: Path) -> None:
    """Waits until the program listens, and shows its log when it ends instead."""

    def listening() -> bool:
        if program.poll() is not None:
            raise RuntimeError(f"{program.args[0]} ended early:\n{log.read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, port)) == 0

    wait_until(listening, f"{program.args[0]} listening on port {port}")
