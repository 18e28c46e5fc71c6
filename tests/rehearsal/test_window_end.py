"""The end of a window: its schedule invokes `expire`. This file is the last one, so that the windows end meanwhile."""

import pytest

from logins import Login, poll_until

# Of the window of 60 seconds, and of the emulator's second between two looks at the schedules.
SECONDS = 75

# The tests of the two shared stacks run in one process.
pytestmark = pytest.mark.xdist_group("shared stacks")


def test_the_code_of_an_answered_request_is_erased(answered: Login) -> None:
    ended = poll_until(answered.url, lambda found: found["status"] != "complete", SECONDS)
    assert (ended["status"], ended["reason"]) == ("error", "expired")
    assert "code" not in ended


def test_an_unanswered_request_ends_with_what_was_refused(refused: Login) -> None:
    assert refused.status["status"] == "pending"
    ended = poll_until(refused.url, lambda found: found["status"] != "pending", SECONDS)
    assert (ended["status"], ended["reason"]) == ("error", "timed_out")
    assert ended["message"] == "No code arrived within 60 s. 1 mail was refused: not_forwarded."
