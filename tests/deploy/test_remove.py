"""deploy.sh --delete: everything of the stack is deleted, and nothing else."""

import pytest
from accounts import ARGUMENTS, deletable, described
from fakes import DENIED

DELETE = ("--delete", *ARGUMENTS[:2])
GIVEN = {"mfa-relay:artifacts": "mine"}
NO_OWN_BUCKET = {"aws s3api get-bucket-location --bucket mfa-relay-": None}
DEPLOYED = deletable()


def test_the_stack_is_deleted_and_then_its_artifact_bucket(deploy):
    run = deploy(*DELETE, answers=DEPLOYED)
    assert (run.code, run.stderr) == (0, "")
    changes = [call for call in run.changes() if not call.startswith("aws cloudformation wait")]
    assert changes == ["aws cloudformation delete-stack", "aws s3 rb"]
    [bucket] = run.calls_of("aws", "s3", "rb")
    assert bucket[4].startswith("s3://mfa-relay-")


def test_in_the_owner_s_bucket_only_the_programs_of_the_stack_are_deleted(deploy):
    run = deploy(*DELETE, answers=DEPLOYED | {"aws cloudformation describe-stacks": described(GIVEN)} | NO_OWN_BUCKET)
    assert run.code == 0
    assert run.calls_of("aws", "s3", "rb") == []
    [call] = run.calls_of("aws", "s3", "rm")
    assert "s3://mine/mfa/" in call


@pytest.mark.parametrize("bucket", [{"LocationConstraint": "eu-west-1"}, None])
def test_a_stack_that_does_not_exist_is_a_success_and_its_bucket_is_deleted(deploy, bucket):
    answers = DEPLOYED | {"aws cloudformation describe-stacks": None, "aws s3api get-bucket-location": bucket}
    run = deploy(*DELETE, answers=answers)
    assert run.code == 0
    assert "There is no stack mfa" in run.stdout
    assert run.calls_of("aws", "cloudformation", "delete-stack") == []
    assert len(run.calls_of("aws", "s3", "rb")) == bool(bucket)


def failed(resource: str, reason: str) -> dict:
    row = {"StackId": "id", "PhysicalResourceId": "p", "ResourceStatus": "DELETE_FAILED"}
    return row | {"LogicalResourceId": resource, "ResourceStatusReason": reason}


def test_a_failed_deletion_says_why_and_keeps_the_artifacts(deploy):
    stack = {"StackId": "id", "PhysicalResourceId": "id", "LogicalResourceId": "mfa"}
    failing = {
        "aws cloudformation wait stack-delete-complete": DENIED,
        "aws cloudformation describe-stack-events": {
            "StackEvents": [
                stack | {"ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": "see the others"},
                failed("Table", "it waits for Bucket"),
                failed("Rule", "it is used"),
                stack | {"ResourceStatus": "DELETE_IN_PROGRESS"},
                failed("Bucket", "an earlier attempt"),
            ]
        },
    }
    run = deploy(*DELETE, answers=DEPLOYED | failing)
    assert run.code == 1
    assert "Rule: it is used" in run.stderr
    assert run.calls_of("aws", "s3") == []


BUCKET = "aws cloudformation describe-stack-resource --region eu-west-1 --stack-name mfa --logical-resource-id Bucket"
LATE_MAIL = {
    BUCKET: {"StackResourceDetail": {"PhysicalResourceId": "mfa-bucket"}},
    "aws cloudformation describe-stack-events": {"StackEvents": [failed("Bucket", "not empty")]},
}


def test_a_bucket_into_which_a_mail_came_meanwhile_is_emptied_again(deploy):
    waits = {"aws cloudformation wait stack-delete-complete": [DENIED, ""]}
    run = deploy(*DELETE, answers=DEPLOYED | LATE_MAIL | waits)
    assert (run.code, run.stderr) == (0, "")
    assert run.changes() == [
        *("aws cloudformation delete-stack", "aws cloudformation wait"),
        *("aws s3 rm", "aws cloudformation delete-stack", "aws cloudformation wait"),
        "aws s3 rb",
    ]
    [emptied] = run.calls_of("aws", "s3", "rm")
    assert "s3://mfa-bucket" in emptied


def test_a_stack_whose_deletion_failed_is_emptied_first(deploy):
    before = {"aws cloudformation describe-stacks": described(status="DELETE_FAILED")}
    run = deploy(*DELETE, answers=DEPLOYED | LATE_MAIL | before)
    assert run.changes()[:2] == ["aws s3 rm", "aws cloudformation delete-stack"]
    assert run.code == 0


def test_a_bucket_that_never_stays_empty_ends_the_deletion_with_the_reason(deploy):
    run = deploy(*DELETE, answers=DEPLOYED | LATE_MAIL | {"aws cloudformation wait stack-delete-complete": DENIED})
    assert "Bucket: not empty" in run.stderr
    assert (run.code, len(run.calls_of("aws", "cloudformation", "delete-stack"))) == (1, 3)


def test_without_an_account_nothing_is_deleted(deploy):
    run = deploy(*DELETE, answers=DEPLOYED | {"aws sts get-caller-identity": None})
    assert "aws configure" in run.stderr
    assert (run.code, run.changes()) == (1, [])


def test_a_deletion_without_a_failed_resource_has_timed_out(deploy):
    failing = {
        "aws cloudformation wait stack-delete-complete": DENIED,
        "aws cloudformation describe-stack-events": {"StackEvents": []},
    }
    run = deploy(*DELETE, answers=DEPLOYED | failing)
    assert "It takes longer than AWS's own wait. Then run this command again." in run.stderr


def test_a_denied_call_does_not_count_as_absent(deploy):
    run = deploy(*DELETE, answers=DEPLOYED | {"aws cloudformation describe-stacks": DENIED})
    assert "AccessDenied" in run.stderr
    assert (run.code, run.changes()) == (1, [])


def test_the_stack_s_own_bucket_from_before_the_owner_gave_one_is_deleted_too(deploy):
    run = deploy(*DELETE, answers=DEPLOYED | {"aws cloudformation describe-stacks": described(GIVEN)})
    assert [len(run.calls_of("aws", "s3", verb)) for verb in ("rm", "rb")] == [1, 1]


def test_a_bucket_of_the_owner_that_does_not_exist_is_no_failure(deploy):
    gone = {"aws cloudformation describe-stacks": described(GIVEN), "aws s3api get-bucket-location": None}
    run = deploy(*DELETE, answers=DEPLOYED | gone)
    assert (run.code, run.calls_of("aws", "s3")) == (0, [])


def test_only_buckets_of_this_account_are_considered(deploy):
    run = deploy(*DELETE, answers=DEPLOYED)
    [call] = run.calls_of("aws", "s3api", "get-bucket-location")
    assert call[call.index("--expected-bucket-owner") + 1] == "123456789012"
