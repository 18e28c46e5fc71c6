"""The logs of the whole run: what they must not show, and that what they show and count can be read."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployment import FUNCTIONS
from metrics import declared
from relay_client import Relay


def written(logs: Path, function: str) -> str:
    log = logs / f"{function}.log"
    return log.read_text(errors="replace") if log.exists() else ""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_what_it_decides(logs: Path, relay: Relay, function: str) -> None:
    if not written(logs, function):
        pytest.skip("this function was not used in this run")
    assert '"outcome"' in written(logs, function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_log_holds_an_address_code_token_tag_or_url(logs: Path, relay: Relay, function: str) -> None:
    log = written(logs, function)
    shown = [secret for secret in relay.secrets if shows(log, secret)]
    assert not shown


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_metric_of_the_run_is_one_that_cloudwatch_takes(logs: Path, relay: Relay, function: str) -> None:
    lines = [json.loads(line) for line in written(logs, function).splitlines() if line.startswith("{")]
    for line in lines:
        for metric in declared(line):
            assert metric.unit in ("Count", "Seconds")
            assert metric.value >= 0
            assert all(isinstance(value, str) and value for _, value in metric.dimensions)
        if "_aws" in line:
            # CloudWatch takes what is no older than two weeks.
            age = datetime.now(UTC) - datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC)
            assert timedelta(0) <= age < timedelta(days=1)


LOOKS_LIKE = {
    "an address": r"[\w.+=-]+@[\w-]+\.\w+",
    "a URL": r"https?://",
    "a token": r"mfar_",
    "a code": r"(?<![0-9A-Za-z])[0-9]{6}(?![0-9A-Za-z])",
}


@pytest.mark.parametrize("pattern", LOOKS_LIKE.values(), ids=LOOKS_LIKE)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_log_holds_anything_that_looks_like_one(logs: Path, relay: Relay, function: str, pattern: str) -> None:
    assert not re.findall(pattern, written(logs, function))


def shows(log: str, secret: str) -> bool:
    """Whether the log holds the secret as a word of its own, so that a duration is not taken for a code."""
    # Most secrets are nowhere in the log, which is told much faster without a pattern.
    return secret in log and re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", log) is not None
