"""Fixtures: the world of the session, two stacks that several tests use, and an empty account for each other test."""

from collections.abc import Iterator
from pathlib import Path

import program as program_file
import pytest

import world as worlds
from account import Account
from stack import Stack
from terminal import Terminal
from world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.begin(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def account(world: World) -> Account:
    """An empty account."""
    return world.create_account()


@pytest.fixture
def terminal(world: World, account: Account) -> Terminal:
    """The terminal of that account's owner."""
    return world.terminal(account)


@pytest.fixture
def stack(world: World, terminal: Terminal) -> Stack:
    """A stack in that account, yet to be deployed."""
    return world.stack(terminal)


@pytest.fixture(scope="session")
def program() -> Path:
    """The debug build of `mfa-relay`."""
    return program_file.build()
