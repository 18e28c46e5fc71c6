"""Code mails written by the suite, where a test turns on one trait of the mail.

The mails of tests/mail are true to life in everything; these differ from one another only in what
a test says.
"""

from email.utils import format_datetime

from mail import ON_THE_WAY, SENT, TAGGED_ADDRESS, Mail

MAILBOX = "me@gmail.com"
CODE = "467266"
ARLO = "Arlo <do_not_reply@arlo.com>"


def gmail_forwards(mailbox: str, recipient: str = TAGGED_ADDRESS) -> str:
    """The envelope sender of a mail that Gmail forwards from the mailbox to the relay."""
    local, domain = mailbox.split("@")
    return f"{local}+caf_={recipient.replace('@', '=')}@{domain}"


def page(code: str) -> str:
    """The code as Arlo shows it since 2026-05."""
    return f"<html><body><p>Your code:</p><h1 style='color:#222222'>{code} </h1></body></html>"


def evidence(spf: str, envelope_from: str, dkim: tuple[str, ...], dmarc: str | None) -> str:
    """SES's findings as it writes them on top of the mail."""
    signatures = "".join(f"\r\n dkim=pass header.i=@{domain};" for domain in dkim)
    policy = f"\r\n dmarc=pass header.from={dmarc};" if dmarc else "\r\n dmarc=none header.from=arlo.com;"
    return (
        f"Authentication-Results: amazonses.com;\r\n spf={spf} (spfCheck: {spf} for {envelope_from})"
        f" client-ip=209.85.220.41; envelope-from={envelope_from}; helo=mail-sor-f41.google.com;{signatures}{policy}"
    )


def letter(
    code: str = CODE,
    *,
    mailbox: str = MAILBOX,
    recipient: str = TAGGED_ADDRESS,
    sender: str = ARLO,
    to: str | None = None,
    envelope_from: str | None = None,
    spf: str = "pass",
    dkim: tuple[str, ...] = ("arlo.com",),
    dmarc: str | None = None,
    date: str | None = format_datetime(SENT),
    claims: tuple[str, ...] = (),
    body: str | None = None,
    spam: str = "PASS",
    virus: str = "PASS",
) -> Mail:
    """A signed mail that Gmail forwarded to the tagged address, but for what is said otherwise.

    `claims` are header lines that the sender wrote himself, below SES's own.
    """
    envelope_from = gmail_forwards(mailbox, recipient) if envelope_from is None else envelope_from
    lines = [
        f"Return-Path: <{envelope_from}>",
        "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com [209.85.220.41])\r\n by"
        f" inbound-smtp.us-east-1.amazonaws.com with SMTP id o3vrnil0e2ic28\r\n for {recipient};"
        f" {format_datetime(SENT + ON_THE_WAY)}",
        f"X-SES-Spam-Verdict: {spam}",
        f"X-SES-Virus-Verdict: {virus}",
        evidence(spf, envelope_from, dkim, dmarc),
        "X-SES-RECEIPT: AEFBQUFBQUFBQUFGa1B",
        *claims,
        f"From: {sender}",
        f"To: {to or mailbox}",
        "Subject: Your one-time authentication code from Arlo",
        *([f"Date: {date}"] if date else []),
        "MIME-Version: 1.0",
        "Content-Type: text/html; charset=utf-8",
        "",
        page(code) if body is None else body,
        "",
    ]
    return Mail("\r\n".join(lines).encode(), recipient, envelope_from, spam=spam, virus=virus)
