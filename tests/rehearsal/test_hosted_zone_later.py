"""A stack whose records were pasted by hand, and whose domain then moves into Route 53.

What happens without pasted records, test_redeployment.py shows.
"""

from account import Account
from mail_builder import MAILBOX
from stack import Stack


def test_the_hosted_zone_may_hold_the_records_already(account: Account, stack: Stack) -> None:
    printed = stack.deploy("--enroll", MAILBOX).stdout
    zone = account.create_zone(stack.domain)
    account.paste_records(zone, printed)
    stack.deploy("--hosted-zone-id", zone)
    assert stack.status == "UPDATE_COMPLETE"
    assert stack.log_in(stack.enrolment(printed))["status"] == "complete"
    assert stack.check().code == 0
