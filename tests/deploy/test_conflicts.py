"""What in the account prevents a deployment is reported before the build, with what to do."""

import pytest
from accounts import ARGUMENTS, NEW, ZONE, active
from fakes import DENIED
from test_deploy import IN_ZONE


def zone(**facts) -> dict:
    return {"aws route53 get-hosted-zone": {"HostedZone": {"Name": "example.com."} | facts}}


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"aws sts get-caller-identity": None}, "Sign in with 'aws login'"),
        (
            {"aws sts get-caller-identity": None, "aws --version": "aws-cli/1.45.2 Python/3.11.7"},
            "This is AWS CLI 1.45.2, which cannot sign in by browser. Install AWS CLI version 2",
        ),
        (active(name="company"), "add --rule-set company"),
        ({"aws route53 get-hosted-zone": None}, "must be a zone of this account (got 'Z1')"),
        (zone(Name="ample.com."), "the zone of ample.com"),
        (zone(Config={"PrivateZone": True}), "a private zone"),
        (
            {"aws cloudformation describe-stacks": {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}},
            "./deploy.sh --delete eu-west-1 mfa",
        ),
        (
            {"aws cloudformation describe-stacks": {"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_FAILED"}]}},
            "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name mfa",
        ),
        (
            {"aws cloudformation describe-stacks": {"Stacks": [{"StackStatus": "UPDATE_IN_PROGRESS"}]}},
            "wait until it is done, then run deploy.sh again",
        ),
        ({"aws sts get-caller-identity": f"{DENIED} AccountSuspended"}, "upgrade it to the Paid plan"),
        ({"aws sts get-caller-identity": f"{DENIED} Your account is currently closed."}, "upgrade it to the Paid plan"),
    ],
)
def test_a_conflict_is_reported_before_the_build(deploy, answers, problem):
    # A longer prefix in ZONE would win over the one of this case.
    rest = {prefix: answer for prefix, answer in ZONE.items() if not any(prefix.startswith(case) for case in answers)}
    run = deploy(*IN_ZONE, answers=NEW | rest | answers)
    assert problem in run.stderr
    assert (run.code, run.changes()) == (2, [])


def test_the_reason_why_aws_does_not_know_the_account_is_printed(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | {"aws sts get-caller-identity": f"{DENIED}: the token has expired"})
    assert "the token has expired" in run.stderr


def test_without_a_default_region_the_account_is_asked_in_the_region_of_the_deployment(deploy):
    run = deploy(*ARGUMENTS, answers=NEW)
    calls = run.calls_of("aws", "sts", "get-caller-identity")
    assert calls
    assert all(call[3:5] == ["--region", "eu-west-1"] for call in calls)


@pytest.mark.parametrize(
    "call", ["aws cloudformation describe-stacks", "aws ses describe-active-receipt-rule-set", "aws sesv2 get-"]
)
def test_a_denied_call_does_not_count_as_absent(deploy, call):
    run = deploy(*ARGUMENTS, answers=NEW | {call: DENIED})
    assert "AccessDenied" in run.stderr
    assert (run.code, run.changes()) == (1, [])


def test_nothing_is_uploaded_to_a_bucket_of_another_account(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | {"aws s3api get-bucket-location": DENIED})
    assert (run.code, run.changes()) == (1, [])
