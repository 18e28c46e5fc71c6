"""Everything that lives as long as a rehearsal: AWS, its SMTP servers, and the mail servers and the DNS of others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import certificate
import emulated_aws
from account import Account
from emulated_aws import Aws
from mail_servers import MailServers
from receiving import smtp_server
from receiving.smtp_server import InboundSmtp
from terminal import Terminal


class World:
    """One emulator with as many accounts as the tests need; each is empty at first."""

    def __init__(self, aws: Aws, folder: Path, at_exit: ExitStack):
        self.aws, self.folder, self.at_exit = aws, folder, at_exit
        self.tls = certificate.server_context(folder)
        self.accounts: list[Account] = []
        self.regions: dict[str, tuple[InboundSmtp, int]] = {}
        self.domains = itertools.count(1)
        # The owner of every domain that is not in Route 53 of an account under test.
        self.elsewhere = self.create_account()
        self.mail_servers = MailServers(self.elsewhere, self.port_of)

    def create_account(self) -> Account:
        self.accounts.append(Account(self.aws, str(100000000001 + len(self.accounts))))
        return self.accounts[-1]

    def terminal(self, account: Account) -> Terminal:
        return Terminal(account, self.folder / f"home-{account.number}")

    def new_domain(self) -> str:
        """A domain that nobody else has."""
        return f"mfa.owner{next(self.domains)}.example"

    def paste(self, domain: str, printed: str) -> None:
        """The owner creates the records that deploy.sh has printed, where the DNS of the domain is edited."""
        zone = self.elsewhere.create_zone(domain)
        self.elsewhere.create_records(zone, *records(printed))

    def smtp(self, region: str) -> tuple[InboundSmtp, int]:
        """SES's SMTP server of the region, and its port."""
        if region not in self.regions:
            self.regions[region] = self.at_exit.enter_context(smtp_server.serve(self.accounts, region, self.tls))
        return self.regions[region]

    def port_of(self, exchanger: str) -> int:
        """The port that stands for port 25 of `inbound-smtp.<region>.amazonaws.com`."""
        service, region, *rest = exchanger.split(".")
        assert (service, rest) == ("inbound-smtp", ["amazonaws", "com"]), f"{exchanger} is no mail exchanger of SES"
        return self.smtp(region)[1]


def records(printed: str) -> list[tuple[str, str, str]]:
    """Name, type and value of each record in deploy.sh's output: a line such as `mfa.example.com. MX 10 host.`"""
    lines = (line.split(maxsplit=2) for line in printed.splitlines())
    return [(words[0], words[1], words[2]) for words in lines if len(words) == 3 and words[1] in ("MX", "CNAME")]


@contextmanager
def begin(folder: Path) -> Iterator[World]:
    """A world whose files lie in the folder. It ends with the block."""
    with emulated_aws.serve(folder) as aws, ExitStack() as at_exit:
        yield World(aws, folder, at_exit)
