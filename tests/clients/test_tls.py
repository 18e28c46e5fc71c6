"""The package's trust in a relay's certificate: what TLS needs, and what it says if that is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_arlo import FakeArlo
from login_program import MAILBOX
from pythons import PACKAGE
from served_relay import ServedRelay

OPEN = "import sys; from mfa_relay import Relay; Relay(sys.stdin.read()).request(sys.argv[1]).open()"


@pytest.fixture
def url(arlo: FakeArlo, relay: ServedRelay, enrolled: dict) -> str:
    """The relay behind a server that ends TLS."""
    arlo.route("mfa.example.com", relay.http)
    return enrolled["prestage_url"].replace(f"http://{relay.http}", "https://mfa.example.com")


def opened(url: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess:
    environment = environment | {"PYTHONPATH": str(PACKAGE / "src"), "HOME": str(folder), "PATH": os.defpath}
    command = [sys.executable, "-B", "-c", OPEN, MAILBOX]
    return subprocess.run(command, input=url, env=environment, capture_output=True, text=True)


def test_a_certificate_of_an_authority_of_your_own_is_trusted_by_its_file(
    url: str, arlo: FakeArlo, tmp_path: Path
) -> None:
    done = opened(url, arlo.environment, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_certificate_that_nobody_trusts_is_refused_at_once(url: str, arlo: FakeArlo, tmp_path: Path) -> None:
    environment = {name: value for name, value in arlo.environment.items() if name != "SSL_CERT_FILE"}
    done = opened(url, environment, tmp_path)
    assert "mfa_relay.errors.TlsError: the certificate of mfa.example.com is not trusted" in done.stderr
    assert "SSL_CERT_FILE" in done.stderr
    assert url.partition("token=")[2] not in done.stderr
