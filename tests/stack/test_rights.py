"""The roles' policies against what the whole run has asked for: nothing lacking, nothing to spare."""

import pytest
from botocore.exceptions import ClientError

from front import Role
from moto_server import ACCOUNT, REGION
from relay_client import Relay
from rights import Grant, Right

# What the run cannot see being used, because AWS uses it on the function's behalf.
UNSEEN = {
    "logs:CreateLogStream": "Lambda opens the log with the function's role",
    "logs:PutLogEvents": "Lambda writes the log with the function's role",
    "sqs:SendMessage": "Lambda sends what failed for good with the function's role",
}


@pytest.fixture
def whole_run(request: pytest.FixtureRequest) -> None:
    """For judgements that a part of the suite cannot bear."""
    ran = {item.path for item in request.session.items}
    if not ran.issuperset(request.path.parent.glob("test_*.py")):
        pytest.skip("a part of the suite does not use every right")


def test_no_function_asked_for_what_it_may_not(relay: Relay) -> None:
    assert relay.front.record.objections == []


def test_the_front_refuses_what_a_policy_lacks(relay: Relay) -> None:
    prestage = role_of(relay, "prestage")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{relay.stack.table}"

    def may(action: str, resource: str, key: str) -> bool:
        return prestage.may(Right(action, resource, {"dynamodb:LeadingKeys": (key,)}))

    assert may("dynamodb:UpdateItem", table, "request#x")
    assert not may("dynamodb:UpdateItem", table, "tag#x")
    assert not may("dynamodb:PutItem", table, "request#x")
    assert not may("dynamodb:UpdateItem", f"{table}s", "request#x")


def test_moto_refuses_what_a_policy_lacks(relay: Relay) -> None:
    credentials = role_of(relay, "prestage").credentials
    objects = credentials.client("s3", relay.moto.endpoint)
    items = credentials.client("dynamodb", relay.moto.endpoint)
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.delete_object(Bucket=relay.stack.bucket, Key="status/x")
    with pytest.raises(ClientError, match="AccessDenied"):
        items.delete_item(TableName=relay.stack.table, Key={"pk": {"S": "request#x"}})


@pytest.mark.usefixtures("whole_run")
def test_every_right_that_is_granted_is_used(relay: Relay) -> None:
    spare = [f"{who} needs not {grant}" for who, grant in granted(relay) if not used(relay, who, grant)]
    assert spare == []


def test_nobody_but_the_service_may_assume_a_role(relay: Relay) -> None:
    for name, role in relay.stack.roles.items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = "scheduler" if "schedule" in name else "lambda"
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert statement["Action"] == "sts:AssumeRole"


def role_of(relay: Relay, function: str) -> Role:
    (role,) = (role for role in relay.front.roles.values() if role.function == function)
    return role


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
    return any(user == who and grant.covers(right) for user, right in relay.front.record.used)
