"""Examines a deployed stack: a line for each thing that must hold, with a tick or a cross and the mend."""

from deploy import checks, stack
from deploy.programs import Failed, account


def check(region: str, name: str) -> int:
    """Prints every line; 1 where one has a cross."""
    account()
    found = stack.find(region, name)
    if not found:
        raise Failed(
            f"There is no stack {name} in {region}. aws cloudformation list-stacks --region {region} tells them."
        )
    if "RelayAddress" not in found.outputs:
        raise Failed(f"The stack {name} is {found.status} and never came to be: ./deploy.sh --delete {region} {name}")
    crosses = 0
    for line in checks.all_of(region, name, found):
        print(line)
        crosses += not line.holds
    print("\nAll is well." if not crosses else f"\n{crosses} to mend.")
    return 1 if crosses else 0
