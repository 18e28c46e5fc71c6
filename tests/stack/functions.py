"""The functions as the programs they are, under the Lambda emulator of `cargo lambda watch`.

`cargo lambda watch` would start all of them in one environment. So it serves the Lambda APIs only,
and the programs are started here, each with the environment and the credentials of its own role
and a log of its own. What Lambda does when a program dies or runs out of time is done here too.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import programs

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended."""

    ok: bool
    payload: object


def tools() -> dict[str, str]:
    """The suite's own environment, with the tools of its virtual environment on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path}


def build() -> dict[str, Path]:
    """Builds the functions and tells where each program lies."""
    command = ["cargo", "build", "--package", "functions", "--bins", "--message-format", "json"]
    built = subprocess.run(command, cwd=PROJECT, env=tools(), stdout=subprocess.PIPE, check=True, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    return {message["target"]["name"]: Path(message["executable"]) for message in messages if message.get("executable")}


class Program:
    """One function's program; a dead one is started again by the next invocation."""

    def __init__(self, name: str, path: Path, emulator: int, time_limit: float, log: Path):
        self.name = name
        self.path = path
        self.emulator = emulator
        self.time_limit = time_limit
        self.log = log
        self.environment: Mapping[str, str] = {}
        self.running: subprocess.Popen | None = None
        self.waiting: set[http.client.HTTPConnection] = set()

    def start(self) -> None:
        """Starts the program unless it runs."""
        if self.running and self.running.poll() is None:
            return
        api = f"http://{programs.LOOPBACK}:{self.emulator}/.rt/{self.name}"
        environment = {**self.environment, "AWS_LAMBDA_RUNTIME_API": api}
        self.running = programs.start([str(self.path)], self.log, environment)
        self.waiting = set()
        Thread(target=mourn, args=[self.running, self.waiting], daemon=True).start()

    def kill(self) -> None:
        """Ends the program in the middle of whatever it does, as Lambda does at its time limit."""
        if self.running:
            self.running.kill()
            self.running.wait()

    def end(self) -> None:
        if self.running:
            programs.end(self.running)

    def request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One HTTP request to the emulator on behalf of this function."""
        self.start()
        connection = http.client.HTTPConnection(programs.LOOPBACK, self.emulator, timeout=self.time_limit)
        self.waiting.add(connection)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except TimeoutError:
            self.kill()
            return 500, {}, b'{"errorType":"Sandbox.Timedout"}'
        except (ConnectionError, http.client.HTTPException):
            if self.running.poll() is None:
                raise
            return 500, {}, b'{"errorType":"Runtime.ExitError"}'
        finally:
            self.waiting.discard(connection)
            connection.close()

    def invoke(self, event: object) -> Outcome:
        """Invokes the function with the event, once."""
        status, _, body = self.request(
            "POST",
            f"/2015-03-31/functions/{self.name}/invocations",
            event if isinstance(event, bytes) else json.dumps(event).encode(),
            {},
        )
        return Outcome(status == 200, json.loads(body) if body else None)

    def invoke_with_cargo(self, *data: str) -> subprocess.CompletedProcess:
        """Invokes the function with `cargo lambda invoke`, as README says."""
        self.start()
        where = ["--invoke-address", programs.LOOPBACK, "--invoke-port", str(self.emulator)]
        return subprocess.run(
            ["cargo", "lambda", "invoke", self.name, *where, *data],
            cwd=PROJECT,
            env=tools(),
            capture_output=True,
            text=True,
            timeout=60,
        )


def mourn(running: subprocess.Popen, waiting: set[http.client.HTTPConnection]) -> None:
    """Ends the invocations that wait for a program when it dies: nobody else will answer them."""
    running.wait()
    for connection in list(waiting):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def serve(time_limits: Mapping[str, float], logs: Path) -> Iterator[dict[str, Program]]:
    """Runs the emulator, with a program for each function ready to be started."""
    built = build()
    port = programs.free_port()
    log = logs / "emulator.log"
    command = ["cargo", "lambda", "watch", "--only-lambda-apis", "--ignore-changes"]
    where = ["--invoke-address", programs.LOOPBACK, "--invoke-port", str(port)]
    with programs.running(command + where, log, tools(), PROJECT) as emulator:
        programs.wait_for_port(port, emulator, log)
        serving = {
            name: Program(name, built[name], port, limit, logs / f"{name}.log") for name, limit in time_limits.items()
        }
        try:
            yield serving
        finally:
            for program in serving.values():
                program.end()
