"""The emulator is a process of the tests, and leaves nothing behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import processes

SCRIPT = """
import sys, emulated_aws
from pathlib import Path
with emulated_aws.serve(Path(sys.argv[1])) as aws:
    print(aws.port, flush=True)
    sys.stdin.read()
"""


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((processes.LOOPBACK, port)) == 0


def test_it_ends_with_the_process_that_started_it_even_if_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tests:
        port = int(tests.stdout.readline())
        assert is_open(port)
        tests.kill()
        processes.wait_until(lambda: not is_open(port), "the end of the emulator")
