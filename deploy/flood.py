"""The pause of receiving after a flood of mail (README, A flood), and `--resume`, which ends it early."""

from __future__ import annotations

from deploy import aws, stack

# The one-shot schedule that functions/src/aws/scheduler.rs makes for the end of the pause.
SCHEDULE = "resume-receiving"


def paused_until(region: str, name: str) -> str | None:
    """When the pause ends, in UTC as 2026-11-21T20:05:00. Returns `None` if there is none."""
    target = ("--region", region, "--group-name", name, "--name", SCHEDULE)
    schedule = aws.find("scheduler", "get-schedule", *target)
    return schedule["ScheduleExpression"][len("at(") : -len(")")] if schedule else None


def resume(region: str, name: str) -> int:
    outputs = stack.deployed(region, name).outputs
    aws.invoke(region, outputs["SetupFunctionName"], {"receiving": "resume"})
    print("The relay receives mail.")
    return 0
