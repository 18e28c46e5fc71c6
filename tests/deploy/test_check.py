"""deploy.sh --check: a line for each thing that must hold, with a tick, or with a cross and the fix."""

import os
import subprocess

import pytest
from accounts import ARGUMENTS, ENROLMENT, FACTS, FUNCTION, active, described, healthy, rule
from fakes import DENIED, PROJECT, TOOLS, Fakes

CHECK = ("--check", *ARGUMENTS[:2])
HEALTHY = healthy()
VERSION = FACTS["version"]


def enrolled(**changes) -> dict:
    return {"aws lambda invoke": {"enrolments": [ENROLMENT | changes]}}


def earlier(**changes) -> dict:
    """A rule before the stack's own."""
    return active({"Name": "company", "Enabled": True, "Actions": [{"StopAction": {}}]} | changes, rule())


def test_a_healthy_stack_has_a_tick_on_every_line(deploy):
    run = deploy(*CHECK, answers=HEALTHY)
    assert (run.code, run.stderr) == (0, "")
    assert "✗" not in run.stdout
    for line in (
        "✓ the AWS CLI is version 2.34.0",
        "✓ the stack is CREATE_COMPLETE",
        "✓ the MX record of mfa.example.com points to SES",
        "✓ SES has verified mfa.example.com",
        "✓ the rule set mfa-RuleSet is active",
        "✓ the rule mfa exists and is enabled",
        "✓ no earlier rule keeps mail from mfa",
        "✓ SES may store mail in the bucket",
        f"✓ the function setup is Active, version {VERSION}",
        "✓ 0 events in the dead-letter queue",
        "✓ enrolled mailboxes: 1",
        "✓ garden, recorder: last mail at 2026-11-21T20:01:12Z",
        "Everything is in order.",
    ):
        assert line in run.stdout
    assert run.stdout.count("✓ the function") == 5


@pytest.mark.parametrize(
    ("answers", "subject", "fix"),
    [
        (
            {"aws cloudformation describe-stacks": described(status="UPDATE_ROLLBACK_COMPLETE")},
            "the stack is UPDATE_ROLLBACK_COMPLETE",
            "run ./deploy.sh again",
        ),
        (
            {"aws cloudformation describe-stacks": described(status="UPDATE_ROLLBACK_FAILED")},
            "the stack is UPDATE_ROLLBACK_FAILED",
            "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name mfa",
        ),
        ({"aws --version": "aws-cli/1.45.2 Python/3.11.7"}, "the AWS CLI is version 1.45.2", "AWS CloudShell"),
        ({"aws --version": None}, "the AWS CLI is version unknown", "Install AWS CLI version 2"),
        ({"dig": "10 mail.example.com."}, "the MX record", "mfa.example.com. MX 10 inbound-smtp.eu-west-1."),
        ({"aws sesv2 get-email-identity": {"VerifiedForSendingStatus": False}}, "SES has verified", "k1._domainkey"),
        (active(rule(), name="other"), "the rule set mfa-RuleSet is active", "--rule-set other"),
        (
            {"aws ses describe-active-receipt-rule-set": "", "aws ses describe-receipt-rule-set": {"Rules": []}},
            "the rule set mfa-RuleSet is active",
            "aws ses set-active-receipt-rule-set --region eu-west-1 --rule-set-name mfa-RuleSet",
        ),
        (
            {"aws ses describe-active-receipt-rule-set": "", "aws ses describe-receipt-rule-set": None},
            "the rule set mfa-RuleSet is active",
            "make one of its own: ./deploy.sh eu-west-1 mfa arlo@mfa.example.com --rule-set ''",
        ),
        (active(), "the rule mfa exists", "SES's console"),
        (active(rule() | {"Enabled": False}), "the rule mfa exists and is enabled", "SES's console"),
        (earlier(), "no earlier rule keeps mail from mfa", "move mfa before company"),
        (earlier(Recipients=["mfa.example.com"]), "no earlier rule", "move mfa before company"),
        (earlier(Recipients=[".example.com"]), "no earlier rule", "move mfa before company"),
        ({"aws s3api get-bucket-policy": None}, "SES may store mail", "run ./deploy.sh again"),
        (
            {"aws s3api get-bucket-policy": {"Policy": '{"Statement": []}'}},
            "SES may store mail",
            "somebody changed the bucket's policy",
        ),
        ({"aws lambda get-function": None}, "the function receive does not exist", "run ./deploy.sh again"),
        (
            {"aws lambda get-function": FUNCTION | {"Tags": {"mfa-relay:version": "0.0.9"}}},
            "the function prestage is Active, version 0.0.9",
            f"this checkout has version {VERSION}",
        ),
        (
            {"aws lambda get-function": FUNCTION | {"Configuration": {"State": "Failed"}}},
            "the function expire is Failed",
            "run ./deploy.sh again",
        ),
        (
            {"aws sqs get-queue-attributes": {"Attributes": {"ApproximateNumberOfMessages": "2"}}},
            "2 events in the dead-letter queue",
            "failed three times",
        ),
        ({"aws sqs get-queue-attributes": None}, "the dead-letter queue does not exist", "run ./deploy.sh again"),
        ({"aws lambda invoke": None}, "the function enroll does not answer", "its log"),
        ({"aws lambda invoke": {"enrolments": []}}, "enrolled mailboxes: 0", "--enroll me@gmail.com"),
        (
            {"aws ses list-receipt-filters": {"Filters": [{"IpFilter": {"Policy": "Block", "Cidr": "192.0.2.0/24"}}]}},
            "no IP address filter of the account blocks senders",
            "192.0.2.0/24",
        ),
        (enrolled(mail_arrived_at=None), "garden, recorder: no mail yet", "No mail at all"),
        (enrolled(last_refusal="not_signed"), "refused: not_signed", "When no code comes"),
        (
            enrolled(gmail_confirmation={"link": "https://mail.google.com/mail/vf-x", "code": "99427480"}),
            "garden, recorder: Gmail waits for your confirmation",
            "open https://mail.google.com/mail/vf-x (code 99427480)",
        ),
    ],
)
def test_what_does_not_hold_has_a_cross_and_the_fix(deploy, answers, subject, fix):
    run = deploy(*CHECK, answers=HEALTHY | answers)
    [failed] = [text for text in f"\n{run.stdout}".split("\n✗ ")[1:] if subject in text.splitlines()[0]]
    assert fix in failed.split("\n✓ ")[0]
    assert run.code == 1


