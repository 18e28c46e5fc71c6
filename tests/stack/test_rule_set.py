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
from intrinsics import STACK_NAME
from relay import Relay
from rule_sets import THEIRS, RuleSets
from stack_template import RELAY_ADDRESS, Stack

RECEIVING, CONTENTS = "Receiving", "BucketContents"
DESCRIBE, SET = "DescribeActiveReceiptRuleSet", "SetActiveReceiptRuleSet"


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
    ("theirs", "Update", "FAILED", "theirs"),
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


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_set_that_is_active_already_stays_so(
    cloudformation: CloudFormation, rule_sets: RuleSets, request_type: str
) -> None:
    rule_sets.activate("own")
    assert cloudformation.send(request_type, RECEIVING)["Status"] == "SUCCESS"
    assert rule_sets.active() == "own"


def test_the_stack_s_own_set_is_not_deactivated_under_a_stack_that_joined_it(
    cloudformation: CloudFormation, rule_sets: RuleSets
) -> None:
    rule_sets.add_rule("own", STACK_NAME)
    rule_sets.add_rule("own", "second-stack")
    rule_sets.activate("own")
    response = cloudformation.send("Delete", RECEIVING)
    assert (response["Status"], rule_sets.active()) == ("FAILED", "own")
    assert "Delete the stacks that joined it first" in response["Reason"]
    # The way that the reason names: the others' set takes over.
    rule_sets.activate("theirs")
    assert cloudformation.send("Delete", RECEIVING)["Status"] == "SUCCESS"
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
