"""deploy.sh --delete: nothing of the stack stays behind, and nothing of anybody else's goes."""

import pytest
from stand_ins import EMPTY, REFUSED, TOOLS, described, place_stand_in

DELETE = ("--delete", "eu-west-1", "mfa")
GIVEN = {"mfa-relay:artifacts": "mine"}
OWN_IS_GONE = {"aws s3api get-bucket-location --bucket mfa-relay-": None}
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
    run = deploy(*DELETE, answers=THERE | {"aws cloudformation describe-stacks": described(GIVEN)} | OWN_IS_GONE)
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


def failed(resource: str, reason: str) -> dict:
    row = {"StackId": "id", "PhysicalResourceId": "p", "ResourceStatus": "DELETE_FAILED"}
    return row | {"LogicalResourceId": resource, "ResourceStatusReason": reason}


def test_a_deletion_that_fails_says_why_and_leaves_the_artifacts(deploy):
    stack = {"StackId": "id", "PhysicalResourceId": "id", "LogicalResourceId": "mfa"}
    failing = {
        "aws cloudformation wait stack-delete-complete": REFUSED,
        "aws cloudformation describe-stack-events": {
            "StackEvents": [
                stack | {"ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": "see the others"},
                failed("Table", "it waits for Bucket"),
                failed("Bucket", "not empty"),
                stack | {"ResourceStatus": "DELETE_IN_PROGRESS"},
                failed("Rule", "an earlier attempt"),
            ]
        },
    }
    run = deploy(*DELETE, answers=THERE | failing)
    assert run.code == 1
    assert "Bucket: not empty" in run.complaints
    assert run.did("aws", "s3") == []


def test_who_is_not_signed_in_is_told(deploy):
    run = deploy(*DELETE, answers=THERE | {"aws sts get-caller-identity": None})
    assert "aws configure" in run.complaints
    assert (run.code, run.changed()) == (1, [])


def test_a_deletion_without_a_failed_resource_took_too_long(deploy):
    failing = {
        "aws cloudformation wait stack-delete-complete": REFUSED,
        "aws cloudformation describe-stack-events": {"StackEvents": []},
    }
    run = deploy(*DELETE, answers=THERE | failing)
    assert "It takes too long. Then run this again." in run.complaints


def test_a_stack_that_cannot_be_seen_is_not_taken_for_gone(deploy):
    run = deploy(*DELETE, answers=THERE | {"aws cloudformation describe-stacks": REFUSED})
    assert "AccessDenied" in run.complaints
    assert (run.code, run.changed()) == (1, [])


def test_a_bucket_of_its_own_from_before_the_owner_gave_one_goes_as_well(deploy):
    run = deploy(*DELETE, answers=THERE | {"aws cloudformation describe-stacks": described(GIVEN)})
    assert [len(run.did("aws", "s3", verb)) for verb in ("rm", "rb")] == [1, 1]


def test_a_bucket_of_the_owner_s_that_is_gone_is_no_failure(deploy):
    gone = {"aws cloudformation describe-stacks": described(GIVEN), "aws s3api get-bucket-location": None}
    run = deploy(*DELETE, answers=THERE | gone)
    assert (run.code, run.did("aws", "s3")) == (0, [])


def test_it_looks_at_buckets_of_this_account_only(deploy):
    run = deploy(*DELETE, answers=THERE)
    [call] = run.did("aws", "s3api", "get-bucket-location")
    assert call[call.index("--expected-bucket-owner") + 1] == "123456789012"


def test_aws_is_installed_where_it_is_missing(deploy, tmp_path):
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    place_stand_in(tmp_path / "tools" / "bin" / "pip")
    run = deploy(*DELETE, answers=THERE | {"pip install": "installed"}, tools=[tool for tool in TOOLS if tool != "aws"])
    [call] = run.did("pip", "install")
    assert [word.split("==")[0] for word in call if "==" in word] == ["awscli"]
    assert (run.code, run.complaints) == (1, "aws cannot be started: pip install awscli\n")
