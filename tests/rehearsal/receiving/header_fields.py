"""The header fields that SES puts on top of a mail before it stores it, in its order.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html#receiving-email-auth-and-scan
"""

import secrets
from datetime import datetime
from email.utils import format_datetime

from receiving.authentication import Results


def on_top(
    results: Results,
    *,
    envelope_from: str,
    recipient: str,
    client: str,
    helo: str,
    region: str,
    at: datetime,
    scan: bool,
) -> bytes:
    """`scan` is the rule's ScanEnabled: without it the two verdicts are absent."""
    spf = f"{results.spf} (spfCheck: {spf_reason(results.spf, envelope_from)})"
    facts = f"client-ip={client}; envelope-from={envelope_from}; helo={helo};"
    signatures = [f"dkim=pass header.i={identity};" for identity in results.dkim_pass]
    if not signatures:
        signatures = [f"dkim={results.dkim} header.i=@{results.header_from};"] if results.dkim == "fail" else []
    fields = [
        f"Return-Path: <{envelope_from}>",
        f"Received: from {helo} ({helo} [{client}])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {secrets.token_hex(20)}",
        f" for {recipient};",
        f" {format_datetime(at)}",
        *(["X-SES-Spam-Verdict: PASS", "X-SES-Virus-Verdict: PASS"] if scan else []),
        f"Received-SPF: {spf} {facts}",
        "Authentication-Results: amazonses.com;",
        f" spf={spf} {facts}",
        *(f" {signature}" for signature in signatures),
        f" dmarc={results.dmarc} header.from={results.header_from};",
        f"X-SES-RECEIPT: {secrets.token_urlsafe(60)}",
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b={secrets.token_urlsafe(60)};",
    ]
    return "".join(f"{field}\r\n" for field in fields).encode()


def spf_reason(result: str, envelope_from: str) -> str:
    domain = envelope_from.rpartition("@")[2]
    if result == "pass":
        return f"domain of {domain} designates the client as permitted sender"
    return f"domain of {domain} does not designate the client as permitted sender"