@pytest.mark.parametrize(
    "changes", [{"Enabled": False}, {"Recipients": ["other.example.com"]}, {"Actions": [{"S3Action": {}}]}]
)
def test_an_earlier_rule_that_keeps_no_mail_is_accepted(deploy, changes):
    assert deploy(*CHECK, answers=HEALTHY | earlier(**changes)).code == 0


def test_nslookup_replaces_a_missing_dig(deploy):
    answers = HEALTHY | {"dig": None, "nslookup": "mail exchanger = 10 inbound-smtp.eu-west-1.amazonaws.com."}
    run = deploy(*CHECK, answers=answers, tools=[*(tool for tool in TOOLS if tool != "dig"), "nslookup"])
    assert run.code == 0


def test_without_dig_and_nslookup_the_record_is_reported_as_not_checked(deploy):
    run = deploy(*CHECK, answers=HEALTHY, tools=[tool for tool in TOOLS if tool != "dig"])
    assert "✗ the MX record was not checked" in run.stdout
    assert run.code == 1


@pytest.mark.parametrize(
    ("call", "text"),
    [("aws sts get-caller-identity", "aws configure"), ("aws cloudformation", "There is no stack mfa")],
)
def test_without_an_account_or_a_stack_it_fails_with_the_reason(deploy, call, text):
    answers = {known: answer for known, answer in HEALTHY.items() if not known.startswith(call)}
    run = deploy(*CHECK, answers=answers)
    assert run.code == 1
    assert text in run.stderr


def test_a_denied_call_is_a_cross_and_the_next_checks_still_run(deploy):
    denied = {"aws s3api get-bucket-policy": DENIED, "aws ses describe-active-receipt-rule-set": DENIED}
    run = deploy(*CHECK, answers=HEALTHY | denied)
    assert run.stdout.count("AWS refused to answer") == 2
    assert "AccessDenied" in run.stdout
    assert "✓ garden, recorder: last mail" in run.stdout
    assert run.code == 1


def test_a_stack_whose_deployment_failed_is_reported_with_the_way_out(deploy):
    nothing = {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}
    run = deploy(*CHECK, answers=HEALTHY | {"aws cloudformation describe-stacks": nothing})
    assert "./deploy.sh --delete eu-west-1 mfa" in run.stderr
    assert (run.code, run.stdout) == (1, "")


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        (
            {"SigningHostedZone": "dkim.af-south-1.amazonses.com"},
            "t2._domainkey.mfa.example.com. CNAME t2.dkim.af-south-1.amazonses.com.",
        ),
        ({}, "the DKIM records that SES's console shows under Identities, mfa.example.com"),
    ],
    ids=["the region's own zone", "an AWS CLI that is too old"],
)
def test_the_dkim_records_of_an_identity_that_existed_before_the_stack_are_printed(deploy, zone, line):
    found = described()
    found["Stacks"][0]["Outputs"] = [row for row in found["Stacks"][0]["Outputs"] if "Dkim" not in row["OutputKey"]]
    unverified = {"VerifiedForSendingStatus": False, "DkimAttributes": {"Tokens": ["t1", "t2", "t3"]} | zone}
    answers = {"aws cloudformation describe-stacks": found, "aws sesv2 get-email-identity": unverified}
    run = deploy(*CHECK, answers=HEALTHY | answers)
    assert line in run.stdout
    assert run.code == 1


def test_a_reader_that_stops_early_as_head_does_causes_no_traceback(tmp_path):
    fakes = Fakes(tmp_path, HEALTHY)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [fakes.folder / "bash", PROJECT / "deploy.sh", *CHECK],
        env=fakes.environment(),
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode != 0, "the checks did not all run"
