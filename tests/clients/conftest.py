"""What each test has of its own: a relay with an enrolled mailbox, a fake Arlo cloud, and the mailbox that forwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import name_server
import play
import pytest
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import LoginProgram
from served_relay import ServedRelay

MAILBOX, PASSWORD = "me@gmail.com", "garden 7"
# In seconds. No test waits for its end, and a slow machine must not meet it.
WINDOW = 300


@pytest.fixture(scope="session")
def program() -> Path:
    return play.build()


@pytest.fixture
def relay(program: Path) -> Iterator[ServedRelay]:
    """In a folder with a short name: the path of a socket has 107 bytes at most."""
    with (
        name_server.serve({"gmail.com": "v=spf1 ip4:127.0.0.1 -all"}) as resolver,
        tempfile.TemporaryDirectory() as folder,
    ):
        served = ServedRelay(program, Path(folder) / "data", resolver, WINDOW)
        try:
            yield served
        finally:
            served.process.kill()
            served.process.wait()


@pytest.fixture
def enrolled(relay: ServedRelay) -> dict:
    """`prestage_url` and `relay_address` of the mailbox."""
    return relay.enroll(MAILBOX)


@pytest.fixture
def forwarder(relay: ServedRelay, enrolled: dict) -> Iterator[Forwarder]:
    forwarder = Forwarder(lambda: relay.smtp, enrolled["relay_address"])
    yield forwarder
    forwarder.close()


@pytest.fixture
def arlo(tmp_path: Path, forwarder: Forwarder) -> Iterator[FakeArlo]:
    with FakeArlo(tmp_path) as cloud:
        cloud.add_account(MAILBOX, PASSWORD)
        cloud.mailer = forwarder
        yield cloud
        assert cloud.refused_hosts == [], "a client wanted to reach a host that is not Arlo's"


@pytest.fixture
def client(request: pytest.FixtureRequest, arlo: FakeArlo, enrolled: dict, tmp_path: Path) -> LoginProgram:
    """The program of this name."""
    return LoginProgram(request.param, arlo, enrolled["prestage_url"], tmp_path / "first")
