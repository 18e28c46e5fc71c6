"""What a role may do, by the policies that the template gives it.

moto judges a call by its action alone, and for S3 by its object. The resources of the other services and every
Condition are judged here. Evaluation logic:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Permission:
    """What one call needs: an action on a resource. `context` holds the values of condition keys."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        keys = " ".join(f"{key}={','.join(values)}" for key, values in self.context.items())
        return f"{self.action} on {self.resource} {keys}".rstrip()


@dataclass(frozen=True)
class Grant:
    """One action on one resource as a policy allows it, under one value of its condition."""

    action: str
    resource: str
    condition: tuple[str, str, str] | None = None  # operator, key, value

    def covers(self, needed: Permission) -> bool:
        return (
            matches(self.action.lower(), needed.action.lower())
            and matches(self.resource, needed.resource)
            and (self.condition is None or holds(self.condition, needed.context))
        )

    def __str__(self) -> str:
        return f"{self.action} on {self.resource} {' '.join(self.condition or ())}".rstrip()


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` is any run of characters, `?` is one."""
    wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, text) is not None


def holds(condition: tuple[str, str, str], context: Mapping[str, tuple[str, ...]]) -> bool:
    operator, key, value = condition
    present = context.get(key, ())
    match operator:
        case "StringEquals":
            return value in present
        case "StringLike":
            return any(matches(value, one) for one in present)
        case "ForAllValues:StringEquals":
            return all(one == value for one in present)
        case "ForAllValues:StringLike":
            return all(matches(value, one) for one in present)
    raise NotImplementedError(f"condition {operator}")


def as_list(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def grants(policies: list[dict]) -> Iterator[Grant]:
    """Every grant of the policies, one by one, so that each can be seen to be used.

    One condition key with several values becomes several grants. That is IAM's rule as long as a call carries one
    value of the key, as every call of the relay does.
    """
    for policy in policies:
        for statement in as_list(policy["Statement"]):
            if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & statement.keys():
                raise NotImplementedError(f"statement {statement}")
            for condition in conditions(statement.get("Condition", {})):
                for action in as_list(statement["Action"]):
                    for resource in as_list(statement["Resource"]):
                        yield Grant(action, resource, condition)


def conditions(block: dict) -> list[tuple[str, str, str] | None]:
    found = [
        (operator, key, value)
        for operator, keys in block.items()
        for key, values in keys.items()
        for value in as_list(values)
    ]
    if len({(operator, key) for operator, key, _ in found}) > 1:
        raise NotImplementedError(f"several conditions at once: {block}")
    return list(found) or [None]
