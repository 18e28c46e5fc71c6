"""What holds for every call of AWS that deploy.sh makes, whatever it is asked to do."""

import pytest
from accounts import ARGUMENTS, ENROLLED, NEW, SHOWN, ZONE, deletable, described, healthy
from loopback import serving
from test_deploy import IN_ZONE
from test_probe import TEST, account

TAGS = {"mfa-relay:artifacts": "mine"}
VERIFIED = {"aws sesv2 get-email-identity": [None, {"VerifiedForSendingStatus": True}]}
RUNS = {
    "deployment": (IN_ZONE, NEW | ZONE | VERIFIED),
    "enrolment": ((*ARGUMENTS, "--enroll", "me@gmail.com"), NEW | {"aws lambda invoke": ENROLLED}),
    "owner's command": (("--show", "me@gmail.com", *ARGUMENTS[:2]), healthy() | {"aws lambda invoke": SHOWN}),
    "check": (("--check", *ARGUMENTS[:2]), healthy()),
    "deletion": (("--delete", *ARGUMENTS[:2]), deletable() | {"aws cloudformation describe-stacks": described(TAGS)}),
}


@pytest.mark.parametrize(("arguments", "answers"), RUNS.values(), ids=RUNS)
def test_it_names_the_region_so_that_none_need_be_configured(deploy, arguments, answers):
    run = deploy(*arguments, answers=answers)
    assert (run.code, run.stderr) == (0, "")
    assert_every_call_names_the_region(run)


def test_the_test_names_it_too(deploy, tmp_path):
    with serving(tmp_path, replies={"greeting": "554 no"}) as servers:
        run = deploy(*TEST, answers=account(servers), **servers.environment)
    assert run.code == 0
    assert_every_call_names_the_region(run)


@pytest.mark.parametrize("arguments", [ARGUMENTS, ("--check", *ARGUMENTS[:2])])
def test_no_pager_waits_for_a_key(deploy, arguments):
    run = deploy(*arguments, answers=healthy() | NEW, AWS_PAGER="less")
    assert set(run.pagers) == {""}


def assert_every_call_names_the_region(run) -> None:
    calls = [call for call in run.calls_of("aws") if call[1] != "--version"] + run.calls_of("sam", "deploy")
    assert calls
    assert [call for call in calls if call[call.index("--region") + 1 :][:1] != ["eu-west-1"]] == []
