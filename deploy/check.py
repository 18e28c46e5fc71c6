"""`--check`: one line for each thing that a deployed stack needs, with a tick or with a cross and the fix."""

from deploy import ci, domain, health, stack


def check(region: str, name: str) -> int:
    """Prints every result. Returns 1 if one has failed."""
    found = stack.deployed(region, name)
    address = found.outputs["RelayAddress"]
    ci.hide(address, domain.of(address))
    failed = 0
    for result in health.results(region, name, found):
        print(result)
        failed += not result.passed
    print("\nEverything is in order." if not failed else f"\n{failed} of these need fixing.")
    return 1 if failed else 0
