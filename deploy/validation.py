"""Checks of the arguments that need no AWS, and therefore run before anything is installed or built."""

from __future__ import annotations

import re
from argparse import Namespace

from deploy import facts, relay_address

# The arguments that become a parameter of the template: as it is typed, the parameter, and the unit of its value.
PARAMETERS = {
    "relay_address": ("The relay address", "RelayAddress", ""),
    "hosted_zone_id": ("--hosted-zone-id", "HostedZoneId", ""),
    "rule_set": ("--rule-set", "RuleSetName", ""),
    "owner_email": ("--owner-email", "OwnerEmail", ""),
    "window": ("--window", "WindowSeconds", " seconds"),
    "log_days": ("--log-days", "LogRetentionDays", " days"),
}
# The parameters that --limit sets: what the relay may use and cost, by default what a household needs.
LIMITS = (
    *("FloodMails", "FloodPauseHours", "ApiRate", "ApiBurst"),
    *("TableReadUnits", "TableWriteUnits", "FunctionMemory"),
)
# An empty value of these unsets the parameter. An empty id of a zone is refused: it would delete the DNS records.
UNSET_BY_EMPTY = ("rule_set", "owner_email")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
RESERVED_BUCKETS = ("xn--", "sthree-", "amzn-s3-demo-")


def wrong_values(given: Namespace) -> list[str]:
    """One sentence for each wrong value: what is right, and what was given."""
    return [*wrong_region(given.region), *wrong_stack(given.stack), *wrong_parameters(given)]


def wrong_region(region: str) -> list[str]:
    if region in facts.REGIONS:
        return []
    return [f"The region must be one in which SES receives mail: {', '.join(facts.REGIONS)} (got '{region}')."]


def wrong_stack(name: str) -> list[str]:
    """A stack's name becomes part of other names, whose services refuse it only after minutes of building."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        problem = "must begin with a letter and hold only letters, digits and hyphens"
    elif len(name) > 40:
        # SES allows 64 to a rule set, and CloudFormation adds "-RuleSet-" and 12 characters to the stack's name.
        problem = "must have at most 40 characters, because SES limits the name of its rule set"
    elif name.endswith("-"):
        # https://docs.aws.amazon.com/ses/latest/APIReference/API_ReceiptRule.html
        problem = "must end with a letter or digit, because the SES rule has the same name"
    elif name.lower() == "default":
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html
        problem = "must not be 'default', because EventBridge Scheduler has a schedule group of that name"
    elif name.lower().startswith(RESERVED_BUCKETS):
        problem = f"must not begin with {' or '.join(RESERVED_BUCKETS)}, because S3 reserves such names for buckets"
    else:
        return []
    return [f"The name of the stack {problem} (got '{name}')."]


def wrong_parameters(given: Namespace) -> list[str]:
    problems = []
    for name, (argument, parameter, unit) in PARAMETERS.items():
        value = relay_address.example(given.relay_address) if name == "relay_address" else getattr(given, name)
        if value == "" and name in UNSET_BY_EMPTY:
            continue
        if value is not None and not facts.is_allowed(parameter, value):
            typed = getattr(given, name)
            got = typed if unit and typed else f"'{typed}'"
            problems.append(f"{argument} must be {facts.requirement(parameter)}{unit} (got {got}).")
    problems += [problem for limit in given.limit or () for problem in wrong_limit(limit)]
    if given.artifacts is not None and not BUCKET.fullmatch(given.artifacts):
        problems.append(
            "The artifact bucket must be the name of an S3 bucket: "
            f"3 to 63 lower-case letters, digits, hyphens and dots (got '{given.artifacts}')."
        )
    return problems


def wrong_limit(limit: str) -> list[str]:
    name, _, value = limit.partition("=")
    if name not in LIMITS:
        return [f"--limit must be NAME=VALUE with one of {', '.join(LIMITS)} (got '{limit}')."]
    if not facts.is_allowed(name, value):
        return [f"--limit {name} must be {facts.requirement(name)} (got '{value}')."]
    return []
