"""A deployed stack, as CloudFormation tells of it; and what template.yaml says of every stack."""

import re
from dataclasses import dataclass
from pathlib import Path

from deploy.programs import account, ask

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
# The stack's tag that names the bucket which its programs were deployed from.
ARTIFACTS = "mfa-relay:artifacts"


@dataclass(frozen=True)
class Stack:
    """Outputs and tags by name."""

    outputs: dict[str, str]
    tags: dict[str, str]
    status: str


def find(region: str, name: str) -> Stack | None:
    told = ask("cloudformation", "describe-stacks", "--region", region, "--stack-name", name)
    if not told:
        return None
    [found] = told["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Stack(outputs, tags, found["StackStatus"])


def resource(region: str, stack: str, logical: str) -> str | None:
    """The name that CloudFormation gave to a resource of the stack."""
    where = ("--region", region, "--stack-name", stack, "--logical-resource-id", logical)
    told = ask("cloudformation", "describe-stack-resource", *where)
    return told["StackResourceDetail"]["PhysicalResourceId"] if told else None


def has_bucket(region: str, bucket: str) -> bool:
    """Whether this account has the bucket. Its name can be guessed, and programs go into no bucket of another's."""
    owner = ("--expected-bucket-owner", account())
    return ask("s3api", "get-bucket-location", "--bucket", bucket, "--region", region, *owner) is not None


def receives_mail(region: str) -> bool:
    """Whether template.yaml lists the region. The first row of the list begins with two hyphens: a list in a list."""
    row = rf"^ +(- )+{re.escape(region)}$"
    return re.search(row, TEMPLATE.read_text(), re.MULTILINE) is not None and "-" in region


def address_pattern() -> str:
    return re.search(r"AllowedPattern: '(.*@.*)'\n    ConstraintDescription", TEMPLATE.read_text())[1]


def version() -> str:
    return re.search(r"SemanticVersion: &version (\S+)", TEMPLATE.read_text())[1]
