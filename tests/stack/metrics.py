"""Metrics on both their sides: what the functions' log lines declare, and what the template looks at."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deployment import Stack

NAMESPACE = "mfa-relay"
# What SEARCH in a dashboard looks for:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
SEARCH = re.compile(rf"""\{{"?{NAMESPACE}"?,([^}}]+)\}}[^']*?MetricName="?(\w+)""")


@dataclass(frozen=True)
class Used:
    """A metric as an alarm or the dashboard names it."""

    name: str
    dimensions: frozenset[str]


@dataclass(frozen=True)
class Emitted:
    """A metric as a log line declares it, with its value and its dimensions'."""

    name: str
    unit: str
    value: float
    dimensions: tuple[tuple[str, str], ...]

    @property
    def used(self) -> Used:
        return Used(self.name, frozenset(name for name, _ in self.dimensions))


class Journal:
    """What the functions write to their logs from now on."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.read_before = {log: log.stat().st_size for log in logs.glob("*.log")}

    def lines(self, function: str) -> list[dict]:
        log = self.logs / f"{function}.log"
        if not log.exists():
            return []
        new = log.read_bytes()[self.read_before.get(log, 0) :].decode()
        return [json.loads(line) for line in new.splitlines()]

    def counted(self, function: str) -> list[list[Emitted]]:
        """The metrics of each line."""
        return [list(declared(line)) for line in self.lines(function)]


def declared(line: dict) -> Iterator[Emitted]:
    """The metrics of one line, read as CloudWatch reads them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert directive["Namespace"] == NAMESPACE
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple((name, line[name]) for name in names)
                yield Emitted(metric["Name"], metric["Unit"], line[metric["Name"]], dimensions)


def used_by_alarms(stack: Stack) -> Iterator[Used]:
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
        for metric in [alarm, *stats]:
            if metric.get("Namespace") == NAMESPACE:
                names = frozenset(dimension["Name"] for dimension in metric.get("Dimensions", []))
                yield Used(metric["MetricName"], names)


def used_by_dashboards(stack: Stack) -> Iterator[Used]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""
    for dashboard in stack.of_type("AWS::CloudWatch::Dashboard").values():
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
            above: list[str] = []
            for row in widget["properties"].get("metrics", []):
                words = [word for word in row if isinstance(word, str)]
                assert "..." not in words, "write the row out"
                # A point stands for what the row above has in its place.
                words = [above[place] if word == "." else word for place, word in enumerate(words)]
                above = words or above
                if words and words[0] == NAMESPACE:
                    yield Used(words[1], frozenset(words[2::2]))
                for options in (word for word in row if isinstance(word, dict)):
                    for names, name in SEARCH.findall(options.get("expression", "")):
                        yield Used(name, frozenset(one.strip(' "') for one in names.split(",")))
