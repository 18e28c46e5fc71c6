"""In the log of a workflow: no address and no token."""

import pytest
from accounts import ADDRESS, ARGUMENTS, ENROLLED, NEW, SHOWN, active, healthy

CI = {"CI": "true"}
GITHUB = CI | {"GITHUB_ACTIONS": "true"}


def test_a_deployment_prints_no_address(deploy):
    options = ("--owner-email", "me@example.com")
    run = deploy(*ARGUMENTS, *options, answers=NEW, **CI)
    assert (run.code, run.stderr) == (0, "")
    assert "The stack mfa is deployed." in run.stdout
    assert "example.com" not in run.stdout
    assert "execute-api" not in run.stdout


def test_github_hides_the_address_and_its_domain_in_the_rest_of_the_log(deploy):
    run = deploy(*ARGUMENTS, "--owner-email", "me@example.com", answers=NEW, **GITHUB)
    masked = [line for line in run.stdout.splitlines() if line.startswith("::add-mask::")]
    assert masked == ["::add-mask::arlo@mfa.example.com", "::add-mask::mfa.example.com", "::add-mask::me@example.com"]
    assert run.stdout.startswith(masked[0])


@pytest.mark.parametrize(
    "arguments",
    [
        (*ARGUMENTS, "--enroll", "me@gmail.com"),
        ("--enroll", "me@gmail.com", *ARGUMENTS[:2]),
        ("--rotate", "me@gmail.com", *ARGUMENTS[:2]),
        ("--token-add", "me@gmail.com", "--label", "a", *ARGUMENTS[:2]),
        ("--show", "me@gmail.com", *ARGUMENTS[:2]),
    ],
)
def test_what_prints_a_secret_is_refused_before_anything_is_done(deploy, arguments):
    run = deploy(*arguments, answers=NEW | {"aws lambda invoke": ENROLLED}, **CI)
    assert "Run it from your own machine." in run.stderr
    assert (run.code, run.calls, run.stdout) == (2, [], "")


def test_the_check_prints_no_link_of_a_confirmation(deploy):
    waiting = {"enrolments": [SHOWN | {"last_refusal": None}]}
    run = deploy("--check", *ARGUMENTS[:2], answers=healthy() | active() | {"aws lambda invoke": waiting}, **GITHUB)
    assert "Gmail waits for your confirmation" in run.stdout
    assert "mail.google.com" not in run.stdout
    assert f"::add-mask::{ADDRESS}" in run.stdout
