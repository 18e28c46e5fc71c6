"""The mail servers of others: a provider signs its code mail, a mailbox's provider forwards it by SMTP to the relay.

Their keys and policies stand in the rehearsal's DNS, so that SPF, DKIM and DMARC pass for the reason for which they do
in the world.
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from account import Account
from mail_builder import ARLO, CODE, MAILBOX, forwarded_by_gmail, html_body
from processes import LOOPBACK

SELECTOR = "s1"
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# A mail server takes any certificate of the next one (RFC 7435).
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE


class MailServers:
    """Arlo's and Gmail's. `port_of` gives the loopback port that stands for a mail exchanger's name."""

    def __init__(self, world: Account, port_of: Callable[[str], int]):
        self.dns, self.port_of = world.dns, port_of
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        public = base64.b64encode(
            key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        ).decode()
        # A string of a TXT record has at most 255 bytes (RFC 1035 section 3.3.14).
        text = f'"v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"'
        arlo, gmail = world.create_zone("arlo.com"), world.create_zone("gmail.com")
        world.create_records(
            arlo,
            (f"{SELECTOR}._domainkey.arlo.com", "TXT", text),
            ("_dmarc.arlo.com", "TXT", '"v=DMARC1; p=reject"'),
        )
        world.create_records(gmail, ("gmail.com", "TXT", '"v=spf1 ip4:127.0.0.1 -all"'))

    def code_mail(self, code: str = CODE, *, to: str = MAILBOX, signed: bool = True) -> bytes:
        """A code mail of Arlo's, written now, to the mailbox."""
        mail = EmailMessage()
        mail["From"], mail["To"] = ARLO, to
        mail["Subject"] = "Your one-time authentication code from Arlo"
        # A Date has whole seconds. Cut off, it would lie before the opening of a request of the same second.
        mail["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=1))
        mail["Message-ID"] = make_msgid(domain="arlo.com")
        mail.set_content(html_body(code), subtype="html")
        raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if not signed:
            return raw
        fields = [b"from", b"to", b"subject", b"date", b"message-id"]
        return dkim.sign(raw, SELECTOR.encode(), b"arlo.com", self.key, include_headers=fields) + raw

    def forward(self, raw: bytes, relay_address: str, mailbox: str = MAILBOX) -> None:
        """Gmail forwards the mail to where the MX record of the relay address points. Raises if a server refuses it."""
        exchanger = self.dns.mail_exchanger(relay_address.rpartition("@")[2])
        assert exchanger, f"{relay_address} has no MX record"
        self.hand_in(raw, relay_address, self.port_of(exchanger), mailbox)

    def hand_in(self, raw: bytes, relay_address: str, port: int, mailbox: str = MAILBOX) -> None:
        """Hands the mail to the server at the port, over TLS."""
        with smtplib.SMTP(LOOPBACK, port, local_hostname="mail-sor-f41.google.com") as server:
            server.starttls(context=TLS)
            server.sendmail(forwarded_by_gmail(mailbox, relay_address), [relay_address], raw)
