"""The programs that blocks need: the built command, a running relay, and the stack on this machine."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import home_edge
import program as program_file
import pytest
from background import Background
from blocks import all_blocks
from home_edge import HomeEdge
from shell import Shell
from table import row_of


@pytest.fixture(scope="session")
def program() -> Path:
    """The debug build of `mfa-relay`."""
    return program_file.build()


@pytest.fixture
def relay(program: Path) -> Iterator[HomeEdge]:
    """A relay of its own for each test, in a folder with a short name: the path of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory() as home, home_edge.serve(program, Path(home)) as relay:
        yield relay


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What README's block `tests/serve` prints. The stack runs until the end of the tests."""
    [block] = [block for block in all_blocks() if block.text.startswith("tests/serve\n")]
    shell = Shell(tmp_path_factory.mktemp("stack"), [], row_of(block).instead)
    with Background(shell.command(block), "stdout", cwd=shell.folder, env=shell.environment) as stack:
        stack.wait_for("Ctrl-C")
        yield stack.seen
