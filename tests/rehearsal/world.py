"""Everything that lives as long as a rehearsal: AWS, its SMTP servers, and the mail servers and the DNS of others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import ExitStack, contextmanager
from pathlib import Path

import certificate
import emulated_aws
from account import Account
from emulated_aws import Aws
from mail_servers import MailServers
from receiving import smtp_server
from receiving.smtp_server import InboundSmtp
from stack import Stack
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

    def stack(self, terminal: Terminal, region: str = "us-east-1") -> Stack:
        """A stack that is yet to be deployed, with a name and a domain of its own."""
        number = next(self.domains)
        return Stack(self, terminal.account, terminal, region, f"relay{number}", f"mfa.owner{number}.example")

    def paste(self, domain: str, printed: str) -> None:
        """The owner creates the records that deploy.sh has printed, where the DNS of the domain is edited."""
        self.elsewhere.paste_records(self.elsewhere.create_zone(domain), printed)

    def smtp(self, region: str) -> tuple[InboundSmtp, int]:
        """SES's SMTP server of the region, and its port."""
        if region not in self.regions:
            self.regions[region] = self.at_exit.enter_context(smtp_server.serve(self.accounts, region, self.tls))
        return self.regions[region]

    def wait_for_deliveries(self, region: str) -> None:
        """Waits until SES has run the actions for every mail that it has taken."""
        wait(self.smtp(region)[0].deliveries)

    def port_of(self, exchanger: str) -> int:
        """The port that stands for port 25 of `inbound-smtp.<region>.amazonaws.com`."""
        service, region, *rest = exchanger.split(".")
        assert (service, rest) == ("inbound-smtp", ["amazonaws", "com"]), f"{exchanger} is no mail exchanger of SES"
        return self.smtp(region)[1]


@contextmanager
def begin(folder: Path) -> Iterator[World]:
    """A world whose files lie in the folder. It ends with the block."""
    with emulated_aws.serve(folder) as aws, ExitStack() as at_exit:
        yield World(aws, folder, at_exit)
