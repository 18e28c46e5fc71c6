"""A client as a process of its own, with nothing in its environment but what a client has."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fake_arlo import FakeArlo

PROJECT = Path(__file__).parents[2]
MAILBOX, PASSWORD = "me@gmail.com", "garden 7"
# In seconds. Only a test that fails waits so long.
TIMEOUT = 180


@dataclass(frozen=True)
class Outcome:
    """How a client ended: its exit code, and all that it wrote."""

    code: int
    output: str


@dataclass(frozen=True)
class LoginProgram:
    """One of `programs/`. `folder` holds what the client keeps from one run to the next."""

    name: str
    arlo: FakeArlo
    url: str
    folder: Path

    def start(self) -> subprocess.Popen:
        self.folder.mkdir(exist_ok=True)
        environment = self.arlo.environment | {
            "HOME": str(self.folder),
            "PYTHONPATH": str(PROJECT / "clients" / "python" / "src"),
            "MFA_RELAY_URL": self.url,
            "MAILBOX": MAILBOX,
            "PASSWORD": PASSWORD,
        }
        program = PROJECT / "tests" / "clients" / "programs" / self.name
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", program],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def log_in(self) -> Outcome:
        return finished(self.start())

    def with_url(self, url: str) -> LoginProgram:
        """The same client of another program's token, with a folder of its own."""
        return LoginProgram(self.name, self.arlo, url, self.folder.with_name("second"))


def finished(process: subprocess.Popen) -> Outcome:
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
    return Outcome(process.returncode, output)
