"""SES's receipt rule sets. One is active in a region; the stack has its own, or adds its rule to the account's."""

from __future__ import annotations

from argparse import Namespace

from deploy import aws, stack
from deploy.stack import Stack


def active(region: str) -> dict:
    """The active rule set with its rules, as SES describes it. Empty if none is active."""
    return aws.find("ses", "describe-active-receipt-rule-set", "--region", region) or {}


def exists(region: str, name: str) -> bool:
    return aws.find("ses", "describe-receipt-rule-set", "--region", region, "--rule-set-name", name) is not None


def activation(region: str, name: str) -> str:
    return f"aws ses set-active-receipt-rule-set --region {region} --rule-set-name {name}"


def conflicts(given: Namespace, deployed: Stack | None) -> list[str]:
    """Why the stack cannot receive mail by the rule set that it has or is to have."""
    now = active(given.region).get("Metadata", {}).get("Name")
    own = stack.physical_id(given.region, given.stack, "RuleSet") if deployed else None
    if given.rule_set and given.rule_set == own:
        return [
            f"--rule-set must be a rule set of the account's, and '{own}' is the stack's own. Leave the option out."
        ]
    if given.rule_set and given.rule_set != now:
        return [
            f"--rule-set must be the active rule set ({now or 'none is active'}), got '{given.rule_set}'. "
            f"Leave the option out, or activate it: {activation(given.region, given.rule_set)}"
        ]
    if given.rule_set:
        # The stack then deletes its own set, if it has one.
        return shared(given.region, given.stack, own)
    # Without the option the stack stays in the set that it has joined; with an empty one it takes a set of its own.
    joined = deployed.outputs.get("RuleSetName") if deployed and given.rule_set is None else None
    if now and now not in (own, joined):
        return [
            f"SES already receives mail with the rule set '{now}', which must stay active. "
            f"Join it: add --rule-set {now}"
        ]
    return []


def shared(region: str, name: str, own: str | None) -> list[str]:
    """What must happen before the stack's own rule set can be deleted: nothing, unless it holds rules of others."""
    target = ("--region", region, "--rule-set-name", own or "")
    rules = (aws.find("ses", "describe-receipt-rule-set", *target) or {}).get("Rules", []) if own else []
    others = [rule["Name"] for rule in rules if rule["Name"] != name]
    if not others:
        return []
    lines = [
        f"The rule set {own} of the stack {name} holds rules of others too: {', '.join(others)}. Without it they "
        "receive no mail. Delete those relays first, or move them to a rule set that stays; then run this again:",
        f"aws ses create-receipt-rule-set --region {region} --rule-set-name mail",
        activation(region, "mail"),
        *(move(region, other) for other in others),
    ]
    return ["\n    ".join(lines)]


def move(region: str, rule: str) -> str:
    """How a rule gets into the rule set `mail`. The rule of a relay has the name of its stack."""
    other = stack.find(region, rule)
    address = other.outputs.get("RelayAddress") if other else None
    if not address:
        return f"the rule {rule}: create it in 'mail' in SES's console, with the same recipients and actions"
    return f"./deploy.sh {region} {rule} {address} --rule-set mail"
