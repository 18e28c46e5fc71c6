"""What holds for every call of AWS that deploy.sh makes, whatever it is asked to do."""

import pytest
from accounts import ARGUMENTS, ENROLLED, NEW, ZONE, deletable, described, healthy
from test_deploy import IN_ZONE

TAGS = {"mfa-relay:artifacts": "mine"}
VERIFIED = {"aws sesv2 get-email-identity": [None, {"VerifiedForSendingStatus": True}]}
RUNS = {
    "deployment": (IN_ZONE, NEW | ZONE | VERIFIED),
    "enrolment": ((*ARGUMENTS, "--enroll", "me@gmail.com"), NEW | {"aws lambda invoke": ENROLLED}),
    "check": (("--check", *ARGUMENTS[:2]), healthy()),
    "deletion": (("--delete", *ARGUMENTS[:2]), deletable() | {"aws cloudformation describe-stacks": described(TAGS)}),
}


@pytest.mark.parametrize(("arguments", "answers"), RUNS.values(), ids=RUNS)
def test_it_names_the_region_so_that_none_need_be_configured(deploy, arguments, answers):
    run = deploy(*arguments, answers=answers)
    assert (run.code, run.stderr) == (0, "")
    calls = run.calls_of("aws") + run.calls_of("sam", "deploy")
    assert calls
    assert [call for call in calls if call[call.index("--region") + 1 :][:1] != ["eu-west-1"]] == []
