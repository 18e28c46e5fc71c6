"""Two stacks in one account and region: the second joins the rule set of the first."""

import pytest

from stack import Stack
from terminal import Terminal
from world import World


@pytest.fixture
def stacks(world: World, terminal: Terminal) -> tuple[Stack, Stack]:
    first, second = world.stack(terminal), world.stack(terminal)
    first.paste_records(first.deploy().stdout)
    refused = second.try_deploy()
    assert refused.code == 2
    option = refused.stderr.partition("Join it: add ")[2].split()
    second.paste_records(second.deploy(*option).stdout)
    return first, second


def test_the_second_receives_mail_when_the_first_is_deleted(stacks: tuple[Stack, Stack]) -> None:
    first, second = stacks
    assert first.takes_mail()
    assert second.takes_mail()
    # Whether deploy.sh refuses, or hands the rule set over.
    first.try_delete()
    assert second.takes_mail()
