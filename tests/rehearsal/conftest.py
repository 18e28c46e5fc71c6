"""Fixtures: the world of the session, two stacks that several tests use, and an empty account for each other test."""

from collections.abc import Iterator
from pathlib import Path

import program as program_file
import pytest

import logins
import world as worlds
from account import Account
from logins import Login
from mail_builder import MAILBOX
from stack import Deployed, Stack
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


@pytest.fixture(scope="session")
def in_route53(world: World) -> Deployed:
    """In us-east-1, with the domain in Route 53, deployed and enrolled by one command."""
    account = world.create_account()
    stack = world.stack(world.terminal(account), "us-east-1")
    zone = account.create_zone(stack.domain)
    return Deployed(stack, stack.deploy("--hosted-zone-id", zone, "--enroll", MAILBOX, "--owner-email", MAILBOX))


@pytest.fixture(scope="session")
def with_dns_elsewhere(world: World) -> Deployed:
    """In eu-west-1, with a domain whose DNS is edited elsewhere, and the shortest window. No record exists yet."""
    stack = world.stack(world.terminal(world.create_account()), "eu-west-1")
    return Deployed(stack, stack.deploy("--window", "60", "--enroll", MAILBOX))


@pytest.fixture(scope="session")
def answered(with_dns_elsewhere: Deployed) -> Login:
    """A login that got its code, in the window of 60 seconds."""
    stack, enrolment = with_dns_elsewhere.stack, with_dns_elsewhere.enrolment
    stack.paste_records(with_dns_elsewhere.output.stdout)
    mails = stack.world.mail_servers
    url = logins.open_request(enrolment.prestage)
    mails.forward(mails.code_mail(), enrolment.relay_address)
    return Login(url, logins.poll_until(url, lambda found: found["status"] != "pending"))


@pytest.fixture(scope="session")
def refused(with_dns_elsewhere: Deployed, answered: Login) -> Login:
    """A login after that one, whose only mail was refused, in the window of 60 seconds."""
    stack, enrolment = with_dns_elsewhere.stack, with_dns_elsewhere.enrolment
    mails = stack.world.mail_servers
    url = logins.open_request(enrolment.prestage)
    mails.forward(mails.code_mail(signed=False), enrolment.relay_address, "stranger@elsewhere.example")
    stack.wait_until_handled()
    return Login(url, logins.status(url))
