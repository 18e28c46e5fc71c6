"""deploy.sh --delete: nothing of the stack stays behind, and nothing of anybody else's goes."""

import pytest
from stand_ins import EMPTY, described

DELETE = ("--delete", "eu-west-1", "mfa")
THERE = EMPTY | {
    "aws cloudformation describe-stacks": described(),
    "aws cloudformation delete-stack": "",
    "aws cloudformation wait stack-delete-complete": "",
    "aws s3api get-bucket-location": {"LocationConstraint": "eu-west-1"},
    "aws s3 rb --force": "",
    "aws s3 rm": "",
}


def test_the_stack_goes_and_then_its_artifact_bucket(deploy):
    run = deploy(*DELETE, answers=THERE)
    assert (run.code, run.complaints) == (0, "")
    changed = [call for call in run.changed() if not call.startswith("aws cloudformation wait")]
    assert changed == ["aws cloudformation delete-stack", "aws s3 rb"]
    [bucket] = run.did("aws", "s3", "rb")
    assert bucket[4].startswith("s3://mfa-relay-")


def test_of_a_bucket_of_the_owner_s_only_the_stack_s_programs_go(deploy):
    run = deploy(*DELETE, answers=THERE | {"aws cloudformation describe-stacks": described({"artifacts": "mine"})})
    assert run.code == 0
    assert run.did("aws", "s3", "rb") == []
    [call] = run.did("aws", "s3", "rm")
    assert "s3://mine/mfa/" in call


@pytest.mark.parametrize("bucket", [{"LocationConstraint": "eu-west-1"}, None])
def test_a_stack_that_is_gone_is_a_success_and_its_bucket_is_looked_for(deploy, bucket):
    answers = THERE | {"aws cloudformation describe-stacks": None, "aws s3api get-bucket-location": bucket}
    run = deploy(*DELETE, answers=answers)
    assert run.code == 0
    assert "There is no stack mfa" in run.told
    assert (run.did("aws", "cloudformation", "delete-stack"), len(run.did("aws", "s3", "rb"))) == ([], bool(bucket))


def test_a_deletion_that_fails_says_why_and_leaves_the_artifacts(deploy):
    event = {"ResourceStatus": "DELETE_FAILED", "LogicalResourceId": "Bucket", "ResourceStatusReason": "not empty"}
    failing = {
        "aws cloudformation wait stack-delete-complete": None,
        "aws cloudformation describe-stack-events": {"StackEvents": [event]},
    }
    run = deploy(*DELETE, answers=THERE | failing)
    assert run.code == 1
    assert "Bucket: not empty" in run.complaints
    assert run.did("aws", "s3") == []


def test_who_is_not_signed_in_is_told(deploy):
    run = deploy(*DELETE, answers=THERE | {"aws sts get-caller-identity": None})
    assert "aws configure" in run.complaints
    assert (run.code, run.changed()) == (1, [])
