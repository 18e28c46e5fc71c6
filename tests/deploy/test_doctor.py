"""deploy.sh --check: each line ticked when it holds, and crossed with the mend when it does not."""

import json

import pytest
from stand_ins import EMPTY, REFUSED, RULE_ARN, TOOLS, described

CHECK = ("--check", "eu-west-1", "mfa")
RULE = {"Name": "mfa", "Enabled": True, "Recipients": ["arlo@mfa.example.com"], "Actions": []}
POLICY = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ses.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceArn": RULE_ARN}},
        }
    ]
}
ENROLMENT = {
    "label": "garden",
    "mail_arrived_at": "2026-11-21T20:01:12Z",
    "last_refusal": None,
    "gmail_confirmation": None,
}
FUNCTION = {"Configuration": {"State": "Active"}, "Tags": {"mfa-relay:version": "0.1.0"}}


def active(*rules: dict, name: str = "mfa-RuleSet") -> dict:
    return {"aws ses describe-active-receipt-rule-set": {"Metadata": {"Name": name}, "Rules": list(rules)}}


def enrolled(**changes) -> dict:
    return {"aws lambda invoke": {"enrolments": [ENROLMENT | changes]}}


def earlier(**changes) -> dict:
    """A rule that stands before the stack's."""
    return active({"Name": "company", "Enabled": True, "Actions": [{"StopAction": {}}]} | changes, RULE)


WELL = (
    EMPTY
    | active(RULE)
    | enrolled()
    | {
        "aws cloudformation describe-stacks": described(),
        "aws cloudformation describe-stack-resource": {"StackResourceDetail": {"PhysicalResourceId": "mfa-Function"}},
        "dig": "10 inbound-smtp.eu-west-1.amazonaws.com.",
        "aws sesv2 get-email-identity": {"VerifiedForSendingStatus": True},
        "aws s3api get-bucket-policy": {"Policy": json.dumps(POLICY)},
        "aws lambda get-function": FUNCTION,
        "aws sqs get-queue-attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
    }
)


def test_a_stack_that_is_well_has_a_tick_at_every_line(deploy):
    run = deploy(*CHECK, answers=WELL)
    assert (run.code, run.complaints) == (0, "")
    assert "✗" not in run.told
    for line in (
        "✓ the stack is CREATE_COMPLETE",
        "✓ the MX record of mfa.example.com leads to SES",
        "✓ SES knows that mfa.example.com is yours",
        "✓ the rule set mfa-RuleSet is active",
        "✓ the rule mfa is there and on",
        "✓ no rule before mfa keeps its mail",
        "✓ the bucket takes the rule's mails",
        "✓ the function setup is Active, version 0.1.0",
        "✓ 0 events in the dead-letter queue",
        "✓ 1 mailboxes are enrolled",
        "✓ garden: last mail at 2026-11-21T20:01:12Z",
        "All is well.",
    ):
        assert line in run.told
    assert run.told.count("✓ the function") == 5


