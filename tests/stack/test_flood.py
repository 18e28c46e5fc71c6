"""The circuit breaker: the alarm of a flood pauses receiving by the stack's own rule, and a schedule resumes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fault_injection import Kind, always, once
from function_process import Invocation
from intrinsics import STACK_NAME
from metrics import LogTail
from relay import Relay
from rule_sets import RuleSets
from stack_template import RELAY_ADDRESS, Stack

ALARM, NEIGHBOUR = "MailFlood", "mail-of-the-firm"
PAUSE = timedelta(hours=24)
# Every call of a pause that writes.
WRITES = ("CreateSchedule", "UpdateReceiptRule")


class Breaker:
    """The stack's rule beside another's in one rule set, its alarm, and the schedule of the pause's end."""

    def __init__(self, relay: Relay):
        self.relay = relay
        rule = relay.stack.of_type("AWS::SES::ReceiptRule")["Rule"]
        self.rule_sets = RuleSets(relay, rule["RuleSetName"])
        self.rule_sets.add_rule("own", NEIGHBOUR, rule["Rule"])
        self.rule_sets.add_rule("own", STACK_NAME, rule["Rule"])
        self.as_deployed = self.rule()

    def rule(self, name: str = STACK_NAME) -> dict:
        return self.rule_sets.rule("own", name)

    def is_enabled(self, name: str = STACK_NAME) -> bool:
        # The default is false: https://docs.aws.amazon.com/ses/latest/APIReference/API_ReceiptRule.html
        return self.rule(name).get("Enabled", False)

    def alarm(self, state: str = "ALARM") -> Invocation:
        """CloudWatch carries out the alarm's only action: it invokes a function.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
        """
        (action,) = self.relay.stack.of_type("AWS::CloudWatch::Alarm")[ALARM]["AlarmActions"]
        assert action == self.relay.stack.functions["setup"].arn
        event = {
            "source": "aws.cloudwatch",
            "alarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{ALARM}",
            "accountId": "123456789012",
            "alarmData": {"alarmName": ALARM, "state": {"value": state}, "previousState": {"value": "OK"}},
        }
        return self.relay.functions["setup"].invoke(event)

    def schedule(self) -> dict:
        return self.relay.scheduler.schedule(self.relay.stack.schedule_group, "resume-receiving")

    def ends_at(self) -> datetime:
        moment = self.schedule()["ScheduleExpression"].removeprefix("at(").removesuffix(")")
        return datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def end_pause(self) -> Invocation:
        """Scheduler runs the schedule, which is then gone."""
        invocation = self.relay.scheduler.run(self.schedule())
        self.remove_schedule()
        return invocation

    def remove_schedule(self) -> None:
        with self.relay.moto.without_iam():
            client = self.relay.scheduler.client
            for found in client.list_schedules(GroupName=self.relay.stack.schedule_group)["Schedules"]:
                if found["Name"] == "resume-receiving":
                    client.delete_schedule(GroupName=found["GroupName"], Name=found["Name"])


@pytest.fixture
def breaker(relay: Relay) -> Iterator[Breaker]:
    breaker = Breaker(relay)
    try:
        yield breaker
    finally:
        breaker.remove_schedule()
        breaker.rule_sets.remove()


def test_a_flood_pauses_receiving_and_the_schedule_resumes_it(breaker: Breaker, logs: Path) -> None:
    tail = LogTail(logs)
    before = datetime.now(UTC).replace(microsecond=0)
    assert breaker.alarm().ok
    assert not breaker.is_enabled()
    assert before + PAUSE <= breaker.ends_at() <= datetime.now(UTC) + PAUSE
    assert breaker.schedule()["ActionAfterCompletion"] == "DELETE"
    assert [datum.name for line in tail.data("setup") for datum in line] == ["ReceivingPaused"]
    assert breaker.end_pause().ok
    assert breaker.rule() == breaker.as_deployed
    assert [line["reason"] for line in tail.lines("setup")] == ["paused", "resumed"]


def test_the_owner_is_told_by_the_alarm_itself() -> None:
    stack = Stack({"RelayAddress": RELAY_ADDRESS, "OwnerEmail": "owner@example.org"})
    alarm = stack.of_type("AWS::CloudWatch::Alarm")[ALARM]
    (topic,) = stack.of_type("AWS::SNS::Topic")
    assert alarm["AlarmActions"] == [stack.functions["setup"].arn, stack.intrinsics.reference(topic)]
    assert f"To receive mail earlier: ./deploy.sh --resume us-east-1 {STACK_NAME}" in alarm["AlarmDescription"]


