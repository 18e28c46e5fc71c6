"""Removes the stack and everything that deploying it left."""

from deploy import launch, stack
from deploy.programs import Failed, ask, aws, run


def remove(region: str, name: str) -> int:
    own = launch.own_bucket(region, name)
    found = stack.find(region, name)
    if found:
        delete(region, name)
    else:
        print(f"There is no stack {name} in {region}.")
    given = found.tags.get(stack.ARTIFACTS, own) if found else own
    if given != own and stack.has_bucket(region, given):
        run("aws", "s3", "rm", "--quiet", "--recursive", f"s3://{given}/{name}/", "--region", region)
        print(f"Its programs are gone from your bucket {given}.")
    # Also a stack that is deployed from a bucket of the owner's may have had its own before.
    if stack.has_bucket(region, own):
        run("aws", "s3", "rb", "--force", f"s3://{own}", "--region", region)
        print(f"The artifact bucket {own} is gone.")
    return 0


def delete(region: str, name: str) -> None:
    print(f"Deleting the stack {name} (a few minutes) ...", flush=True)
    where = ("--region", region, "--stack-name", name)
    aws("cloudformation", "delete-stack", *where)
    try:
        aws("cloudformation", "wait", "stack-delete-complete", *where)
    except Failed as failure:
        raise Failed(f"The stack is not gone. {reason(where)} Then run this again.") from failure
    print(f"The stack {name} is gone, with its bucket, its rule and its DNS records.")


def reason(where: tuple[str, ...]) -> str:
    """What failed first in this deletion. CloudFormation tells the latest event first, and earlier attempts as well."""
    events = (ask("cloudformation", "describe-stack-events", *where) or {}).get("StackEvents", [])
    first = ""
    for event in events:
        is_stack = event.get("PhysicalResourceId") == event.get("StackId")
        if is_stack and event["ResourceStatus"] == "DELETE_IN_PROGRESS":
            break
        if not is_stack and event["ResourceStatus"] == "DELETE_FAILED":
            first = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'it gives no reason.')}"
    return first or "It takes too long."
