"""Fixtures: the running relay, and a mailbox that is enrolled in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import fake_cloudformation
import local_stack
from client import Request
from fake_cloudformation import CloudFormation
from mail_builder import MAILBOX
from owner import Enrolment
from relay import Relay
from stack_template import RELAY_ADDRESS, Stack

# These judge the whole run, so they come last.
LAST = [Path(__file__).with_name(f"test_{name}.py") for name in ("permissions", "logs")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path in LAST)


@pytest.fixture
def whole_run(request: pytest.FixtureRequest) -> None:
    """Skips a test that judges the whole run if only a part of the suite runs."""
    ran = {item.path for item in request.session.items}
    if not ran.issuperset(Path(__file__).parent.glob("test_*.py")):
        pytest.skip("only the whole suite uses everything")


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of every process's log."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The stack of template.yaml."""
    return Stack({"RelayAddress": RELAY_ADDRESS})


@pytest.fixture(scope="session")
def relay(stack: Stack, logs: Path) -> Iterator[Relay]:
    """The stack's functions, running as on AWS with the credentials of their own roles."""
    with local_stack.run(stack, logs) as relay:
        yield relay


@pytest.fixture
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    """A mailbox at Gmail, enrolled for this test with the default trust."""
    with relay.owner.enrolled(MAILBOX) as enrolment:
        yield enrolment


@pytest.fixture
def open_request(relay: Relay, enrolment: Enrolment) -> Request:
    """An open request of that mailbox."""
    return relay.client.open_request(enrolment)


@pytest.fixture
def cloudformation(relay: Relay) -> Iterator[CloudFormation]:
    """CloudFormation for the stack's custom resources."""
    with fake_cloudformation.serve(relay, relay.stack) as cloudformation:
        yield cloudformation