def test_a_neighbour_in_the_rule_set_goes_on_receiving(breaker: Breaker) -> None:
    assert breaker.alarm().ok
    assert breaker.is_enabled(NEIGHBOUR)


def test_a_rule_of_the_stack_s_name_that_stores_elsewhere_is_not_the_stack_s(breaker: Breaker) -> None:
    foreign = breaker.as_deployed | {"Actions": [{"S3Action": {"BucketName": "somebody-elses"}}]}
    with breaker.relay.moto.without_iam():
        breaker.rule_sets.ses.update_receipt_rule(RuleSetName=breaker.rule_sets.names["own"], Rule=foreign)
    start = len(breaker.relay.proxy.record.calls)
    assert breaker.alarm().ok
    assert breaker.is_enabled()
    assert breaker.relay.proxy.calls_since(start) == [("setup", "DescribeReceiptRule")]


def test_a_rule_that_does_not_exist_is_left_alone(relay: Relay) -> None:
    for event in ({"source": "aws.cloudwatch", "alarmData": {"state": {"value": "ALARM"}}}, {"receiving": "resume"}):
        assert relay.functions["setup"].invoke(event).ok


def test_an_alarm_while_receiving_is_paused_changes_nothing(breaker: Breaker) -> None:
    assert breaker.alarm().ok
    ends_at = breaker.ends_at()
    start = len(breaker.relay.proxy.record.calls)
    assert breaker.alarm().ok
    assert breaker.relay.proxy.calls_since(start) == [("setup", "DescribeReceiptRule")]
    assert (breaker.is_enabled(), breaker.ends_at()) == (False, ends_at)


def test_a_rule_that_the_owner_disabled_is_not_enabled_by_a_flood_s_end(breaker: Breaker) -> None:
    with breaker.relay.moto.without_iam():
        disabled = breaker.as_deployed | {"Enabled": False}
        breaker.rule_sets.ses.update_receipt_rule(RuleSetName=breaker.rule_sets.names["own"], Rule=disabled)
    assert breaker.alarm().ok
    with pytest.raises(breaker.relay.scheduler.client.exceptions.ResourceNotFoundException):
        breaker.schedule()


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_does_not_go_off_pauses_nothing(breaker: Breaker, state: str) -> None:
    assert breaker.alarm(state).ok
    assert breaker.is_enabled()


def test_the_owner_can_end_the_pause_and_the_next_one_is_as_long(breaker: Breaker) -> None:
    assert breaker.alarm().ok
    assert breaker.relay.functions["setup"].invoke({"receiving": "resume"}).ok
    assert breaker.is_enabled()
    first = breaker.ends_at()
    start = len(breaker.relay.proxy.record.calls)
    assert breaker.alarm().ok
    assert not breaker.is_enabled()
    assert breaker.ends_at() > first
    assert ("setup", "UpdateSchedule") in breaker.relay.proxy.calls_since(start)


def test_cloudformation_that_enables_the_rule_meanwhile_is_left_alone(breaker: Breaker) -> None:
    assert breaker.alarm().ok
    # An update of the rule's properties.
    with breaker.relay.moto.without_iam():
        updated = breaker.as_deployed | {"Recipients": ["other@mfa.example.com"]}
        breaker.rule_sets.ses.update_receipt_rule(RuleSetName=breaker.rule_sets.names["own"], Rule=updated)
    assert breaker.end_pause().ok
    assert breaker.rule() == updated


@pytest.mark.parametrize("kind", [Kind.KILLED_BEFORE, Kind.KILLED_AFTER, Kind.RESPONSE_LOST])
@pytest.mark.parametrize("operation", WRITES)
def test_a_pause_that_fails_half_way_is_completed_at_the_retry(breaker: Breaker, operation: str, kind: Kind) -> None:
    with breaker.relay.proxy.faults.inject(once("setup", operation, kind)) as fault:
        if not breaker.alarm().ok:
            assert breaker.alarm().ok
        assert fault.triggered.is_set()
    assert not breaker.is_enabled()
    assert breaker.end_pause().ok
    assert breaker.rule() == breaker.as_deployed


@pytest.mark.parametrize("operation", ["DescribeReceiptRule", "UpdateReceiptRule"])
def test_a_pause_that_ses_does_not_carry_out_fails_so_that_lambda_retries(breaker: Breaker, operation: str) -> None:
    with breaker.relay.proxy.faults.inject(always("setup", operation, Kind.RESPONSE_LOST)):
        assert not breaker.alarm().ok
    assert breaker.alarm().ok
    assert not breaker.is_enabled()
