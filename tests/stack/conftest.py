"""What a test can ask for: the relay, running, and an owner's enrolment in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cloudformation
import local
from cloudformation import CloudFormation
from deployment import RELAY_ADDRESS, Stack
from letter import MAILBOX
from relay_client import Enrolment, Relay, Request

# These judge the whole run, so they come after everything else.
LAST = {Path(__file__).with_name(f"test_{what}.py") for what in ("rights", "logs")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path in LAST)


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every program of the run writes its log to."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The stack of template.yaml."""
    return Stack({"RelayAddress": RELAY_ADDRESS})


@pytest.fixture(scope="session")
def relay(stack: Stack, logs: Path) -> Iterator[Relay]:
    """The stack's functions, running as they would on AWS, with their own roles' credentials."""
    with local.run(stack, logs) as relay:
        yield relay


@pytest.fixture
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    """A mailbox at Gmail, enrolled for this test with the default trust."""
    with relay.enrolled(MAILBOX) as enrolment:
        yield enrolment


@pytest.fixture
def opened(relay: Relay, enrolment: Enrolment) -> Request:
    """An open request of that mailbox."""
    return relay.open(enrolment)


@pytest.fixture
def formation(relay: Relay) -> Iterator[CloudFormation]:
    """CloudFormation at work on the stack's custom resources."""
    with cloudformation.serve(relay, relay.stack) as formation:
        yield formation
