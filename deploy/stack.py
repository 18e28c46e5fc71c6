"""A deployed stack, as CloudFormation describes it."""

from __future__ import annotations

from dataclasses import dataclass

from deploy import aws
from deploy.errors import DeployError

# The stack's tag that names the bucket from which its programs were deployed.
ARTIFACTS = "mfa-relay:artifacts"


@dataclass(frozen=True)
class Stack:
    """Outputs, parameters and tags by name."""

    outputs: dict[str, str]
    parameters: dict[str, str]
    tags: dict[str, str]
    status: str


def find(region: str, name: str) -> Stack | None:
    answer = aws.find("cloudformation", "describe-stacks", "--region", region, "--stack-name", name)
    if not answer:
        return None
    [found] = answer["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", [])}
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Stack(outputs, parameters, tags, found["StackStatus"])


def deployed(region: str, name: str) -> Stack:
    """The stack, if it can be used: otherwise says what to do."""
    aws.account(region)
    found = find(region, name)
    if not found:
        raise DeployError(
            f"There is no stack {name} in {region}. List the stacks: aws cloudformation list-stacks --region {region}"
        )
    if "RelayAddress" not in found.outputs:
        raise DeployError(
            f"The stack {name} is {found.status}, and nothing in it can be used. "
            + (way_out(region, name, found.status) or f"Delete it: ./deploy.sh --delete {region} {name}")
        )
    return found


def way_out(region: str, name: str, status: str) -> str:
    """What must be done before CloudFormation can update a stack in this state. Empty if it can."""
    target = f"--region {region} --stack-name {name}"
    if status in ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        return f"Delete it first: ./deploy.sh --delete {region} {name}"
    if status == "UPDATE_ROLLBACK_FAILED":
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
        return (
            f"An update failed, and so did the way back. Its events say why: aws cloudformation describe-stack-events "
            f"{target}. Put that right, then: aws cloudformation continue-update-rollback {target}"
        )
    # A review waits for its change set, which a deployment replaces.
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        return "Something else changes it just now: wait until it is done, then run deploy.sh again."
    return ""


def physical_id(region: str, stack: str, logical_id: str) -> str | None:
    """The name that CloudFormation gave to a resource of the stack."""
    target = ("--region", region, "--stack-name", stack, "--logical-resource-id", logical_id)
    answer = aws.find("cloudformation", "describe-stack-resource", *target)
    return answer["StackResourceDetail"]["PhysicalResourceId"] if answer else None


def owns_bucket(region: str, bucket: str) -> bool:
    """Whether this account has the bucket. Its name can be guessed, and nothing is uploaded to a stranger's bucket."""
    owner = ("--expected-bucket-owner", aws.account(region))
    return aws.find("s3api", "get-bucket-location", "--bucket", bucket, "--region", region, *owner) is not None
