"""SES's rule sets, of which one is active in a region: who owns it, and who else has a rule in it."""

import pytest
from accounts import ARGUMENTS, EMPTY, NEW, active, deletable, described, rule
from test_deploy import parameters

OWN = {
    "aws cloudformation describe-stack-resource --region eu-west-1 --stack-name mfa --logical-resource-id RuleSet": {
        "StackResourceDetail": {"PhysicalResourceId": "mfa-RuleSet"}
    },
    "aws ses describe-receipt-rule-set --region eu-west-1 --rule-set-name mfa-RuleSet": {"Rules": [rule()]},
}
DEPLOYED = EMPTY | OWN | {"aws cloudformation describe-stacks": described()}
# The relay `two` and the rule of somebody else are in the rule set of the stack `mfa`.
JOINED = {
    "aws ses describe-receipt-rule-set --region eu-west-1 --rule-set-name mfa-RuleSet": {
        "Rules": [rule(), rule("two"), {"Name": "company"}]
    },
    "aws cloudformation describe-stacks --region eu-west-1 --stack-name two": described(stack="two"),
    "aws cloudformation describe-stacks --region eu-west-1 --stack-name company": None,
}


def test_a_rule_set_that_is_not_active_cannot_be_joined(deploy):
    run = deploy(*ARGUMENTS, "--rule-set", "mail", answers=NEW | active(name="other"))
    assert "--rule-set must be the active rule set (other), got 'mail'" in run.stderr
    assert "set-active-receipt-rule-set --region eu-west-1 --rule-set-name mail" in run.stderr
    assert run.code == 2


def test_the_rule_set_of_the_stack_itself_is_no_conflict(deploy):
    assert deploy(*ARGUMENTS, answers=DEPLOYED | active()).code == 0


def test_the_rule_set_that_the_stack_has_joined_is_no_conflict(deploy):
    joined = EMPTY | {"aws cloudformation describe-stacks": described()}
    assert deploy(*ARGUMENTS, answers=joined | active()).code == 0


def test_a_stack_with_a_rule_set_of_its_own_can_join_the_active_one(deploy):
    run = deploy(*ARGUMENTS, "--rule-set", "company-mail", answers=DEPLOYED | active(name="company-mail"))
    assert run.code == 0, run.stderr
    assert parameters(run)["RuleSetName"] == "company-mail"


def test_a_stack_cannot_join_its_own_rule_set_which_the_update_would_delete(deploy):
    run = deploy(*ARGUMENTS, "--rule-set", "mfa-RuleSet", answers=DEPLOYED | active())
    assert "'mfa-RuleSet' is the stack's own. Leave the option out." in run.stderr
    assert (run.code, run.changes()) == (2, [])


def test_an_empty_option_gives_the_stack_a_rule_set_of_its_own_again(deploy):
    run = deploy(*ARGUMENTS, "--rule-set", "", answers=EMPTY | {"aws cloudformation describe-stacks": described()})
    assert run.code == 0, run.stderr
    assert parameters(run)["RuleSetName"] == ""


def test_it_gets_none_of_its_own_while_the_joined_one_is_active(deploy):
    joined = EMPTY | {"aws cloudformation describe-stacks": described()}
    run = deploy(*ARGUMENTS, "--rule-set", "", answers=joined | active())
    assert "Join it: add --rule-set mfa-RuleSet" in run.stderr
    assert (run.code, run.changes()) == (2, [])


@pytest.mark.parametrize(
    ("arguments", "answers"),
    [
        (("--delete", *ARGUMENTS[:2]), deletable() | OWN | JOINED | active()),
        ((*ARGUMENTS, "--rule-set", "mail"), DEPLOYED | JOINED | active(name="mail")),
    ],
    ids=["deletion", "joining another set"],
)
def test_the_stack_s_rule_set_is_not_deleted_while_it_holds_rules_of_others(deploy, arguments, answers):
    run = deploy(*arguments, answers=answers)
    assert (run.code, run.changes()) == (2, [])
    lines = [line.strip() for line in run.stderr.splitlines()]
    assert "holds rules of others too: two, company." in run.stderr
    assert lines[-4:] == [
        "aws ses create-receipt-rule-set --region eu-west-1 --rule-set-name mail",
        "aws ses set-active-receipt-rule-set --region eu-west-1 --rule-set-name mail",
        "./deploy.sh eu-west-1 two arlo@mfa.example.com --rule-set mail",
        "the rule company: create it in 'mail' in SES's console, with the same recipients and actions",
    ]


def test_a_stack_in_the_rule_set_of_another_can_be_deleted(deploy):
    others = {"aws ses describe-receipt-rule-set": {"Rules": [rule(), rule("one")]}}
    run = deploy("--delete", *ARGUMENTS[:2], answers=deletable() | others)
    assert (run.code, run.stderr) == (0, "")
    assert len(run.calls_of("aws", "cloudformation", "delete-stack")) == 1
