"""`setup` as CloudFormation uses it for the receipt rule set: the account's own set is never replaced.

The table of decisions is proven in functions/src/setup; here each decision takes effect in SES once. Every event gets
its response, for a stack waits an hour for one that does not come.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

import fake_cloudformation
import fake_runtime_api
import processes
from fake_cloudformation import CloudFormation
from fault_injection import Fault, Kind, always
from moto_server import UNCHECKED
from relay import Relay
from stack_template import RELAY_ADDRESS, Stack

RECEIVING, CONTENTS = "Receiving", "BucketContents"
THEIRS = "default-rule-set"
DESCRIBE, SET = "DescribeActiveReceiptRuleSet", "SetActiveReceiptRuleSet"


class RuleSets:
    """The account's receipt rule sets: the stack's own and another one."""

    def __init__(self, relay: Relay, own: str):
        self.relay = relay
        self.names = {"own": own, "theirs": THEIRS, None: None}
        self.ses = UNCHECKED.client("ses", relay.moto.endpoint)
        with relay.moto.without_iam():
            for name in (own, THEIRS):
                self.ses.create_receipt_rule_set(RuleSetName=name)

    def activate(self, which: str | None) -> None:
        name = self.names[which]
        with self.relay.moto.without_iam():
            self.ses.set_active_receipt_rule_set(**({"RuleSetName": name} if name else {}))

    def active(self) -> str | None:
        with self.relay.moto.without_iam():
            name = self.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        return next(which for which, known in self.names.items() if known == name)

    def remove(self) -> None:
        self.activate(None)
        with self.relay.moto.without_iam():
            for name in filter(None, self.names.values()):
                self.ses.delete_receipt_rule_set(RuleSetName=name)


@pytest.fixture
def rule_sets(relay: Relay) -> Iterator[RuleSets]:
    rule_sets = RuleSets(relay, relay.stack.custom_resource(RECEIVING)["ResourceProperties"]["RuleSet"])
    try:
        yield rule_sets
    finally:
        rule_sets.remove()


@pytest.fixture(scope="module")
def joining_stack() -> Stack:
    """The same stack with parameters that make it join the account's rule set."""
    return Stack({"RelayAddress": RELAY_ADDRESS, "RuleSetName": THEIRS})


@pytest.fixture
def joining(relay: Relay, joining_stack: Stack) -> Iterator[CloudFormation]:
    """CloudFormation for that stack."""
    with fake_cloudformation.serve(relay, joining_stack) as cloudformation:
        yield cloudformation


# The active set, the event, the status of its response, and the active set after it.
OWN_SET = [
    (None, "Create", "SUCCESS", "own"),
    ("theirs", "Create", "FAILED", "theirs"),
    ("own", "Delete", "SUCCESS", None),
    ("theirs", "Delete", "SUCCESS", "theirs"),
]


@pytest.mark.parametrize(("active", "request_type", "status", "then"), OWN_SET)
def test_a_stack_with_its_own_set_replaces_no_other(
    cloudformation: CloudFormation,
    rule_sets: RuleSets,
    active: str | None,
    request_type: str,
    status: str,
    then: str | None,
) -> None:
    rule_sets.activate(active)
    response = cloudformation.send(request_type, RECEIVING)
    assert (response["Status"], rule_sets.active()) == (status, then)
    assert (f"--rule-set {THEIRS}" in response.get("Reason", "")) is (status == "FAILED")


def test_an_update_that_changes_nothing_accepts_the_set_that_the_owner_activated(
    cloudformation: CloudFormation, rule_sets: RuleSets
) -> None:
    rule_sets.activate("theirs")
    unchanged = cloudformation.stack.custom_resource(RECEIVING)["ResourceProperties"]
    assert cloudformation.send("Update", RECEIVING, OldResourceProperties=unchanged)["Status"] == "SUCCESS"
    assert rule_sets.active() == "theirs"


def test_an_update_from_a_joined_set_replaces_no_other(
    cloudformation: CloudFormation, joining_stack: Stack, rule_sets: RuleSets
) -> None:
    rule_sets.activate("theirs")
    before = joining_stack.custom_resource(RECEIVING)["ResourceProperties"]
    assert cloudformation.send("Update", RECEIVING, OldResourceProperties=before)["Status"] == "FAILED"
    assert rule_sets.active() == "theirs"


