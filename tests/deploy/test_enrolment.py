"""The owner's commands for enrolments: what the function `enroll` is asked, and how its answers are printed."""

import json
import shlex

import pytest
from accounts import ARGUMENTS, ENROLLED, ENROLMENT, NEW, SHOWN, healthy

STACK = ARGUMENTS[:2]
ME = "me@gmail.com"


def owner(deploy, *arguments: str, answer: dict, **environment: str):
    return deploy(*arguments, *STACK, answers=healthy() | {"aws lambda invoke": answer}, **environment)


def event_of(run) -> dict:
    """The event that the function was invoked with."""
    [call] = run.calls_of("aws", "lambda", "invoke")
    assert call[call.index("--function-name") + 1] == "mfa-Enroll"
    return run.payloads[0]


@pytest.mark.parametrize(
    ("arguments", "event"),
    [
        (["--enroll", ME], {"action": "add", "mailbox": ME}),
        (
            ["--enroll", ME, "--label", "garden", "--trust", "addressed"],
            {"action": "add", "mailbox": ME, "label": "garden", "trust": "addressed"},
        ),
        (["--show", ME], {"action": "show", "mailbox": ME}),
        (["--list"], {"action": "list"}),
        (["--rotate", ME], {"action": "rotate", "mailbox": ME}),
        (
            ["--rotate", ME, "--label", "garden", "--trust", "signed", "--address"],
            {"action": "rotate", "mailbox": ME, "label": "garden", "trust": "signed", "address": True},
        ),
        (["--revoke", ME], {"action": "revoke", "mailbox": ME}),
        (
            ["--token-add", ME, "--label", "recorder"],
            {"action": "token", "do": "add", "mailbox": ME, "label": "recorder"},
        ),
        (
            ["--token-revoke", ME, "--label", "recorder"],
            {"action": "token", "do": "revoke", "mailbox": ME, "label": "recorder"},
        ),
        (["--token-list", ME], {"action": "token", "do": "list", "mailbox": ME}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_asks_the_function_and_changes_nothing_else(deploy, arguments, event):
    answers = {
        "add": ENROLLED,
        "rotate": ENROLLED,
        "show": SHOWN,
        "list": {"enrolments": []},
        "revoke": {"revoked": True},
    }
    answer = answers.get(event.get("do", event["action"]))
    if event.get("do") == "list":
        answer = {"programs": ENROLMENT["programs"]}
    run = owner(deploy, *arguments, answer=answer)
    assert (run.code, run.stderr) == (0, "")
    assert event_of(run) == event
    assert run.changes() == ["aws lambda invoke"]


@pytest.mark.parametrize(
    ("arguments", "head"),
    [
        (["--enroll", ME], "me@gmail.com is enrolled."),
        (["--rotate", ME], "The program garden of me@gmail.com has a new token; the old one works no longer."),
        (["--token-add", ME, "--label", "garden"], "The program garden of me@gmail.com has a token of its own."),
    ],
)
def test_a_new_token_is_printed_with_all_that_is_to_be_pasted(deploy, arguments, head):
    printed = owner(deploy, *arguments, answer=ENROLLED).stdout
    assert printed.startswith(head)
    assert "arlo+k7f3@mfa.example.com" in printed
    url = "https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_secret"
    assert f"export MFA_RELAY_URL='{url}'" in printed
    assert "./deploy.sh --show me@gmail.com eu-west-1 mfa" in printed


def test_show_prints_what_is_known_of_a_mailbox(deploy):
    lines = owner(deploy, "--show", ME, answer=SHOWN).stdout.splitlines()
    assert "  relay address  arlo+k7f3@mfa.example.com" in lines
    assert "  last mail      2026-11-21T20:01:12Z" in lines
    assert "  refused for    stale" in lines
    assert "  what to do     Prestage first, then log in." in lines
    assert "  link           https://mail.google.com/mail/vf-x" in lines
    assert "  or type        99427480" in lines
    assert "  garden                   token of 2026-11-20T08:00:00Z, last used never" in lines


def test_show_prints_no_confirmation_and_no_advice_that_does_not_exist(deploy):
    quiet = SHOWN | {"mail_arrived_at": None, "last_refusal": None, "advice": None, "gmail_confirmation": None}
    printed = owner(deploy, "--show", ME, answer=quiet).stdout
    assert "last mail      none yet: check the mailbox's forwarding" in printed
    assert "refused for    -" in printed
    assert "what to do" not in printed
    assert "Gmail" not in printed


def test_list_prints_the_programs_of_every_enrolment(deploy):
    printed = owner(deploy, "--list", answer={"enrolments": [ENROLMENT, ENROLMENT]}).stdout
    assert printed.count("enrolled 2026-11-20T08:00:00Z, last mail 2026-11-21T20:01:12Z") == 2
    assert "recorder                 token of 2026-11-22T09:00:00Z, last used 2026-11-23T10:00:00Z" in printed


def test_list_says_how_to_enrol_the_first_mailbox(deploy):
    printed = owner(deploy, "--list", answer={"enrolments": []}).stdout
    assert printed == "No mailbox is enrolled. Enrol one with: ./deploy.sh --enroll me@gmail.com eu-west-1 mfa\n"


def test_an_answer_can_be_had_as_json(deploy):
    assert json.loads(owner(deploy, "--show", ME, "--json", answer=SHOWN).stdout) == SHOWN


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_action_that_is_refused_fails_with_the_reason(deploy, more):
    refused = {"error": "not_enrolled", "message": "This mailbox is not enrolled."}
    run = owner(deploy, "--revoke", ME, *more, answer=refused)
    assert run.code == 1
    assert "This mailbox is not enrolled." in (run.stdout if more else run.stderr)


def test_without_a_stack_it_says_so(deploy):
    run = deploy("--list", *STACK, answers=NEW | {"aws cloudformation describe-stacks": None})
    assert "There is no stack mfa in eu-west-1" in run.stderr
    assert (run.code, run.changes()) == (1, [])


def test_a_deployment_enrols_at_its_end(deploy):
    answers = NEW | {"aws lambda invoke": ENROLLED}
    run = deploy(*ARGUMENTS, "--enroll", ME, "--label", "garden", "--trust", "signed", answers=answers)
    assert run.code == 0
    assert "me@gmail.com is enrolled." in run.stdout
    assert event_of(run) == {"action": "add", "mailbox": ME, "label": "garden", "trust": "signed"}


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        ({"error": "already_enrolled", "message": "-"}, 0, "keeps its token"),
        ({"error": "invalid_request", "message": "Give in an address."}, 1, "Give in an address."),
    ],
)
def test_an_enrolment_that_a_deployment_is_refused_is_reported(deploy, answer, code, text):
    run = deploy(*ARGUMENTS, "--enroll", ME, answers=NEW | {"aws lambda invoke": answer})
    assert run.code == code
    assert text in run.stdout + run.stderr


@pytest.mark.parametrize(("options", "named"), [((), ()), (("--label", "recorder"), ("--label", "recorder"))])
def test_the_command_for_a_new_token_can_be_pasted(deploy, options, named):
    refused = {"aws lambda invoke": {"error": "already_enrolled", "message": "-"}}
    run = deploy(*ARGUMENTS, "--enroll", "o'hara@gmail.com", *options, answers=NEW | refused)
    [line] = [line for line in run.stdout.splitlines() if "--rotate" in line]
    assert shlex.split(line) == ["./deploy.sh", "--rotate", "o'hara@gmail.com", "eu-west-1", "mfa", *named]
