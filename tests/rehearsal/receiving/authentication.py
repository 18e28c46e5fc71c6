"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of a mail, evaluated against the rehearsal's own DNS."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr

import dkim
import dns.exception
import spf

from dns_client import Dns


@dataclass(frozen=True)
class Results:
    """What was proven of a mail. `dkim_pass` holds the identity (`i=`) of each signature that passed."""

    spf: str
    dkim: str
    dkim_pass: tuple[str, ...]
    dmarc: str
    dmarc_policy: str
    header_from: str


def authenticate(raw: bytes, client: str, helo: str, envelope_from: str, resolver: Dns) -> Results:
    spf_result = evaluate_spf(client, helo, envelope_from, resolver)
    dkim_result, passed = evaluate_dkim(raw, resolver)
    header_from = parseaddr(message_from_bytes(raw).get("From", ""))[1].rpartition("@")[2].lower()
    domains = [identity.rpartition("@")[2] for identity in passed]
    if spf_result == "pass":
        domains.append(envelope_from.rpartition("@")[2])
    policy = dmarc_policy(header_from, resolver)
    dmarc = "none" if policy is None else "pass" if any(aligned(d, header_from) for d in domains) else "fail"
    return Results(spf_result, dkim_result, passed, dmarc, policy or "none", header_from)


def evaluate_spf(client: str, helo: str, envelope_from: str, resolver: Dns) -> str:
    # The library keeps its resolver in a global.
    spf.DNSLookup = resolver.for_spf
    return spf.check2(client, envelope_from, helo)[0]


def evaluate_dkim(raw: bytes, resolver: Dns) -> tuple[str, tuple[str, ...]]:
    """The overall result, and the identity of each signature that passed."""
    signatures = [value for name, value in dkim.rfc822_parse(raw)[0] if name.lower() == b"dkim-signature"]
    passed = []
    for number, signature in enumerate(signatures):
        try:
            valid = dkim.DKIM(raw).verify(number, dnsfunc=resolver.for_dkim)
        except (dkim.DKIMException, dns.exception.DNSException):
            valid = False
        if valid:
            passed.append(identity_of(signature.decode()))
    return ("pass" if passed else "fail" if signatures else "none"), tuple(passed)


def identity_of(signature: str) -> str:
    """The tag `i=`, which is `@` and the tag `d=` by default (RFC 6376 section 3.5)."""
    tags = dict(re.findall(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;\s]*)", signature))
    return tags.get("i") or f"@{tags['d']}"


def dmarc_policy(domain: str, resolver: Dns) -> str | None:
    """The policy of the domain or of its organizational domain, here its last two labels. `None` without a record."""
    for name in dict.fromkeys((domain, ".".join(domain.split(".")[-2:]))):
        for text in resolver.texts(f"_dmarc.{name}"):
            if found := re.match(r"v=DMARC1\s*;.*\bp=(\w+)", text):
                return found[1]
    return None


def aligned(authenticated: str, header_from: str) -> bool:
    """Relaxed alignment (RFC 7489 section 3.1): the same organizational domain."""
    return authenticated.lower().split(".")[-2:] == header_from.split(".")[-2:]
