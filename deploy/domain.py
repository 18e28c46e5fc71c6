"""The relay address's domain: whether SES knows it, and how its mail comes to SES."""

import os
import time
from argparse import Namespace

from deploy import stack
from deploy.programs import ask

# SES looks at the DNS every few minutes; Route 53's records are seen within one or two.
PATIENCE = float(os.environ.get("MFA_RELAY_PATIENCE_SECONDS", 600))
PAUSE = PATIENCE / 60


def of(address: str) -> str:
    return address.partition("@")[2]


def identity(asked: Namespace) -> str:
    """Whether the stack makes SES's identity of the domain, or finds one that is not its own."""
    owned = stack.resource(asked.region, asked.stack, "Identity")
    domain = of(asked.address)
    return "create" if owned == domain or not told(asked.region, domain) else "existing"


def told(region: str, domain: str) -> dict | None:
    """What SES says of the domain."""
    return ask("sesv2", "get-email-identity", "--region", region, "--email-identity", domain)


def is_verified(region: str, domain: str) -> bool:
    return bool((told(region, domain) or {}).get("VerifiedForSendingStatus"))


def dkim_records(region: str, domain: str, outputs: dict[str, str]) -> list[str]:
    """What shows SES that the domain is the owner's: from the stack, or from the identity that it found there."""
    records = [outputs[name] for name in ("DkimRecord1", "DkimRecord2", "DkimRecord3") if name in outputs]
    if records:
        return records
    tokens = (told(region, domain) or {}).get("DkimAttributes", {}).get("Tokens", [])
    return [f"{token}._domainkey.{domain}. CNAME {token}.dkim.amazonses.com." for token in tokens]


def wrong_in_zone(asked: Namespace, is_new: bool) -> list[str]:
    """What is in the way in the hosted zone."""
    zone, domain = asked.hosted_zone_id, of(asked.address)
    if not zone:
        return []
    found = ask("route53", "get-hosted-zone", "--id", zone)
    if not found:
        return [f"--hosted-zone-id '{zone}': this account has no such zone; aws route53 list-hosted-zones tells them"]
    name = found["HostedZone"]["Name"].rstrip(".")
    if found["HostedZone"].get("Config", {}).get("PrivateZone"):
        return [f"--hosted-zone-id '{zone}': it is a private zone, which no mail server sees; name the public one"]
    if domain != name and not domain.endswith(f".{name}"):
        return [f"--hosted-zone-id '{zone}': it is the zone of {name}, and the relay address is at {domain}"]
    start = ("--start-record-name", domain, "--start-record-type", "MX", "--max-items", "1")
    records = ask("route53", "list-resource-record-sets", "--hosted-zone-id", zone, *start) or {}
    for record in records.get("ResourceRecordSets", []):
        if is_new and (record["Name"].rstrip("."), record["Type"]) == (domain, "MX"):
            return [f"{domain} receives mail elsewhere (it has an MX record): choose a subdomain without mail"]
    return []


def see_verified(asked: Namespace, outputs: dict[str, str]) -> None:
    """Waits until SES knows that the domain is the owner's, or says what is left to do."""
    domain = of(asked.address)
    records = dkim_records(asked.region, domain, outputs)
    if not asked.hosted_zone_id:
        print(
            f"\nThe DNS of {domain} needs these records, unless it has them:", outputs["MxRecord"], *records, sep="\n  "
        )
        if not is_verified(asked.region, domain):
            print(f"SES sees them within minutes:\n  ./deploy.sh --check {asked.region} {asked.stack}")
        return
    if "DkimRecord1" not in outputs and not is_verified(asked.region, domain):
        print(f"\nSES had {domain} before this stack, and does not know yet that it is yours. Its DNS needs:")
        print(*records, sep="\n  ")
    print(f"\nWaiting until SES sees the records of {domain} (a few minutes) ...", flush=True)
    until = time.monotonic() + PATIENCE
    while not is_verified(asked.region, domain):
        if time.monotonic() >= until:
            print(f"SES has not seen them yet. Nothing is lost: ./deploy.sh --check {asked.region} {asked.stack}")
            return
        time.sleep(PAUSE)
    print(f"SES knows that {domain} is yours.")
