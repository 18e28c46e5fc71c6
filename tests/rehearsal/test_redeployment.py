"""Running the command again: what it names changes, what it leaves out stays."""

from dataclasses import dataclass

import pytest

from account import Account
from mail_builder import CODE, MAILBOX
from stack import Enrolment, Stack
from world import World

OPTIONS = ("--window", "120", "--log-days", "30", "--owner-email", "owner@example.net")


@dataclass(frozen=True)
class History:
    """A stack after three runs, and its parameters after each: without options, with each option, without options."""

    stack: Stack
    account: Account
    enrolment: Enrolment
    at_first: dict[str, str]
    with_options: dict[str, str]
    at_last: dict[str, str]


@pytest.fixture(scope="module")
def history(world: World) -> History:
    account = world.create_account()
    stack = world.stack(world.terminal(account))
    zone = account.create_zone(stack.domain)
    enrolled = stack.deploy("--enroll", MAILBOX)
    at_first = stack.parameters()
    stack.deploy(*OPTIONS, "--hosted-zone-id", zone, "--arm64")
    with_options = stack.parameters()
    stack.deploy()
    return History(stack, account, stack.enrolment(enrolled.stdout), at_first, with_options, stack.parameters())


def test_each_option_changes_what_it_names(history: History) -> None:
    changed = dict(history.with_options.items() - history.at_first.items())
    zone = changed.pop("HostedZoneId")
    assert zone in history.account.zones()
    assert changed == {
        "WindowSeconds": "120",
        "LogRetentionDays": "30",
        "OwnerEmail": "owner@example.net",
        "Architecture": "arm64",
    }


def test_an_option_that_is_left_out_keeps_its_value(history: History) -> None:
    assert history.at_last == history.with_options


def test_logs_and_alarms_follow(history: History) -> None:
    groups = history.account.client("logs").describe_log_groups()["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {30}
    alarms = history.account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == 7


def test_the_enrolment_survives_and_its_logins_are_answered(history: History) -> None:
    status = history.stack.log_in(history.enrolment)
    assert (status["status"], status["code"]) == ("complete", CODE)
    checked = history.stack.check()
    assert checked.code == 0, checked
