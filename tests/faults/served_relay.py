"""`mfa-relay serve` as a process that can be killed, started again at the same addresses, denied the disk, and
shown a wrong clock."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
from pathlib import Path
from threading import Lock, Thread

import libfaketime

DOMAIN = "mfa.example.com"


class ServedRelay:
    def __init__(self, program: Path, data: Path, resolver: str, window: int):
        self.data = data
        self.clock_offset = data.parent / "clock_offset"
        self.set_clock(0)
        # https://github.com/wolfcw/libfaketime: reads the offset from the file at every look at the wall clock.
        self.environment = {
            "LD_PRELOAD": str(Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock_offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.command = [program, "serve", "--domain", DOMAIN, "--data", data]
        self.command += ["--resolver", resolver, "--window", str(window)]
        self.http = self.smtp = "127.0.0.1:0"
        self.lock = Lock()
        self.log: list[str] = []
        self.process = self.start()

    def start(self) -> subprocess.Popen:
        command = [*self.command, "--http", self.http, "--smtp", self.smtp]
        # Python ignores SIGXFSZ. The relay must as well, or a denied disk would kill it: a full disk sends no signal.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=self.environment, restore_signals=False
        )
        for line in process.stdout:
            name, _, value = line.strip().partition(" ")
            if name == "http":
                self.http = value.strip()
            if name == "smtp":
                self.smtp = value.strip()
            if name == "serving":
                break
        else:
            raise AssertionError(f"the relay does not start: exit code {process.wait()}")
        Thread(target=lambda: self.log.extend(process.stdout), daemon=True).start()
        return process

    def kill_and_restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self.start()

    def set_clock(self, seconds: int) -> None:
        """Sets the wall clock that the relay sees so many seconds ahead; the monotonic clock goes on."""
        next_offset = self.clock_offset.with_suffix(".new")
        next_offset.write_text(f"{seconds:+}\n")
        next_offset.replace(self.clock_offset)

    def allow_disk(self, is_allowed: bool) -> None:
        """Denied, every write to a file fails, as on a full disk."""
        size = resource.RLIM_INFINITY if is_allowed else 0
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def enroll(self, mailbox: str) -> dict:
        return self.ask({"action": "add", "mailbox": mailbox, "trust": "forwarded"})

    def ask(self, event: dict) -> dict:
        """Asks through the control socket, as `mfa-relay enroll` does."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.data / "control.sock"))
            control.sendall(json.dumps(event).encode() + b"\n")
            answer = json.loads(control.makefile().readline())
        assert "error" not in answer, answer
        return answer

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0
