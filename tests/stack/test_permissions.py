"""The roles' policies against what the whole run used: nothing lacking, nothing to spare."""

import pytest
from botocore.exceptions import ClientError

from moto_server import ACCOUNT, REGION
from permissions import Grant, Permission
from relay import Relay

# What the run cannot see in use, because AWS uses it on the function's behalf.
UNSEEN = {
    "logs:CreateLogStream": "Lambda opens the log with the function's role",
    "logs:PutLogEvents": "Lambda writes the log with the function's role",
    "sqs:SendMessage": "Lambda sends events that failed for good with the function's role",
}


def test_no_function_lacked_a_permission(relay: Relay) -> None:
    assert relay.proxy.record.violations == []


@pytest.mark.usefixtures("whole_run")
def test_every_permission_that_is_granted_is_used(relay: Relay) -> None:
    spare = [f"{who} needs not {grant}" for who, grant in granted(relay) if not used(relay, who, grant)]
    assert spare == []


def test_the_proxy_denies_what_a_policy_lacks(relay: Relay) -> None:
    prestage = relay.proxy.role_of("prestage")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{relay.stack.table}"

    def may(action: str, resource: str, key: str) -> bool:
        return prestage.may(Permission(action, resource, {"dynamodb:LeadingKeys": (key,)}))

    assert may("dynamodb:UpdateItem", table, "request#x")
    assert not may("dynamodb:UpdateItem", table, "tag#x")
    assert not may("dynamodb:DeleteItem", table, "request#x")
    assert not may("dynamodb:UpdateItem", f"{table}s", "request#x")


def test_moto_denies_what_a_policy_lacks(relay: Relay) -> None:
    prestage = relay.proxy.role_of("prestage").credentials
    s3 = prestage.client("s3", relay.moto.endpoint)
    dynamodb = prestage.client("dynamodb", relay.moto.endpoint)
    setup_s3 = relay.proxy.role_of("setup").credentials.client("s3", relay.moto.endpoint)
    relay.s3.create_bucket(Bucket="not-the-stacks")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=relay.stack.bucket, Key="status/x")
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.delete_item(TableName=relay.stack.table, Key={"pk": {"S": "request#x"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        setup_s3.list_object_versions(Bucket="not-the-stacks")
    relay.s3.delete_bucket(Bucket="not-the-stacks")


def test_only_its_service_may_assume_a_role(relay: Relay) -> None:
    for name, role in relay.stack.roles.items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = "scheduler" if "schedule" in name else "lambda"
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert statement["Action"] == "sts:AssumeRole"


def granted(relay: Relay) -> list[tuple[str, Grant]]:
    """Every grant of every role, by the name of who has it."""
    owners = {function.role: name for name, function in relay.stack.functions.items()}
    return [
        (owners.get(role, "schedule"), grant)
        for role in relay.stack.roles
        for grant in relay.stack.grants(role)
        if grant.action not in UNSEEN
    ]


def used(relay: Relay, who: str, grant: Grant) -> bool:
    return any(user == who and grant.covers(permission) for user, permission in relay.proxy.record.used)