@pytest.mark.parametrize(("active", "status"), [(None, "FAILED"), ("theirs", "SUCCESS")])
def test_a_stack_that_joins_a_set_activates_none(
    joining: CloudFormation, rule_sets: RuleSets, active: str | None, status: str
) -> None:
    rule_sets.activate(active)
    response = joining.send("Create", RECEIVING)
    assert (response["Status"], rule_sets.active()) == (status, active)
    hint = f"set-active-receipt-rule-set --rule-set-name {THEIRS}"
    assert (hint in response.get("Reason", "")) is (status == "FAILED")


def test_the_same_event_twice_gets_the_same_response_twice(cloudformation: CloudFormation, rule_sets: RuleSets) -> None:
    event = cloudformation.event("Create", RECEIVING)
    for _ in range(2):
        assert cloudformation.invoke(event).ok
        assert rule_sets.active() == "own"
    first, second = cloudformation.responses
    assert first.body == second.body


def test_ses_is_asked_again_if_it_throttles(relay: Relay, cloudformation: CloudFormation, rule_sets: RuleSets) -> None:
    with relay.proxy.faults.inject(Fault("setup", SET, Kind.THROTTLED, times=2)) as fault:
        assert cloudformation.send("Create", RECEIVING)["Status"] == "SUCCESS"
        assert fault.matched == 3
    assert rule_sets.active() == "own"


def test_a_failure_is_a_response_with_its_cause(relay: Relay, cloudformation: CloudFormation) -> None:
    with relay.proxy.faults.inject(always("setup", DESCRIBE, Kind.RESPONSE_LOST)):
        response = cloudformation.send("Create", RECEIVING)
    assert response["Status"] == "FAILED"
    assert f"ses:{DESCRIBE} failed: no connection" in response["Reason"]


def test_a_response_that_is_not_taken_is_sent_again(cloudformation: CloudFormation) -> None:
    cloudformation.to_reject = 1
    assert cloudformation.send("Create", CONTENTS)["Status"] == "SUCCESS"
    assert cloudformation.rejected == 1


def test_a_response_that_is_never_taken_fails_the_invocation_so_that_lambda_retries(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.to_reject = float("inf")
    event = cloudformation.event("Create", CONTENTS)
    assert not cloudformation.invoke(event).ok
    assert not cloudformation.responses
    cloudformation.to_reject = 0
    assert cloudformation.invoke(event).ok
    assert [response.body["Status"] for response in cloudformation.responses] == ["SUCCESS"]


def test_a_response_has_the_headers_that_its_url_was_signed_for(cloudformation: CloudFormation) -> None:
    cloudformation.send("Create", CONTENTS)
    (response,) = cloudformation.responses
    assert "Content-Type" not in response.headers
    assert int(response.headers["Content-Length"]) > 0


@pytest.mark.parametrize(("request_type", "status"), [("Create", "FAILED"), ("Delete", "SUCCESS")])
def test_an_event_that_cannot_be_understood_gets_a_response_too(
    cloudformation: CloudFormation, request_type: str, status: str
) -> None:
    # CloudFormation deletes what it failed to create, and that must not fail.
    response = cloudformation.send(request_type, RECEIVING, ResourceProperties={})
    assert response["Status"] == status
    assert ("deploy.sh" in response.get("Reason", "")) is (status == "FAILED")


def test_an_event_without_a_response_url_is_ignored(cloudformation: CloudFormation) -> None:
    for event in ({}, [], "text", {"ResponseURL": 7}):
        assert cloudformation.invoke(event).ok
    assert not cloudformation.responses


def test_shortly_before_its_timeout_the_function_responds_that_it_failed(
    relay: Relay, cloudformation: CloudFormation, logs: Path
) -> None:
    function = relay.functions["setup"]
    event = cloudformation.event("Create", RECEIVING)
    with (
        relay.proxy.faults.inject(always("setup", DESCRIBE, Kind.THROTTLED)),
        fake_runtime_api.serve(event, seconds_left=12) as (api, responded),
        processes.running(
            [str(function.binary)], logs / "setup.log", {**function.environment, "AWS_LAMBDA_RUNTIME_API": api}
        ),
    ):
        assert responded.wait(timeout=12)
    (response,) = cloudformation.responses
    assert response.body["Status"] == "FAILED"
    assert "not enough time" in response.body["Reason"]
