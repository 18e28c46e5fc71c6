"""SES's SMTP server of one region, for every account."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from account import Account
from mail import Mail, new_message_id
from processes import LOOPBACK, free_port
from receiving import actions, header_fields, rules
from receiving.authentication import authenticate

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 40 * 1024 * 1024  # https://docs.aws.amazon.com/ses/latest/dg/quotas.html
# AWS documents that these mails are refused, not the words.
NO_SUCH_MAILBOX = "550 5.1.1 Requested action not taken: mailbox unavailable"
NEEDS_TLS = "550 5.7.10 Encryption needed"


class InboundSmtp:
    """Decides on each recipient by the rules that are active at that moment. Actions run after the answer, in order."""

    def __init__(self, accounts: list[Account], region: str):
        self.accounts, self.region = accounts, region
        self.worker = ThreadPoolExecutor(max_workers=1)
        self.deliveries: list[Future] = []

    def account_of(self, recipient: str) -> Account | None:
        """The account in which the recipient's domain is verified."""
        domain = recipient.rpartition("@")[2]
        return next((account for account in self.accounts if account.has_verified(domain, self.region)), None)

    def rules_for(self, recipient: str) -> list[dict]:
        account = self.account_of(recipient)
        if not account:
            return []
        active = account.client("ses", self.region).describe_active_receipt_rule_set()
        return rules.applying(active.get("Rules", []), recipient)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        applying = self.rules_for(address)
        if not applying:
            return NO_SUCH_MAILBOX
        if session.ssl is None and any(rule["TlsPolicy"] == "Require" for rule in applying):
            return NEEDS_TLS
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message_id, at = new_message_id(), datetime.now(UTC)
        sender, raw = envelope.mail_from or "", envelope.content
        results = authenticate(raw, LOOPBACK, session.host_name, sender, self.accounts[0].dns)
        for recipient in envelope.rcpt_tos:
            account = self.account_of(recipient)
            for rule in self.rules_for(recipient):
                top = header_fields.on_top(
                    results,
                    envelope_from=sender,
                    recipient=recipient,
                    client=LOOPBACK,
                    helo=session.host_name,
                    region=self.region,
                    at=at,
                    scan=rule["ScanEnabled"],
                )
                accepted = actions.Accepted(message_id, Mail(top + raw, recipient, sender, at), results)
                s3, functions = account.client("s3", self.region), account.client("lambda", self.region)
                self.deliveries.append(self.worker.submit(actions.run, rule, accepted, s3, functions))
        return f"250 OK {message_id}"


@contextmanager
def serve(accounts: list[Account], region: str, tls: SSLContext) -> Iterator[tuple[InboundSmtp, int]]:
    """Serves on a port of its own, and ends after the last delivery. `accounts` may grow."""
    inbound = InboundSmtp(accounts, region)
    controller = Controller(inbound, hostname=LOOPBACK, port=free_port(), tls_context=tls, data_size_limit=LARGEST)
    controller.start()
    try:
        yield inbound, controller.port
    finally:
        controller.stop()
        inbound.worker.shutdown()
