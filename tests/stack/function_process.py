"""The functions as processes under the Lambda emulator of `cargo lambda watch`.

`cargo lambda watch` would start all of them in one environment. So it serves the Lambda APIs only, and the processes
are started here, each with the environment and the credentials of its own role and with a log of its own. What
Lambda does when a process exits or reaches its timeout is done here too.
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

import processes

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Invocation:
    """How an invocation ended. `payload` is the function's result, or Lambda's error."""

    ok: bool
    payload: object


def environment_with_tools() -> dict[str, str]:
    """The suite's own environment, with the tools of its virtual environment on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path}


def build() -> dict[str, Path]:
    """Builds the functions. Returns the path of each binary by its name."""
    command = ["cargo", "build", "--locked", "--package", "functions", "--bins", "--message-format", "json"]
    built = subprocess.run(
        command, cwd=PROJECT, env=environment_with_tools(), stdout=subprocess.PIPE, check=True, text=True
    )
    messages = map(json.loads, built.stdout.splitlines())
    return {message["target"]["name"]: Path(message["executable"]) for message in messages if message.get("executable")}


class FunctionProcess:
    """One function's process. If it has exited, the next invocation starts it again."""

    def __init__(self, name: str, binary: Path, emulator: int, timeout: float, log: Path):
        self.name = name
        self.binary = binary
        self.emulator = emulator
        self.timeout = timeout
        self.log = log
        self.environment: Mapping[str, str] = {}
        self.process: subprocess.Popen | None = None
        self.waiting: set[http.client.HTTPConnection] = set()

    def start(self) -> None:
        """Starts the process unless it runs."""
        if self.process and self.process.poll() is None:
            return
        api = f"http://{processes.LOOPBACK}:{self.emulator}/.rt/{self.name}"
        environment = {**self.environment, "AWS_LAMBDA_RUNTIME_API": api}
        self.process = processes.start([str(self.binary)], self.log, environment)
        self.waiting = set()
        Thread(target=close_on_exit, args=[self.process, self.waiting], daemon=True).start()

    def kill(self) -> None:
        """Kills the process in the middle of its work, as Lambda does at the function's timeout."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        if self.process:
            processes.end(self.process)

    def request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One HTTP request to the emulator on behalf of this function."""
        self.start()
        connection = http.client.HTTPConnection(processes.LOOPBACK, self.emulator, timeout=self.timeout)
        self.waiting.add(connection)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except TimeoutError:
            self.kill()
            return 500, {}, b'{"errorType":"Sandbox.Timedout"}'
        except (ConnectionError, http.client.HTTPException):
            if self.process.poll() is None:
                raise
            return 500, {}, b'{"errorType":"Runtime.ExitError"}'
        finally:
            self.waiting.discard(connection)
            connection.close()

    def invoke(self, event: object) -> Invocation:
        """Invokes the function with the event, once."""
        status, _, body = self.request(
            "POST",
            f"/2015-03-31/functions/{self.name}/invocations",
            json.dumps(event).encode(),
            {},
        )
        return Invocation(status == 200, json.loads(body) if body else None)

    def invoke_with_cargo(self, *data: str) -> subprocess.CompletedProcess:
        """Invokes the function with `cargo lambda invoke`, as README does."""
        self.start()
        where = ["--invoke-address", processes.LOOPBACK, "--invoke-port", str(self.emulator)]
        return subprocess.run(
            ["cargo", "lambda", "invoke", self.name, *where, *data],
            cwd=PROJECT,
            env=environment_with_tools(),
            capture_output=True,
            text=True,
            timeout=60,
        )


def close_on_exit(process: subprocess.Popen, waiting: set[http.client.HTTPConnection]) -> None:
    """Closes the connections that wait for a process once it exits: the emulator would never respond to them."""
    process.wait()
    for connection in list(waiting):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def serve(timeouts: Mapping[str, float], logs: Path) -> Iterator[dict[str, FunctionProcess]]:
    """Runs the emulator, with a process for each function ready to be started."""
    binaries = build()
    port = processes.free_port()
    log = logs / "emulator.log"
    command = ["cargo", "lambda", "watch", "--only-lambda-apis", "--ignore-changes"]
    where = ["--invoke-address", processes.LOOPBACK, "--invoke-port", str(port)]
    with processes.running(command + where, log, environment_with_tools(), PROJECT) as emulator:
        processes.wait_for_port(port, emulator, log)
        functions = {
            name: FunctionProcess(name, binaries[name], port, timeout, logs / f"{name}.log")
            for name, timeout in timeouts.items()
        }
        try:
            yield functions
        finally:
            for function in functions.values():
                function.end()
