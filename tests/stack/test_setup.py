"""`setup` as CloudFormation uses it: the account's own rule set is never harmed, and every event is answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cloudformation
import programs
import runtime_api
from cloudformation import CloudFormation
from deployment import RELAY_ADDRESS, Stack
from faults import Fault, Kind, for_ever
from moto_server import ANYBODY
from relay_client import Relay

RECEIVING, CONTENTS = "Receiving", "BucketContents"
THEIRS = "default-rule-set"
DESCRIBE, SET = "DescribeActiveReceiptRuleSet", "SetActiveReceiptRuleSet"


class RuleSets:
    """The receipt rule sets of the account, by its owner's hand."""

    def __init__(self, relay: Relay, ours: str):
        self.relay = relay
        self.ours = ours
        self.ses = ANYBODY.client("ses", relay.moto.endpoint)
        with relay.moto.unguarded():
            for name in (ours, THEIRS):
                self.ses.create_receipt_rule_set(RuleSetName=name)

    def activate(self, name: str | None) -> None:
        with self.relay.moto.unguarded():
            self.ses.set_active_receipt_rule_set(**({"RuleSetName": name} if name else {}))

    def active(self) -> str | None:
        with self.relay.moto.unguarded():
            return self.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")

    def remove(self) -> None:
        self.activate(None)
        with self.relay.moto.unguarded():
            for name in (self.ours, THEIRS):
                self.ses.delete_receipt_rule_set(RuleSetName=name)


@pytest.fixture(scope="module")
def joined() -> Stack:
    """The same stack where it joins the account's rule set."""
    return Stack({"RelayAddress": RELAY_ADDRESS, "RuleSetName": THEIRS})


@pytest.fixture
def joining(relay: Relay, joined: Stack) -> Iterator[CloudFormation]:
    """CloudFormation at work on that stack."""
    with cloudformation.serve(relay, joined) as formation:
        yield formation


@pytest.fixture
def rule_sets(relay: Relay) -> Iterator[RuleSets]:
    rule_sets = RuleSets(relay, relay.stack.custom(RECEIVING)["ResourceProperties"]["RuleSet"])
    try:
        yield rule_sets
    finally:
        rule_sets.remove()


# What was active, what is asked, what the answer is, and what is active then. "same": nothing has changed on update.
OWN_SET = [
    (None, "Create", "SUCCESS", "ours"),
    ("ours", "Create", "SUCCESS", "ours"),
    ("theirs", "Create", "FAILED", "theirs"),
    (None, "Update", "SUCCESS", "ours"),
    ("ours", "Update", "SUCCESS", "ours"),
    ("theirs", "Update", "FAILED", "theirs"),
    (None, "Update the same", "SUCCESS", "ours"),
    ("theirs", "Update the same", "SUCCESS", "theirs"),
    (None, "Delete", "SUCCESS", None),
    ("ours", "Delete", "SUCCESS", None),
    ("theirs", "Delete", "SUCCESS", "theirs"),
]
JOINED_SET = [
    (None, "Create", "FAILED", None),
    ("ours", "Create", "FAILED", "ours"),
    ("theirs", "Create", "SUCCESS", "theirs"),
    ("theirs", "Update", "SUCCESS", "theirs"),
    ("ours", "Update", "FAILED", "ours"),
    (None, "Delete", "SUCCESS", None),
    ("theirs", "Delete", "SUCCESS", "theirs"),
    ("ours", "Delete", "SUCCESS", "ours"),
]


def ask(formation: CloudFormation, asked: str, before: dict) -> dict:
    """The answer, where an update changes from `before`."""
    if not asked.startswith("Update"):
        return formation.ask(asked, RECEIVING)
    old = formation.stack.custom(RECEIVING)["ResourceProperties"] if asked.endswith("same") else before
    return formation.ask("Update", RECEIVING, OldResourceProperties=old)


@pytest.mark.parametrize(("active", "asked", "answer", "then"), OWN_SET)
def test_a_stack_s_own_set_takes_the_place_of_no_other(
    formation: CloudFormation,
    joined: Stack,
    rule_sets: RuleSets,
    active: str | None,
    asked: str,
    answer: str,
    then: str | None,
) -> None:
    names = {"ours": rule_sets.ours, "theirs": THEIRS, None: None}
    rule_sets.activate(names[active])
    told = ask(formation, asked, joined.custom(RECEIVING)["ResourceProperties"])
    assert (told["Status"], rule_sets.active()) == (answer, names[then])
    if answer == "FAILED":
        assert f"--rule-set {THEIRS}" in told["Reason"]


@pytest.mark.parametrize(("active", "asked", "answer", "then"), JOINED_SET)
def test_a_stack_that_joins_a_set_activates_none(
    joining: CloudFormation,
    relay: Relay,
    rule_sets: RuleSets,
    active: str | None,
    asked: str,
    answer: str,
    then: str | None,
) -> None:
    names = {"ours": rule_sets.ours, "theirs": THEIRS, None: None}
    rule_sets.activate(names[active])
    told = ask(joining, asked, relay.stack.custom(RECEIVING)["ResourceProperties"])
    assert (told["Status"], rule_sets.active()) == (answer, names[then])
    if answer == "FAILED":
        assert f"set-active-receipt-rule-set --rule-set-name {THEIRS}" in told["Reason"]


