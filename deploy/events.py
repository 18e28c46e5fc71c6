"""Why CloudFormation could not deploy: the events of the resources that failed."""

from __future__ import annotations

from deploy import aws, stack


def latest(region: str, name: str) -> str | None:
    """The id of the stack's latest event, from which `failures` goes on. Returns `None` if there is no stack."""
    events = described(region, name, limit=1)
    return events[0]["EventId"] if events else None


def failures(region: str, name: str, after: str | None) -> list[str]:
    """One line for each resource that failed since the event `after`, the first one first."""
    lines = []
    for event in described(region, name, limit=500):
        if event["EventId"] == after:
            break
        reason = event.get("ResourceStatusReason", "CloudFormation gives no reason.")
        is_stack = event.get("PhysicalResourceId") == event.get("StackId")
        # CloudFormation cancels what was in progress when another resource failed.
        if event["ResourceStatus"].endswith("_FAILED") and not is_stack and "cancelled" not in reason:
            lines.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return lines[::-1]


def described(region: str, name: str, limit: int) -> list[dict]:
    target = ("--region", region, "--stack-name", name, "--max-items", str(limit))
    return (aws.find("cloudformation", "describe-stack-events", *target) or {}).get("StackEvents", [])


def advice(region: str, name: str) -> str:
    """What to do after a failed deployment, which depends on the state that it has left."""
    found = stack.find(region, name)
    status = found.status if found else ""
    target = f"--region {region} --stack-name {name}"
    if status.startswith("ROLLBACK"):
        return f"Delete what is left of it, then deploy again: ./deploy.sh --delete {region} {name}"
    if status == "UPDATE_ROLLBACK_FAILED":
        return f"Let CloudFormation go back first: aws cloudformation continue-update-rollback {target}"
    return "It is safe to run deploy.sh again."
