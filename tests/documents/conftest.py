"""The programs that blocks need: the built command, a running relay, and the stack on this machine."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import home_edge
import program as program_file
import pytest
from home_edge import HomeEdge


@pytest.fixture(scope="session")
def program() -> Path:
    """The debug build of `mfa-relay`."""
    return program_file.build()


@pytest.fixture
def relay(program: Path) -> Iterator[HomeEdge]:
    """A relay of its own for each test, in a folder with a short name: the path of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory() as home, home_edge.serve(program, Path(home)) as relay:
        yield relay