@pytest.mark.parametrize("asked", ["Create", "Delete"])
def test_the_same_event_twice_is_answered_twice_alike(
    formation: CloudFormation, rule_sets: RuleSets, asked: str
) -> None:
    rule_sets.activate(rule_sets.ours if asked == "Delete" else None)
    event = formation.event(asked, RECEIVING)
    assert formation.hand_in(event).ok
    after_one = rule_sets.active()
    assert formation.hand_in(event).ok
    first, second = formation.answers
    assert first.said == second.said
    assert (first.said["Status"], rule_sets.active()) == ("SUCCESS", after_one)


@pytest.mark.parametrize("operation", [DESCRIBE, SET])
def test_ses_is_asked_again_where_it_was_asked_too_fast(
    relay: Relay, formation: CloudFormation, rule_sets: RuleSets, operation: str
) -> None:
    with relay.front.faults.cause(Fault("setup", operation, Kind.REFUSED, times=2)) as fault:
        assert formation.ask("Create", RECEIVING)["Status"] == "SUCCESS"
        assert fault.met == 3
    assert rule_sets.active() == rule_sets.ours


@pytest.mark.usefixtures("rule_sets")
def test_what_fails_for_good_is_told_with_its_cause(relay: Relay, formation: CloudFormation) -> None:
    with relay.front.faults.cause(for_ever("setup", (DESCRIBE, 1), Kind.LOST)):
        told = formation.ask("Create", RECEIVING)
    assert told["Status"] == "FAILED"
    assert f"ses:{DESCRIBE} failed: no connection" in told["Reason"]


def test_an_answer_that_is_not_taken_is_handed_over_again(formation: CloudFormation) -> None:
    formation.refusals_to_come = 1
    assert formation.ask("Create", CONTENTS)["Status"] == "SUCCESS"
    assert formation.refused == 1


def test_an_answer_that_is_never_taken_fails_the_invocation_so_that_it_comes_again(formation: CloudFormation) -> None:
    formation.refusals_to_come = float("inf")
    event = formation.event("Create", CONTENTS)
    assert not formation.hand_in(event).ok
    assert not formation.answers
    formation.refusals_to_come = 0
    assert formation.hand_in(event).ok
    assert [told.said["Status"] for told in formation.answers] == ["SUCCESS"]


def test_an_answer_comes_as_its_url_was_signed(formation: CloudFormation) -> None:
    formation.ask("Create", CONTENTS)
    (told,) = formation.answers
    assert "Content-Type" not in told.headers
    assert int(told.headers["Content-Length"]) > 0


STRANGE = [
    ({"RequestType": "Review"}, "FAILED"),
    ({"RequestType": None}, "FAILED"),
    ({"ResourceType": "Custom::Other"}, "FAILED"),
    ({"ResourceProperties": {}}, "FAILED"),
    ({"ResourceProperties": {"RuleSet": ["x"], "Belongs": "stack"}}, "FAILED"),
    # What was refused when it was to be made is deleted next, and must not hold the stack up.
    ({"RequestType": "Delete", "ResourceProperties": {}}, "SUCCESS"),
    ({"RequestType": "Delete", "ResourceType": "Custom::Other"}, "SUCCESS"),
]


@pytest.mark.parametrize(("strange", "answer"), STRANGE, ids=str)
def test_an_event_that_nobody_understands_is_answered_too(
    formation: CloudFormation, strange: dict, answer: str
) -> None:
    told = formation.ask("Create", RECEIVING, **strange)
    assert told["Status"] == answer
    assert ("deploy.sh" in told.get("Reason", "")) is (answer == "FAILED")


@pytest.mark.parametrize("event", [{}, [], "text", {"ResponseURL": 7}], ids=str)
def test_an_event_that_nobody_waits_for_is_let_go(formation: CloudFormation, event: object) -> None:
    assert formation.hand_in(event).ok
    assert not formation.answers


@pytest.mark.usefixtures("rule_sets")
def test_when_time_is_nearly_up_the_answer_says_so(relay: Relay, formation: CloudFormation, logs: Path) -> None:
    program = relay.functions["setup"]
    event = formation.event("Create", RECEIVING)
    with (
        relay.front.faults.cause(for_ever("setup", (DESCRIBE, 1), Kind.REFUSED)),
        runtime_api.handing_in(event, seconds_left=12) as (api, answered),
        programs.running(
            [str(program.path)], logs / "setup.log", {**program.environment, "AWS_LAMBDA_RUNTIME_API": api}
        ),
    ):
        assert answered.wait(timeout=12)
    (told,) = formation.answers
    assert told.said["Status"] == "FAILED"
    assert "not enough time" in told.said["Reason"]
