"""What an option stands for that is left out: the value that the stack has."""

from __future__ import annotations

from argparse import Namespace

from deploy import relay_address
from deploy.stack import Stack


def fill(given: Namespace, deployed: Stack | None) -> None:
    """Fills in what must be known before the deployment. The other parameters CloudFormation keeps by itself."""
    known = deployed.parameters if deployed else {}
    if given.hosted_zone_id is None:
        given.hosted_zone_id = known.get("HostedZoneId") or None
    given.relay_address = relay_address.complete(given.relay_address, known.get("RelayAddress"))
    if given.arm64 is None:
        given.arm64 = known.get("Architecture") == "arm64"
