"""The first deployment of a domain whose DNS is edited elsewhere, in a second region, and the end of a window there.

At a window's end its schedule invokes `expire`.
"""

import pytest

import logins
from logins import Login, poll_until
from mail_builder import CODE, MAILBOX
from stack import Deployed
from world import World

# Of the window of 60 seconds, and of the emulator's second between two looks at the schedules.
SECONDS = 75


@pytest.fixture(scope="module")
def with_dns_elsewhere(world: World) -> Deployed:
    """In eu-west-1, with a domain whose DNS is edited elsewhere, and the shortest window. No record exists yet."""
    stack = world.stack(world.terminal(world.create_account()), "eu-west-1")
    return Deployed(stack, stack.deploy("--window", "60", "--enroll", MAILBOX))


@pytest.fixture(scope="module")
def answered(with_dns_elsewhere: Deployed) -> Login:
    """A login that got its code, in the window of 60 seconds."""
    stack, enrolment = with_dns_elsewhere.stack, with_dns_elsewhere.enrolment
    stack.paste_records(with_dns_elsewhere.output.stdout)
    mails = stack.world.mail_servers
    url = logins.open_request(enrolment.prestage)
    mails.forward(mails.code_mail(), enrolment.relay_address)
    return Login(url, logins.poll_until(url, lambda found: found["status"] != "pending"))


@pytest.fixture(scope="module")
def refused(with_dns_elsewhere: Deployed, answered: Login) -> Login:
    """A login after that one, whose only mail was refused, in the window of 60 seconds."""
    stack, enrolment = with_dns_elsewhere.stack, with_dns_elsewhere.enrolment
    mails = stack.world.mail_servers
    url = logins.open_request(enrolment.prestage)
    mails.forward(mails.code_mail(signed=False), enrolment.relay_address, "stranger@elsewhere.example")
    stack.wait_until_handled()
    return Login(url, logins.status(url))


def test_the_check_asks_for_the_records_that_were_printed(
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


def test_the_code_of_an_answered_request_is_erased(answered: Login) -> None:
    ended = poll_until(answered.url, lambda found: found["status"] != "complete", SECONDS)
    assert (ended["status"], ended["reason"]) == ("error", "expired")
    assert "code" not in ended


def test_an_unanswered_request_ends_with_what_was_refused(refused: Login) -> None:
    assert refused.status["status"] == "pending"
    ended = poll_until(refused.url, lambda found: found["status"] != "pending", SECONDS)
    assert (ended["status"], ended["reason"]) == ("error", "timed_out")
    # If little time has passed since the login before, its code mail is named as well.
    assert ended["message"].startswith("No code arrived within 60 s. ")
    assert ended["message"].endswith("1 mail was refused: not_forwarded.")
