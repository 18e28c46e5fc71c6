"""The relay address's domain: whether SES has verified it, and the DNS records that it needs."""

from __future__ import annotations

import os
import time
from argparse import Namespace

from deploy import aws, ci, stack

# SES looks at the DNS every few minutes; it sees Route 53's records within one or two.
TIMEOUT = float(os.environ.get("MFA_RELAY_PATIENCE_SECONDS", 600))
POLL_INTERVAL = TIMEOUT / 60


def of(address: str) -> str:
    """The domain of an address; a domain is its own."""
    return address.rpartition("@")[2]


def identity_parameter(given: Namespace) -> str:
    """Whether the stack creates SES's identity of the domain, or uses one that existed before it."""
    owned = stack.physical_id(given.region, given.stack, "Identity")
    domain = of(given.relay_address)
    return "create" if owned == domain or not identity(given.region, domain) else "existing"


def identity(region: str, domain: str) -> dict | None:
    """SES's identity of the domain. Returns `None` if there is none."""
    return aws.find("sesv2", "get-email-identity", "--region", region, "--email-identity", domain)


def is_verified(region: str, domain: str) -> bool:
    return bool((identity(region, domain) or {}).get("VerifiedForSendingStatus"))


def dkim_records(region: str, domain: str, outputs: dict[str, str]) -> list[str]:
    """The records that prove to SES who owns the domain: from the stack, or from an identity that existed before it."""
    records = [outputs[name] for name in ("DkimRecord1", "DkimRecord2", "DkimRecord3") if name in outputs]
    if records:
        return records
    attributes = (identity(region, domain) or {}).get("DkimAttributes", {})
    # Some regions have a zone of their own for the keys, e.g. dkim.af-south-1.amazonses.com:
    # https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html
    zone = attributes.get("SigningHostedZone")
    if not zone:
        return [
            f"the DKIM records that SES's console shows under Identities, {domain} (this AWS CLI does not name them)"
        ]
    return [f"{token}._domainkey.{domain}. CNAME {token}.{zone}." for token in attributes.get("Tokens", [])]


def wait_until_verified(given: Namespace, outputs: dict[str, str]) -> None:
    """Waits until SES has verified the domain, or prints the DNS records that are still to be created."""
    domain = of(given.relay_address)
    check = f"./deploy.sh --check {given.region} {given.stack}"
    if ci.is_log():
        print(f"\nWhether SES has verified the domain, and which DNS records it needs, tells\n  {check}")
        return
    records = dkim_records(given.region, domain, outputs)
    if not given.hosted_zone_id:
        records = [outputs["MxRecord"], *records]
        print(f"\nCreate these DNS records of {domain}, if they do not exist:", *records, sep="\n  ")
        if not is_verified(given.region, domain):
            print(f"SES sees them within minutes. Check it:\n  {check}")
        return
    if "DkimRecord1" not in outputs and not is_verified(given.region, domain):
        print(f"\nSES knew {domain} before this stack, and has not verified it. Create these DNS records:", end="\n  ")
        print(*records, sep="\n  ")
    print(f"\nWaiting until SES has verified {domain} (a few minutes) ...")
    deadline = time.monotonic() + TIMEOUT
    while not is_verified(given.region, domain):
        if time.monotonic() >= deadline:
            print(f"SES has not seen the DNS records yet. The stack is deployed; check it later:\n  {check}")
            return
        time.sleep(POLL_INTERVAL)
    print(f"SES has verified {domain}.")
