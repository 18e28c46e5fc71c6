"""The logs of the whole run: what they must contain, and what they must not."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metrics import emitted, watched_by_alarms, watched_by_dashboards
from relay import Relay
from stack_template import FUNCTIONS, RELAY_ADDRESS, Stack


def log_of(logs: Path, function: str) -> str:
    log = logs / f"{function}.log"
    return log.read_text(errors="replace") if log.exists() else ""


@pytest.mark.usefixtures("whole_run")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_its_decisions(logs: Path, function: str) -> None:
    assert '"outcome"' in log_of(logs, function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_log_contains_a_secret_of_the_run(logs: Path, relay: Relay, function: str) -> None:
    log = log_of(logs, function)
    assert not [secret for secret in relay.secrets if contains(log, secret)]


LOOKS_LIKE = {
    "an address": r"[\w.+=-]+@[\w-]+\.\w+",
    "a URL": r"https?://",
    "a token": r"mfar_",
    "a code": r"(?<![0-9A-Za-z])[0-9]{6}(?![0-9A-Za-z])",
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_log_contains_anything_that_looks_like_a_secret(logs: Path, relay: Relay, function: str) -> None:
    log = log_of(logs, function)
    assert not {what: found for what, pattern in LOOKS_LIKE.items() if (found := re.findall(pattern, log))}


def decisions(logs: Path, function: str) -> list[dict]:
    return [json.loads(line) for line in log_of(logs, function).splitlines() if line.startswith("{")]


@pytest.mark.usefixtures("whole_run", "relay")
def test_every_metric_that_an_alarm_or_the_dashboard_watches_is_emitted(logs: Path) -> None:
    watching = Stack({"RelayAddress": RELAY_ADDRESS, "OwnerEmail": "owner@example.org"})
    by_alarms, by_dashboards = set(watched_by_alarms(watching)), set(watched_by_dashboards(watching))
    assert by_alarms
    assert by_dashboards
    lines = [line for function in FUNCTIONS for line in decisions(logs, function)]
    assert (by_alarms | by_dashboards) - {datum.metric for line in lines for datum in emitted(line)} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_metric_of_the_run_is_one_that_cloudwatch_accepts(logs: Path, relay: Relay, function: str) -> None:
    for line in decisions(logs, function):
        for datum in emitted(line):
            assert datum.unit in ("Count", "Seconds")
            assert datum.value >= 0
            assert all(isinstance(value, str) and value for _, value in datum.dimensions)
        if "_aws" in line:
            # CloudWatch accepts what is no older than two weeks.
            age = datetime.now(UTC) - datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC)
            assert timedelta(0) <= age < timedelta(days=1)


def contains(log: str, secret: str) -> bool:
    """Whether the log contains the secret as a word of its own, so that a duration is not taken for a code."""
    # The search without a pattern is much faster, and fails for nearly every secret.
    return secret in log and re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", log) is not None
