"""Which rights a call of the AWS CLI needs, and which ones deploy/deployer.yaml gives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fakes import PROJECT
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = yaml_parse((PROJECT / "deploy" / "deployer.yaml").read_text())
ACCOUNT, REGION = "123456789012", "eu-west-1"

# The service in IAM, if the AWS CLI calls it otherwise.
SERVICES = {"s3api": "s3", "sesv2": "ses"}
# Commands that are not one call of the same name. https://docs.aws.amazon.com/cli/latest/reference/
COMMANDS = {
    "cloudformation deploy": {
        *("cloudformation:DescribeStacks", "cloudformation:GetTemplateSummary", "cloudformation:CreateChangeSet"),
        *("cloudformation:DescribeChangeSet", "cloudformation:ExecuteChangeSet", "s3:PutObject", "s3:GetObject"),
    },
    "cloudformation package": {"s3:PutObject", "s3:GetObject"},
    "cloudformation wait": {"cloudformation:DescribeStacks"},
    "lambda invoke": {"lambda:InvokeFunction"},
    "s3 rb": {"s3:ListBucket", "s3:DeleteObject", "s3:DeleteBucket"},
    "s3 rm": {"s3:ListBucket", "s3:DeleteObject"},
    "s3api delete-objects": {"s3:DeleteObject"},
    "s3api list-objects-v2": {"s3:ListBucket"},
    # Nobody can be denied it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    "sts get-caller-identity": set(),
}


def needed(call: list[str]) -> set[str]:
    """The actions that a call of `aws` needs, given as its words."""
    _, service, *rest = call
    if service.startswith("--"):
        return set()
    command = rest[0]
    named = COMMANDS.get(f"{service} {command}")
    action = "".join(word.capitalize() for word in command.split("-"))
    return {f"{SERVICES.get(service, service)}:{action}"} if named is None else named


@dataclass(frozen=True)
class Grant:
    """An action on a resource, both with wildcards, as a statement allows it."""

    action: str
    resource: str

    def covers(self, action: str, resource: str) -> bool:
        # IAM's wildcards are those of fnmatch, without its brackets. Actions are compared without regard to case.
        return fnmatchcase(action.lower(), self.action.lower()) and fnmatchcase(resource, self.resource)


def policy(name: str, **parameters: str) -> dict:
    """The document of a managed policy, with these parameters in place of the defaults."""
    return Resolver(parameters).value(TEMPLATE["Resources"][name]["Properties"]["PolicyDocument"])


def grants(name: str, **parameters: str) -> Iterator[Grant]:
    for statement in policy(name, **parameters)["Statement"]:
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield Grant(action, resource)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


class Resolver:
    """CloudFormation's functions, as far as deployer.yaml uses them. An unknown one is an error."""

    def __init__(self, parameters: dict[str, str]):
        defaults = {name: declared["Default"] for name, declared in TEMPLATE["Parameters"].items()}
        pseudo = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
        self.names = defaults | pseudo | parameters

    def value(self, node):
        match node:
            case {"Ref": name}:
                return self.names.get(name, f"<{name}>")
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([\w:]+)\}", lambda found: self.names[found[1]], text)
            case {"Fn::If": [condition, chosen, other]}:
                return self.value(chosen if self.holds({"Condition": condition}) else other)
            case dict():
                return {key: self.value(inner) for key, inner in node.items()}
            case list():
                values = [self.value(inner) for inner in node]
                return [value for value in values if value != "<AWS::NoValue>"]
            case _:
                return node

    def holds(self, node) -> bool:
        match node:
            case {"Condition": name}:
                return self.holds(TEMPLATE["Conditions"][name])
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": inner}:
                return all(map(self.holds, inner))
            case {"Fn::Equals": [left, right]}:
                return self.value(left) == self.value(right)
        raise LookupError(node)
