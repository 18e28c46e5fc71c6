"""Deletes the stack and everything that its deployment created."""

from __future__ import annotations

from deploy import aws, deployment, rule_sets, stack, tools, zone
from deploy.errors import DeployError, RefusedError


def remove(region: str, name: str) -> int:
    own = deployment.own_bucket(region, name)
    found = stack.find(region, name)
    if found:
        # CloudFormation would delete the set with every rule in it.
        if shared := rule_sets.shared(region, name, stack.physical_id(region, name, "RuleSet")):
            raise RefusedError("\n".join(["Nothing was deleted.", *shared]))
        delete(region, name, found.status)
        if left := zone.left_out(found):
            print("The hosted zone had these DNS records before the stack, so they stay:", *left, sep="\n  ")
    else:
        print(f"There is no stack {name} in {region}.")
    given = found.tags.get(stack.ARTIFACTS, own) if found else own
    if given != own and stack.owns_bucket(region, given):
        tools.run("aws", "s3", "rm", "--quiet", "--recursive", f"s3://{given}/{name}/", "--region", region)
        print(f"Deleted the stack's programs from your bucket {given}.")
    # A stack that is deployed from the owner's bucket may have had its own before.
    if stack.owns_bucket(region, own):
        tools.run("aws", "s3", "rb", "--force", f"s3://{own}", "--region", region)
        print(f"Deleted the artifact bucket {own}.")
    return 0


# How often the deletion is tried while only the bucket is in its way.
ATTEMPTS = 3


def delete(region: str, name: str, status: str) -> None:
    print(f"Deleting the stack {name} (a few minutes) ...")
    target = ("--region", region, "--stack-name", name)
    # A mail that SES retries, for 36 hours at most, can come after the bucket was emptied and before it is deleted. The
    # function that empties it is gone by then.
    for attempt in range(ATTEMPTS):
        bucket = stack.physical_id(region, name, "Bucket") if attempt or status == "DELETE_FAILED" else None
        if bucket and stack.owns_bucket(region, bucket):
            print(f"Emptying {bucket} again, because something has come in meanwhile.")
            tools.run("aws", "s3", "rm", "--quiet", "--recursive", f"s3://{bucket}", "--region", region)
        aws.call("cloudformation", "delete-stack", *target)
        try:
            aws.call("cloudformation", "wait", "stack-delete-complete", *target)
            break
        except DeployError as error:
            resource, reason = first_failure(target)
            if resource != "Bucket" or attempt + 1 == ATTEMPTS:
                text = f"{resource}: {reason}" if resource else reason
                raise DeployError(f"The stack is not deleted. {text} Then run this command again.") from error
    print(f"Deleted the stack {name}, with its bucket, its rule and its DNS records.")


def first_failure(target: tuple[str, ...]) -> tuple[str, str]:
    """What failed first in this deletion. CloudFormation lists the latest event first, and earlier attempts as well."""
    events = (aws.find("cloudformation", "describe-stack-events", *target) or {}).get("StackEvents", [])
    first = ("", "It takes longer than AWS's own wait.")
    for event in events:
        is_stack = event.get("PhysicalResourceId") == event.get("StackId")
        if is_stack and event["ResourceStatus"] == "DELETE_IN_PROGRESS":
            break
        if not is_stack and event["ResourceStatus"] == "DELETE_FAILED":
            reason = event.get("ResourceStatusReason", "CloudFormation gives no reason.")
            first = (event["LogicalResourceId"], reason)
    return first
