"""Every Python block of the package's README runs as it stands, against a real relay and the fake Arlo cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import Block, fenced
from fake_arlo import FakeArlo
from login_program import MAILBOX, TIMEOUT
from pythons import PACKAGE, PROJECT

BLOCKS = [block for block in fenced((PACKAGE / "README.md").read_text(), "README.md") if block.language == "python"]

# What a block takes for granted: a login that asks for a code, and names of the blocks before it.
BEFORE = """
import os
import requests

url = os.environ["MFA_RELAY_URL"]


def log_in():
    os.system(f"{os.environ['PYTHON']} {os.environ['ASK']}")
"""

# Asks the cloud for a code, as a login does.
ASK = """
from mfa_relay.arlo.cloud import AUTH_URL, ArloCloud
import base64

cloud = ArloCloud(AUTH_URL, "device", {}, None)
password = base64.b64encode(b"password").decode()
cloud.token = cloud.post("/api/auth", {"email": "me@gmail.com", "password": password})["token"]
items = cloud.get("/api/getFactors")["items"]
cloud.post("/api/startAuth", {"factorId": next(i["factorId"] for i in items if i["factorType"] == "EMAIL")})
"""

ASYNC = """
import asyncio


async def log_in():
    os.system(f"{os.environ['PYTHON']} {os.environ['ASK']}")


async def main():
    global code
BLOCK

asyncio.run(main())
"""


def program(block: Block) -> str:
    """The block, with the passwords of its examples as the accounts here have them."""
    if "await" in block.text:
        indented = "".join(f"    {line}" if line.strip() else line for line in block.text.splitlines(keepends=True))
        return BEFORE + ASYNC.replace("BLOCK\n", indented) + "assert code.isdigit() and len(code) == 6\n"
    text = block.text.replace('password="..."', 'password="password"')
    if "PyArlo(" in text:
        # pyaarlo's threads never end, and its events come by the stream of the cloud here.
        text = text.replace("PyArlo(", 'PyArlo(storage_dir=".", backend="sse", wait_for_initial_setup=False, ')
        text += "assert arlo.is_connected\nos._exit(0)\n"
    if "request.wait" in text:
        text += "assert code.isdigit() and len(code) == 6\n"
    return BEFORE + text


ARLO = [block for block in BLOCKS if "wyze" not in block.text]
WYZE = [block for block in BLOCKS if "wyze" in block.text]


@pytest.mark.parametrize("block", WYZE, ids=str)
def test_a_block_for_wyze_logs_in(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the fake of the package's own tests, whose address takes the place of Wyze's."""
    monkeypatch.syspath_prepend(PACKAGE / "tests")
    from fake_wyze import API_KEY, KEY_ID, PASSWORD, FakeWyze
    from served import serve

    # Positional arguments come first: the address follows the password.
    text = block.text.replace('"password"', f"{PASSWORD!r}, auth_url=ADDRESS")
    text = text.replace('key_id="..."', f"key_id={KEY_ID!r}").replace('api_key="..."', f"api_key={API_KEY!r}")
    with serve(FakeWyze()) as address:
        (tmp_path / "block.py").write_text(text.replace("ADDRESS", repr(address)))
        environment = {"PYTHONPATH": str(PACKAGE / "src")}
        command = [sys.executable, "-W", "ignore", "-c", "exec(open('block.py').read()); assert token"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", ARLO, ids=str)
def test_a_block_runs_as_it_stands(block: Block, arlo: FakeArlo, enrolled: dict, tmp_path: Path) -> None:
    arlo.add_account(MAILBOX, "password")
    (tmp_path / "ask.py").write_text(ASK)
    (tmp_path / "block.py").write_text(program(block))
    environment = arlo.environment | {
        "MFA_RELAY_URL": enrolled["prestage_url"],
        "PYTHONPATH": str(PROJECT / "clients" / "python" / "src"),
        "PYTHON": sys.executable,
        "ASK": str(tmp_path / "ask.py"),
        "PATH": os.defpath,
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "block.py"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout
    assert len(arlo.mails) == 1


def test_every_error_that_the_readme_names_exists() -> None:
    import_all = "import mfa_relay, re, sys; names = set(re.findall(r'`(\\w+Error)`', open('README.md').read()));"
    check = f"{import_all} sys.exit(sorted(names ^ {{n for n in mfa_relay.__all__ if n.endswith('Error')}}) or None)"
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"import sys; sys.path.insert(0, 'src'); {check}"],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
