"""Removes the stack and everything that deploying it left."""

from deploy import launch, stack
from deploy.programs import Failed, ask, aws, run


def remove(region: str, name: str) -> int:
    found = stack.find(region, name)
    own = launch.own_bucket(region, name)
    if not ask("sts", "get-caller-identity"):
        raise Failed("aws is not signed in: run 'aws configure' or 'aws sso login'")
    if found:
        print(f"Deleting the stack {name} (a few minutes) ...", flush=True)
        where = ("--region", region, "--stack-name", name)
        aws("cloudformation", "delete-stack", *where)
        try:
            aws("cloudformation", "wait", "stack-delete-complete", *where)
        except Failed as failure:
            raise Failed(f"The stack is not gone: {reason(where)} Then run this again.") from failure
        print(f"The stack {name} is gone, with its bucket, its rule and its DNS records.")
    else:
        print(f"There is no stack {name} in {region}.")
    artifacts = found.tags.get("artifacts", own) if found else own
    if artifacts != own:
        run("aws", "s3", "rm", "--quiet", "--recursive", f"s3://{artifacts}/{name}/", "--region", region)
        print(f"Its programs are gone from your bucket {artifacts}.")
    elif ask("s3api", "get-bucket-location", "--bucket", own, "--region", region) is not None:
        run("aws", "s3", "rb", "--force", f"s3://{own}", "--region", region)
        print(f"The artifact bucket {own} is gone.")
    return 0


def reason(where: tuple[str, ...]) -> str:
    """The first failure that CloudFormation tells of."""
    events = (ask("cloudformation", "describe-stack-events", *where) or {}).get("StackEvents", [])
    failed = [
        event for event in events if event["ResourceStatus"] == "DELETE_FAILED" and "ResourceStatusReason" in event
    ]
    return (
        f"{failed[-1]['LogicalResourceId']}: {failed[-1]['ResourceStatusReason']}" if failed else "it takes too long."
    )
