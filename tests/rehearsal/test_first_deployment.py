"""The first deployment into an empty account, with the domain in Route 53 and with its DNS elsewhere."""

import pytest

from mail_builder import CODE
from stack import Deployed

# The tests of the two shared stacks run in one process.
pytestmark = pytest.mark.xdist_group("shared stacks")


def test_with_a_hosted_zone_one_command_leads_to_a_code(in_route53: Deployed) -> None:
    stack = in_route53.stack
    assert f"SES has verified {stack.domain}." in in_route53.output.stdout
    status = stack.log_in(in_route53.enrolment)
    assert (status["status"], status["code"]) == ("complete", CODE)
    checked = stack.check()
    assert (checked.code, checked.stdout.splitlines()[-1]) == (0, "Everything is in order."), checked


def test_without_one_the_check_asks_for_the_records_that_were_printed(
    with_dns_elsewhere: Deployed, request: pytest.FixtureRequest
) -> None:
    stack = with_dns_elsewhere.stack
    before = stack.check()
    assert before.code == 1
    assert f"✗ the MX record of {stack.domain} points to SES" in before.stdout
    assert f"✗ SES has verified {stack.domain}" in before.stdout
    # The owner makes the records, and logs in.
    answered = request.getfixturevalue("answered")
    assert (answered.status["status"], answered.status["code"]) == ("complete", CODE)
    checked = stack.check()
    assert checked.code == 0, checked
