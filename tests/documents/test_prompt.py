"""What `mfa-relay code` asks for on a terminal. Only a pseudo-terminal shows it."""

import os
import pty
import select
import termios
import time
from collections.abc import Callable
from pathlib import Path

TOKEN = "mfar_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def read_until(terminal: int, text: str) -> str:
    """What the terminal shows up to this text."""
    shown = ""
    while text not in shown:
        assert select.select([terminal], [], [], 60)[0], f"{text!r} is missing in {shown!r}"
        shown += os.read(terminal, 1024).decode()
    return shown


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_url_is_asked_for_and_what_is_typed_is_not_shown(program: Path) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.execve(program, [program, "code", "--email", "me@gmail.com"], {})
    shown = read_until(terminal, "Prestage URL (not shown): ")
    # The prompt comes just before the terminal is told not to show what is typed; nobody types that fast.
    wait_until(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO)
    os.write(terminal, f"ftp://127.0.0.1/prestage?token={TOKEN}\n".encode())
    shown += read_until(terminal, "is not an http or https address")
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 2
    os.close(terminal)
    assert TOKEN not in shown
