"""`--check`: one line for each thing that a deployed stack needs, with a tick or with a cross and the fix."""

from deploy import aws, health, stack
from deploy.errors import DeployError


def check(region: str, name: str) -> int:
    """Prints every result. Returns 1 if one has failed."""
    aws.account(region)
    found = stack.find(region, name)
    if not found:
        raise DeployError(
            f"There is no stack {name} in {region}. List the stacks: aws cloudformation list-stacks --region {region}"
        )
    if "RelayAddress" not in found.outputs:
        raise DeployError(
            f"The stack {name} is {found.status}: its deployment failed. Delete it: "
            f"./deploy.sh --delete {region} {name}"
        )
    failed = 0
    for result in health.results(region, name, found):
        print(result)
        failed += not result.passed
    print("\nEverything is in order." if not failed else f"\n{failed} of these need fixing.")
    return 1 if failed else 0
