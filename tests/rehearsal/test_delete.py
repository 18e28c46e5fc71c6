"""`--delete` leaves what was in the account before, whatever is under way."""

import processes
from account import Account
from mail_builder import MAILBOX
from stack import Stack


def test_with_mail_in_flight_nothing_of_the_stack_is_left(account: Account, stack: Stack) -> None:
    zone = account.create_zone(stack.domain)
    before = account.contents(stack.region)
    stack.deploy("--hosted-zone-id", zone, "--enroll", MAILBOX, "--owner-email", MAILBOX)
    assert account.contents(stack.region) > before
    with stack.mail_without_end() as taken:
        processes.wait_until(lambda: taken, "the first mail")
        stack.delete()
    stack.world.wait_for_deliveries(stack.region)
    assert account.contents(stack.region) == before


def test_deleting_what_does_not_exist_succeeds(account: Account, stack: Stack) -> None:
    before = account.contents(stack.region)
    assert "There is no stack" in stack.delete().stdout
    assert account.contents(stack.region) == before
