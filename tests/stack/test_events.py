"""The events of tests/events, handed in as README says: `cargo lambda invoke <function> --data-file …`."""

import json
from pathlib import Path

import pytest

from letter import letter
from relay_client import Relay

EVENTS = Path(__file__).resolve().parents[1] / "events"
MAIL_OF_SES_ARLO = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"


def invoke(relay: Relay, function: str, event: str) -> object:
    run = relay.functions[function].invoke_with_cargo("--data-file", f"tests/events/{event}.json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("event", ["ses-arlo", "ses-minimal"])
def test_receive_takes_a_mail_that_is_announced_by_hand(relay: Relay, event: str) -> None:
    relay.store(MAIL_OF_SES_ARLO, letter().raw)
    assert invoke(relay, "receive", event) is None
    assert not relay.inbox()


def test_expire_takes_the_end_of_a_request_that_nobody_knows(relay: Relay) -> None:
    assert invoke(relay, "expire", "expire") is None


def test_prestage_turns_down_a_token_of_nobody(relay: Relay) -> None:
    answer = invoke(relay, "prestage", "prestage")
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["error"] == "not_enrolled"


def test_enroll_adds_a_mailbox(relay: Relay) -> None:
    try:
        told = relay.keep_secret(invoke(relay, "enroll", "enroll-add"))
        assert told["label"] == "garden cameras"
    finally:
        relay.enroll("revoke", mailbox="me@gmail.com")


def test_a_login_from_end_to_end_by_cargo_lambda_alone(relay: Relay) -> None:
    """The way that README shows to try the relay: every event on the command line."""

    def run(function: str, event: dict) -> dict:
        done = relay.functions[function].invoke_with_cargo("--data-ascii", json.dumps(event))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    try:
        told = relay.keep_secret(run("enroll", {"action": "add", "mailbox": "me@gmail.com"}))
        tag = told["relay_address"].partition("@")[0].partition("+")[2]
        answer = relay.post({"email": "me@gmail.com"}, query=f"?token={told['token']}")
        url = answer.body.decode()
        relay.note_url(url)
        opened = json.loads(relay.get(url).body)
        assert opened["status"] == "pending"
        mail = letter().to_tag(tag).sent_at(relay.stored_opening(tag))
        relay.store("m" * 40, mail.raw)
        run("receive", mail.event("m" * 40))
        assert relay.get(url).json()["code"] == "467266"
    finally:
        run("enroll", {"action": "revoke", "mailbox": "me@gmail.com"})
