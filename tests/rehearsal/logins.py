"""A program that logs in: it opens a request at the relay, lets the cloud mail its code, and reads the status URL."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from background import Background

from account import Account
from mail_builder import MAILBOX

# Far longer than a delivery takes: only a broken one reaches it.
SECONDS = 60


@dataclass(frozen=True)
class Login:
    """A status URL, and the status at the end of the login."""

    url: str
    status: dict


def prestage_url(printed: str) -> str:
    """The URL for programs in what `deploy.sh --enroll` prints."""
    return re.search(r"https://\S+/prestage\?token=mfar_[\w-]+", printed)[0]


def relay_address(printed: str) -> str:
    """The address to forward to in what `deploy.sh --enroll` prints."""
    return re.search(r"\S+\+[a-z2-7]{16}@\S+", printed)[0]


def on_this_machine(url: str, account: Account) -> str:
    """The loopback address of an API's URL: the emulator serves no TLS, and has the API's id in the path."""
    api, path = re.fullmatch(r"https://(\w+)\.execute-api\.[\w-]+\.amazonaws\.com/(.*)", url).groups()
    return f"{account.aws.endpoint}/_aws/execute-api/{api}/{path}"


@contextmanager
def mfa_relay(program: Path, prestage: str, mailbox: str = MAILBOX) -> Iterator[Background]:
    """The command `mfa-relay code`, which waits for a code. What it says is on standard error."""
    environment = {"MFA_RELAY_URL": prestage, "PATH": os.environ["PATH"]}
    with Background([program, "code", "--email", mailbox], "stderr", env=environment) as login:
        yield login


def open_request(prestage: str, mailbox: str = MAILBOX) -> str:
    """The status URL, as README's client gets it."""
    response = requests.post(prestage, json={"email": mailbox}, timeout=10)
    assert response.status_code == 200, response.text
    return response.text


def status(url: str) -> dict:
    return requests.get(url, timeout=10).json()


def poll_until(url: str, ended: Callable[[dict], bool], seconds: float = SECONDS) -> dict:
    """Polls until the status is such. Fails with the last one if it never is."""
    deadline = time.monotonic() + seconds
    while not ended(found := status(url)):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def log_in(prestage: str, cause_mail: Callable[[], None], mailbox: str = MAILBOX) -> dict:
    """A login: the status when it is no longer pending."""
    url = open_request(prestage, mailbox)
    cause_mail()
    return poll_until(url, lambda found: found["status"] != "pending")
