"""--enroll: the mailbox is enrolled after the deployment, and everything to paste is printed."""

import json
import shlex

import pytest
from accounts import ARGUMENTS, ENROLLED, NEW


def test_it_enrols_and_prints_what_to_paste(deploy):
    answers = NEW | {"aws lambda invoke": ENROLLED}
    run = deploy(*ARGUMENTS, "--enroll", "me@gmail.com", "--label", "garden", answers=answers)
    assert run.code == 0
    assert "arlo+k7f3@mfa.example.com" in run.stdout
    url = "https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_secret"
    assert f"export MFA_RELAY_URL='{url}'" in run.stdout


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        ({"error": "already_enrolled", "message": "-"}, 0, "keeps its token"),
        ({"error": "invalid_request", "message": "Give in an address."}, 1, "Give in an address."),
    ],
)
def test_an_enrolment_that_is_refused_is_reported(deploy, answer, code, text):
    run = deploy(*ARGUMENTS, "--enroll", "me@gmail.com", answers=NEW | {"aws lambda invoke": answer})
    assert run.code == code
    assert text in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("options", "named"), [((), {}), (("--label", "recorder"), {"label": "recorder"})], ids=["no label", "label"]
)
def test_the_command_for_a_new_token_can_be_pasted(deploy, options, named):
    refused = {"aws lambda invoke": {"error": "already_enrolled", "message": "-"}}
    run = deploy(*ARGUMENTS, "--enroll", "o'hara@gmail.com", *options, answers=NEW | refused)
    [line] = [line for line in run.stdout.splitlines() if "sam remote invoke" in line]
    event = json.loads(shlex.split(line)[-1])
    assert event == {"action": "rotate", "mailbox": "o'hara@gmail.com"} | named
