"""Fixtures: the world of the session, and for each test an account of its own."""

from collections.abc import Iterator

import pytest

import world as worlds
from account import Account
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
