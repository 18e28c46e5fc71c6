"""`tests/serve`: a relay left running for a person, with the commands that README shows beside it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import PROJECT, all_blocks

import logins
from mail_builder import CODE


@pytest.fixture
def served() -> Iterator[subprocess.Popen]:
    """What tests/serve runs after its build."""
    command = [sys.executable, Path(__file__).with_name("serve.py")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=PROJECT, **pipes)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_person_logs_in_with_the_printed_commands_and_enter_mails_the_code(served: subprocess.Popen) -> None:
    settings = next(line.split()[1] for line in served.stdout if line.strip().startswith(". "))
    [block] = [block for block in all_blocks() if block.text.startswith('. "$SETTINGS"')]
    # The block goes on after the check, which finds that no mail has come yet.
    commands = ["bash", "-c", block.text]
    done = subprocess.run(
        commands, cwd=PROJECT, env={"SETTINGS": settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *checked, url = done.stdout.splitlines()
    assert "✓ SES has verified mfa.example.com" in checked
    served.stdin.write("\n")
    served.stdin.flush()
    status = logins.poll_until(url, lambda found: found["status"] != "pending")
    assert status["code"] == CODE