@pytest.mark.parametrize(
    ("answers", "cross", "mend"),
    [
        (
            {"aws cloudformation describe-stacks": described(status="UPDATE_ROLLBACK_COMPLETE")},
            "the stack is UPDATE_ROLLBACK_COMPLETE",
            "run ./deploy.sh again",
        ),
        ({"dig": "10 mail.example.com."}, "the MX record", "mfa.example.com. MX 10 inbound-smtp.eu-west-1."),
        ({"aws sesv2 get-email-identity": {"VerifiedForSendingStatus": False}}, "SES knows", "k1._domainkey"),
        (active(RULE, name="other"), "the rule set mfa-RuleSet is active", "--rule-set other"),
        ({"aws ses describe-active-receipt-rule-set": ""}, "the rule set mfa-RuleSet is active", "set-active"),
        (active(), "the rule mfa is there and on", "SES's console"),
        (active(RULE | {"Enabled": False}), "the rule mfa is there and on", "SES's console"),
        (earlier(), "no rule before mfa keeps its mail", "move mfa before company"),
        (earlier(Recipients=["mfa.example.com"]), "no rule before mfa", "move mfa before company"),
        (earlier(Recipients=[".example.com"]), "no rule before mfa", "move mfa before company"),
        ({"aws s3api get-bucket-policy": None}, "the bucket takes", "run ./deploy.sh again"),
        (
            {"aws s3api get-bucket-policy": {"Policy": '{"Statement": []}'}},
            "the bucket takes",
            "its policy was changed",
        ),
        ({"aws lambda get-function": None}, "the function receive is gone", "run ./deploy.sh again"),
        (
            {"aws lambda get-function": FUNCTION | {"Tags": {"mfa-relay:version": "0.0.9"}}},
            "the function prestage is Active, version 0.0.9",
            "0.1.0 is here",
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
        ({"aws sqs get-queue-attributes": None}, "the dead-letter queue does not answer", "run ./deploy.sh again"),
        ({"aws lambda invoke": None}, "the function enroll does not answer", "its log"),
        ({"aws lambda invoke": {"enrolments": []}}, "0 mailboxes are enrolled", "--enroll me@gmail.com"),
        (enrolled(mail_arrived_at=None), "garden: no mail yet", "Forward the code mails"),
        (enrolled(last_refusal="not_signed"), "refused: not_signed", "When no code comes"),
        (
            enrolled(gmail_confirmation={"link": "https://mail.google.com/mail/vf-x", "code": "99427480"}),
            "garden: Gmail waits for your confirmation",
            "open https://mail.google.com/mail/vf-x (code 99427480)",
        ),
    ],
)
def test_what_does_not_hold_has_a_cross_and_the_mend(deploy, answers, cross, mend):
    run = deploy(*CHECK, answers=WELL | answers)
    crossed = [text for text in run.told.split("\n✗ ")[1:] if cross in text] + [
        text for text in [run.told] if text.startswith(f"✗ {cross}")
    ]
    assert crossed, run.told
    assert mend in crossed[0]
    assert run.code == 1


@pytest.mark.parametrize(
    "changes", [{"Enabled": False}, {"Recipients": ["other.example.com"]}, {"Actions": [{"S3Action": {}}]}]
)
def test_a_rule_that_takes_nothing_away_may_stand_before(deploy, changes):
    assert deploy(*CHECK, answers=WELL | earlier(**changes)).code == 0


def test_nslookup_does_where_dig_is_missing(deploy):
    answers = WELL | {"dig": None, "nslookup": "mail exchanger = 10 inbound-smtp.eu-west-1.amazonaws.com."}
    run = deploy(*CHECK, answers=answers, tools=[*(tool for tool in TOOLS if tool != "dig"), "nslookup"])
    assert run.code == 0


def test_without_both_the_record_is_said_to_be_unseen(deploy):
    run = deploy(*CHECK, answers=WELL, tools=[tool for tool in TOOLS if tool != "dig"])
    assert "✗ the MX record was not looked at" in run.told
    assert run.code == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [("aws sts get-caller-identity", "aws configure"), ("aws cloudformation", "There is no stack mfa")],
)
def test_without_an_account_or_a_stack_it_says_so(deploy, call, said):
    answers = {known: answer for known, answer in WELL.items() if not known.startswith(call)}
    run = deploy(*CHECK, answers=answers)
    assert run.code == 1
    assert said in run.complaints


def test_what_aws_refuses_to_tell_is_a_cross_and_the_rest_is_told(deploy):
    run = deploy(
        *CHECK,
        answers=WELL | {"aws s3api get-bucket-policy": REFUSED, "aws ses describe-active-receipt-rule-set": REFUSED},
    )
    assert run.told.count("AWS does not tell") == 2
    assert "AccessDenied" in run.told
    assert "✓ garden: last mail" in run.told
    assert run.code == 1


def test_a_stack_that_never_came_to_be_is_told_with_the_way_out(deploy):
    nothing = {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}
    run = deploy(*CHECK, answers=WELL | {"aws cloudformation describe-stacks": nothing})
    assert "./deploy.sh --delete eu-west-1 mfa" in run.complaints
    assert (run.code, run.told) == (1, "")


def test_the_records_of_an_identity_that_the_stack_only_found_are_told(deploy):
    told = described()
    told["Stacks"][0]["Outputs"] = [row for row in told["Stacks"][0]["Outputs"] if "Dkim" not in row["OutputKey"]]
    unverified = {"VerifiedForSendingStatus": False, "DkimAttributes": {"Tokens": ["t1", "t2", "t3"]}}
    answers = {"aws cloudformation describe-stacks": told, "aws sesv2 get-email-identity": unverified}
    run = deploy(*CHECK, answers=WELL | answers)
    assert "t2._domainkey.mfa.example.com. CNAME t2.dkim.amazonses.com." in run.told
    assert run.code == 1
