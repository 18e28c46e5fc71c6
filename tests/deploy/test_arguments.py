"""The command line: wrong usage and wrong values are refused before anything is asked, installed or built."""

import pytest
from accounts import ARGUMENTS, NEW
from fakes import PROJECT


def stack(name: str) -> list[str]:
    return ["eu-west-1", name, "arlo@mfa.example.com"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["eu-west-9", "mfa", "arlo@mfa.example.com"], "us-west-2"),
        (["eu-west-9", "mfa", "arlo@mfa.example.com"], "The region must be one in which SES receives mail"),
        (["eu-central-2", "mfa", "arlo@mfa.example.com"], "(got 'eu-central-2')"),
        (["x86_64", "mfa", "arlo@mfa.example.com"], "(got 'x86_64')"),
        (["eu-west-.", "mfa", "arlo@mfa.example.com"], "(got 'eu-west-.')"),
        (stack("my stack"), "hold only letters, digits and hyphens (got 'my stack')"),
        (stack("1mfa"), "must begin with a letter"),
        (stack("m" * 41), "at most 40 characters"),
        (stack("relay-"), "must end with a letter or digit, because the SES rule has the same name (got 'relay-')"),
        (stack("default"), "EventBridge Scheduler has a schedule group of that name"),
        (stack("sthree-mfa"), "S3 reserves such names for buckets"),
        (["eu-west-1", "mfa", "Arlo@mfa.example.com"], "must be a lower-case address"),
        (["eu-west-1", "mfa", "arlo+tag@mfa.example.com"], '"+"'),
        ([*ARGUMENTS, "s3://my-artifacts"], "The artifact bucket must be the name of an S3 bucket"),
        (["eu-west-1", "mfa", "example"], "must be a lower-case address"),
        ([*ARGUMENTS, "--limit", "FloodMails=9"], "--limit FloodMails must be between 10 and 100000 (got '9')."),
        ([*ARGUMENTS, "--limit", "Memory=9"], "--limit must be NAME=VALUE with one of FloodMails,"),
        ([*ARGUMENTS, "--hosted-zone-id", "example.com"], "e.g. Z0123456789ABCDEFGHIJ (got 'example.com')"),
        ([*ARGUMENTS, "--rule-set", "my set"], "--rule-set must be the name of a rule set in SES"),
        ([*ARGUMENTS, "--owner-email", "me"], "--owner-email must be a mail address"),
        ([*ARGUMENTS, "--hosted-zone-id", ""], "e.g. Z0123456789ABCDEFGHIJ (got '')"),
        ([*ARGUMENTS, "--window", "59"], "--window must be between 60 and 900 seconds (got 59)."),
        ([*ARGUMENTS, "--window", "901"], "--window must be between 60 and 900 seconds (got 901)."),
        ([*ARGUMENTS, "--log-days", "2"], "days (got 2)."),
        ([*ARGUMENTS, "--window", "five"], "--window must be between 60 and 900 seconds (got five)."),
        (
            [*ARGUMENTS, "--log-days", "2"],
            "--log-days must be one of 1, 3, 5, 7, 14,",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_right(deploy, arguments, problem):
    run = deploy(*arguments, answers=NEW)
    assert problem in run.stderr
    assert (run.code, run.calls, run.stdout) == (2, [], "")


@pytest.mark.parametrize("arguments", [stack("m" * 40), stack("a-1"), [*ARGUMENTS, "--window", "60"]])
def test_a_value_at_the_limit_is_accepted(deploy, arguments):
    assert deploy(*arguments, "--dry-run", answers=NEW).code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "the region is missing, e.g. us-east-1"),
        (ARGUMENTS[:1], "the name of the stack is missing"),
        (ARGUMENTS[:2], "the relay address or its domain is missing"),
        (["--check", "eu-west-1"], "the name of the stack is missing"),
        ([*ARGUMENTS, "my-artifacts", "more"], "'more' is one argument too many"),
        ([*ARGUMENTS, "--widow", "60"], "there is no option --widow (did you mean --window?)"),
        ([*ARGUMENTS, "--enrol", "me@gmail.com"], "there is no option --enrol (did you mean --enroll?)"),
        ([*ARGUMENTS, "--window"], "--window: expected one argument"),
        (["--check", "--delete", *ARGUMENTS[:2]], "cannot be combined"),
        (["--delete", *ARGUMENTS], "takes a region and a stack only (got also 'arlo@mfa.example.com')"),
        (["--delete", *ARGUMENTS[:2], "--dry-run"], "--dry-run is for a deployment, and --delete makes none"),
        (["--show", "me@gmail.com", *ARGUMENTS], "--show takes a region and a stack only"),
        (["--show", "me@gmail.com", "eu-west-1"], "the name of the stack is missing"),
        (["--show", "me@gmail.com", "--list", *ARGUMENTS[:2]], "--show and --list cannot be combined"),
        (["--enroll", "me@gmail.com", "--check", *ARGUMENTS[:2]], "--check and --enroll cannot be combined"),
        (["--list", "--window", "120", *ARGUMENTS[:2]], "--window is for a deployment, and --list makes none"),
        (["--check", "--x86-64", *ARGUMENTS[:2]], "is for a deployment, and --check makes none"),
        (["--show", "me@gmail.com", "--address", *ARGUMENTS[:2]], "--address is for --rotate"),
        (["--revoke", "me@gmail.com", "--label", "a", *ARGUMENTS[:2]], "--label is for --enroll and --rotate"),
        ([*ARGUMENTS, "--label", "garden"], "--label is for --enroll"),
        (["--token-add", "me@gmail.com", *ARGUMENTS[:2]], "needs the name of the program, e.g. --label recorder"),
        (["--enroll", "me@gmail.com", "--trust", "blind", *ARGUMENTS[:2]], "invalid choice: 'blind'"),
    ],
)
def test_wrong_usage_is_refused_with_what_is_right(deploy, arguments, problem):
    run = deploy(*arguments, answers=NEW)
    assert problem in run.stderr
    assert "./deploy.sh --help" in run.stderr
    assert (run.code, run.calls, run.stdout) == (2, [], "")


def test_all_problems_are_reported_at_once(deploy):
    run = deploy("mars-1", "1", "arlo", "--window", "1", "--build", answers=NEW, tools=[])
    assert run.stderr.count("  - ") == 5


def test_the_help_is_the_text_in_help_txt(deploy):
    run = deploy("--help", answers=NEW, COLUMNS="100")
    assert run.stdout == (PROJECT / "tests/deploy/help.txt").read_text(), "run tests/update to rewrite help.txt"
    assert (run.code, run.calls) == (0, [])


def test_options_may_stand_between_the_other_arguments(deploy):
    region, *rest = ARGUMENTS
    run = deploy(region, "--window", "120", *rest, "--dry-run", "my-artifacts", answers=NEW)
    assert run.code == 0, run.stderr
    assert "--s3-bucket my-artifacts" in run.stdout
    assert "WindowSeconds=120" in run.stdout
