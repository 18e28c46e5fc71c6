"""What in the account prevents a deployment, found before minutes go into a build."""

from __future__ import annotations

from argparse import Namespace

from deploy import aws, defaults, domain, rule_sets, stack, zone
from deploy.errors import DeployError
from deploy.stack import Stack


def of(given: Namespace) -> list[str]:
    """One sentence for each conflict. Completes the arguments with what the deployed stack and its zone say."""
    try:
        aws.account(given.region)
    except DeployError as error:
        return [str(error)]
    deployed = stack.find(given.region, given.stack)
    defaults.fill(given, deployed)
    return [*state(given, deployed), *rule_sets.conflicts(given, deployed), *records(given, deployed)]


def state(given: Namespace, deployed: Stack | None) -> list[str]:
    """CloudFormation updates a stack in any state but some."""
    if not deployed:
        return []
    advice = stack.way_out(given.region, given.stack, deployed.status)
    return [f"The stack {given.stack} is {deployed.status}. {advice}"] if advice else []


def records(given: Namespace, deployed: Stack | None) -> list[str]:
    """Whether the hosted zone has room for the DNS records. The records that it has already are left to it."""
    given.dns_records = None
    if not given.hosted_zone_id:
        return []
    host = domain.of(given.relay_address)
    if conflict := zone.conflict(given.region, given.hosted_zone_id, host):
        return [conflict]
    problems, given.dns_records = zone.examine(given.region, given.stack, given.hosted_zone_id, host, deployed)
    return problems
