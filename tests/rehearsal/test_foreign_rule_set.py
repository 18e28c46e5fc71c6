"""An account that receives mail by SES already: the relay joins its rule set and changes nothing else there."""

import pytest

from account import Account
from mail_builder import CODE, MAILBOX
from stack import Stack
from world import World

OFFICE = "office"


@pytest.fixture
def ses(account: Account):
    """SES of the account, in which the rule set `office` is active and has a rule of its own."""
    ses = account.client("ses")
    ses.create_receipt_rule_set(RuleSetName=OFFICE)
    ses.create_receipt_rule(
        RuleSetName=OFFICE, Rule={"Name": "mail", "Enabled": True, "Recipients": ["office.example"]}
    )
    ses.set_active_receipt_rule_set(RuleSetName=OFFICE)
    return ses


def rules(ses) -> list[str]:
    active = ses.describe_active_receipt_rule_set()
    return [active["Metadata"]["Name"], *sorted(rule["Name"] for rule in active["Rules"])]


def test_a_deployment_is_refused_until_it_joins_and_its_deletion_leaves_the_set(stack: Stack, ses) -> None:
    refused = stack.try_deploy()
    assert refused.code == 2
    assert f"Join it: add --rule-set {OFFICE}" in refused.stderr
    assert stack.status is None
    joined = stack.deploy("--rule-set", OFFICE, "--enroll", MAILBOX)
    assert rules(ses) == [OFFICE, "mail", stack.name]
    stack.paste_records(joined.stdout)
    status = stack.log_in(stack.enrolment(joined.stdout))
    assert (status["status"], status["code"]) == ("complete", CODE)
    checked = stack.check()
    assert checked.code == 0, checked
    stack.delete()
    assert rules(ses) == [OFFICE, "mail"]


def test_plain_sam_deploy_fails_with_the_advice_and_the_way_out_is_deletion(
    world: World, account: Account, stack: Stack, ses
) -> None:
    failed = stack.sam_deploy()
    assert failed.code == 1
    assert stack.status == "ROLLBACK_COMPLETE"
    assert f"RuleSetName={OFFICE}" in stack.first_failure()
    assert stack.try_deploy("--rule-set", OFFICE).code == 2
    assert f"--delete {stack.region} {stack.name}" in stack.check().stderr
    stack.delete()
    assert rules(ses) == [OFFICE, "mail"]
    assert {found for found in account.contents("us-east-1") if found.startswith("cloudformation")} == set()
