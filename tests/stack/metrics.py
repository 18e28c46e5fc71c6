"""Metrics on both sides: what the functions' log lines emit, and what the template's alarms and dashboard watch."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack_template import Stack

NAMESPACE = "mfa-relay"
# What SEARCH in a dashboard looks for:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
SEARCH = re.compile(rf"""\{{"?{NAMESPACE}"?,([^}}]+)\}}[^']*?MetricName="?(\w+)""")


@dataclass(frozen=True)
class Metric:
    """A metric as an alarm or the dashboard names it."""

    name: str
    dimensions: frozenset[str]


@dataclass(frozen=True)
class Datum:
    """A metric as a log line emits it, with its value and the values of its dimensions."""

    name: str
    unit: str
    value: float
    dimensions: tuple[tuple[str, str], ...]

    @property
    def metric(self) -> Metric:
        return Metric(self.name, frozenset(name for name, _ in self.dimensions))


class LogTail:
    """What the functions write to their logs from now on."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.start = {log: log.stat().st_size for log in logs.glob("*.log")}

    def lines(self, function: str) -> list[dict]:
        log = self.logs / f"{function}.log"
        if not log.exists():
            return []
        new = log.read_bytes()[self.start.get(log, 0) :].decode()
        return [json.loads(line) for line in new.splitlines()]

    def data(self, function: str) -> list[list[Datum]]:
        """The metrics of each line."""
        return [list(emitted(line)) for line in self.lines(function)]


def emitted(line: dict) -> Iterator[Datum]:
    """The metrics of one log line, read as CloudWatch reads them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert directive["Namespace"] == NAMESPACE
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple((name, line[name]) for name in names)
                yield Datum(metric["Name"], metric["Unit"], line[metric["Name"]], dimensions)


def watched_by_alarms(stack: Stack) -> Iterator[Metric]:
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
        for metric in [alarm, *stats]:
            if metric.get("Namespace") == NAMESPACE:
                names = frozenset(dimension["Name"] for dimension in metric.get("Dimensions", []))
                yield Metric(metric["MetricName"], names)


def watched_by_dashboards(stack: Stack) -> Iterator[Metric]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""
    for dashboard in stack.of_type("AWS::CloudWatch::Dashboard").values():
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
            above: list[str] = []
            for row in widget["properties"].get("metrics", []):
                words = [word for word in row if isinstance(word, str)]
                assert "..." not in words, "write the row out"
                # A dot repeats the word above it.
                words = [above[place] if word == "." else word for place, word in enumerate(words)]
                above = words or above
                if words and words[0] == NAMESPACE:
                    yield Metric(words[1], frozenset(words[2::2]))
                for options in (word for word in row if isinstance(word, dict)):
                    for names, name in SEARCH.findall(options.get("expression", "")):
                        yield Metric(name, frozenset(one.strip(' "') for one in names.split(",")))
