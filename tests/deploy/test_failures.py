"""A deployment that CloudFormation cannot do: which resource failed, why, and what to do."""

import pytest
from accounts import ARGUMENTS, EMPTY, NEW, described
from fakes import DENIED

FAILING = {"aws cloudformation deploy": DENIED}


def event(number: int, resource: str, status: str, reason: str | None = None) -> dict:
    row = {
        "EventId": f"{resource}-{number}",
        "StackId": "id",
        "PhysicalResourceId": resource,
        "ResourceType": "AWS::X::Y",
    }
    named = row | {"LogicalResourceId": resource, "ResourceStatus": status}
    return named | ({"ResourceStatusReason": reason} if reason else {})


def history(*events: dict) -> dict:
    """What CloudFormation lists, the latest event first: at first only what was before the deployment."""
    before = [event(1, name, "UPDATE_FAILED", "an earlier deployment") for name in ("Rule", "Bucket")]
    listed = [{"StackEvents": before}, {"StackEvents": [*events[::-1], *before]}]
    return {"aws cloudformation describe-stack-events": listed}


LISTED = history(
    event(2, "id", "UPDATE_IN_PROGRESS", "User Initiated"),
    event(3, "Table", "UPDATE_FAILED", "the ceiling is too low"),
    event(4, "Rule", "UPDATE_FAILED", "Resource update cancelled"),
    event(5, "Identity", "CREATE_FAILED"),
    event(6, "id", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed: [Table, Identity]."),
)


def stack(status: str) -> dict:
    return EMPTY | {"aws cloudformation describe-stacks": [described(), described(), described(status=status)]}


def test_each_resource_that_failed_is_named_with_its_reason_the_first_one_first(deploy):
    run = deploy(*ARGUMENTS, answers=stack("UPDATE_ROLLBACK_COMPLETE") | FAILING | LISTED)
    assert run.code == 1
    lines = [line for line in run.stderr.splitlines() if line.startswith("  - ")]
    assert lines == [
        "  - Table (AWS::X::Y): the ceiling is too low",
        "  - Identity (AWS::X::Y): CloudFormation gives no reason.",
    ]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", "It is safe to run deploy.sh again."),
        ("ROLLBACK_COMPLETE", "./deploy.sh --delete eu-west-1 mfa"),
        ("ROLLBACK_FAILED", "./deploy.sh --delete eu-west-1 mfa"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name mfa",
        ),
    ],
)
def test_what_to_do_depends_on_the_state_that_the_failure_left(deploy, status, advice):
    run = deploy(*ARGUMENTS, answers=stack(status) | FAILING | LISTED)
    assert run.stderr.rstrip().endswith(advice)


def test_a_failure_without_events_is_explained_by_the_command_s_own_words(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | FAILING)
    assert "AccessDenied" in run.stderr
    assert "aws cloudformation deploy failed; its last lines say why" in run.stderr
    assert run.code == 1


def test_after_a_failure_nothing_is_swept(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | FAILING)
    assert run.calls_of("aws", "s3api", "list-objects-v2") == []
