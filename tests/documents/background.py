"""A program that runs while a test does something else, and whose output the test waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from threading import Timer


class Background:
    """Runs in a process group of its own, which `end` terminates.

    `watched` is the stream to wait for, "stdout" or "stderr". The other one is read when the program has ended.
    """

    # In seconds. Only a test that fails waits so long; a program may have to be compiled first.
    TIMEOUT = 1800

    def __init__(self, command: list, watched: str, **options):
        self.file = tempfile.TemporaryFile("w+")  # noqa: SIM115, closed by `end`
        streams = {"stdout": self.file, "stderr": self.file, watched: subprocess.PIPE}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, text=True, start_new_session=True, **streams, **options
        )
        self.watched = self.process.stdout or self.process.stderr
        self.seen: list[str] = []
        self.timer = Timer(self.TIMEOUT, self.kill)
        self.timer.daemon = True
        self.timer.start()

    def __enter__(self) -> Background:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def wait_for(self, text: str) -> str:
        """Returns the first line that contains the text. Fails if the stream ends before."""
        for line in self.watched:
            self.seen.append(line)
            if text in line:
                return line
        raise AssertionError(f"no line with {text!r}:\n{''.join(self.seen)}{self.other()}")

    def wait(self) -> int:
        """Waits until the program has ended by itself, and returns its exit code."""
        self.seen += self.watched
        return self.process.wait()

    def other(self) -> str:
        self.file.seek(0)
        return self.file.read()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        # The stream ends when the last program of the group has ended.
        self.seen += self.watched
        self.timer.cancel()
        self.watched.close()
        self.file.close()
