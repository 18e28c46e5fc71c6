"""Builds code mails that differ from one another only in what a test states.

The mails of tests/mail are realistic in everything. Those tests decide what a mail is worth; here a mail is needed.
"""

import secrets
from email.utils import format_datetime

from mail import SENT, TAGGED_ADDRESS, TRANSIT, Mail

MAILBOX = "me@gmail.com"
CODE = "467266"
ARLO = "Arlo <do_not_reply@arlo.com>"


def forwarded_by_gmail(mailbox: str, recipient: str = TAGGED_ADDRESS) -> str:
    """The envelope sender of a mail that Gmail forwards from the mailbox to the relay."""
    local, domain = mailbox.split("@")
    return f"{local}+caf_={recipient.replace('@', '=')}@{domain}"


def html_body(code: str) -> str:
    """The code as Arlo shows it since 2026-05."""
    return f"<html><body><p>Your code:</p><h1 style='color:#222222'>{code} </h1></body></html>"


def authentication_results(spf: str, envelope_from: str, dkim: tuple[str, ...]) -> str:
    """SES's report as it writes it on top of the mail. Without a DKIM domain, no signature passed."""
    signatures = "".join(f"\r\n dkim=pass header.i=@{domain};" for domain in dkim)
    return (
        f"Authentication-Results: amazonses.com;\r\n spf={spf} (spfCheck: {spf} for {envelope_from})"
        f" client-ip=209.85.220.41; envelope-from={envelope_from}; helo=mail-sor-f41.google.com;{signatures}"
        "\r\n dmarc=none header.from=arlo.com;"
    )


def signature(domain: str) -> str:
    """A signature as it stands in a mail: no two mails have the same."""
    value = secrets.token_hex(8)
    return f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s1; h=From:To:Date; bh=x; b={value}"


def code_mail(
    code: str = CODE,
    *,
    mailbox: str = MAILBOX,
    recipient: str = TAGGED_ADDRESS,
    to: str | None = None,
    envelope_from: str | None = None,
    spf: str = "pass",
    dkim: tuple[str, ...] = ("arlo.com",),
    body: str | None = None,
    spam: str = "PASS",
    virus: str = "PASS",
) -> Mail:
    """A mail that Arlo signed and Gmail forwarded to the tagged address, except for what is stated."""
    envelope_from = forwarded_by_gmail(mailbox, recipient) if envelope_from is None else envelope_from
    lines = [
        f"Return-Path: <{envelope_from}>",
        "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com [209.85.220.41])\r\n by"
        f" inbound-smtp.us-east-1.amazonaws.com with SMTP id o3vrnil0e2ic28\r\n for {recipient};"
        f" {format_datetime(SENT + TRANSIT)}",
        f"X-SES-Spam-Verdict: {spam}",
        f"X-SES-Virus-Verdict: {virus}",
        authentication_results(spf, envelope_from, dkim),
        "X-SES-RECEIPT: AEFBQUFBQUFBQUFGa1B",
        *map(signature, dkim),
        f"From: {ARLO}",
        f"To: {to or mailbox}",
        "Subject: Your one-time authentication code from Arlo",
        f"Date: {format_datetime(SENT)}",
        "MIME-Version: 1.0",
        "Content-Type: text/html; charset=utf-8",
        "",
        html_body(code) if body is None else body,
        "",
    ]
    return Mail("\r\n".join(lines).encode(), recipient, envelope_from, spam=spam, virus=virus)
