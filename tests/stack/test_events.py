"""The events of tests/events, given to `cargo lambda invoke <function> --data-file …`."""

import json
from pathlib import Path

import pytest

from mail_builder import CODE, code_mail
from owner import tag_of
from relay import Relay

EVENTS = Path(__file__).resolve().parents[1] / "events"
MAIL_OF_SES_ARLO = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"


def invoke(relay: Relay, function: str, *data: str) -> object:
    run = relay.functions[function].invoke_with_cargo(*data)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def invoke_with_file(relay: Relay, function: str, event: str) -> object:
    return invoke(relay, function, "--data-file", f"tests/events/{event}.json")


@pytest.mark.parametrize("event", ["ses-arlo", "ses-minimal"])
def test_receive_handles_the_mail_that_an_event_names(relay: Relay, event: str) -> None:
    relay.ses.store(MAIL_OF_SES_ARLO, code_mail().raw)
    assert invoke_with_file(relay, "receive", event) is None
    assert not relay.ses.inbox()


def test_expire_ignores_a_request_that_does_not_exist(relay: Relay) -> None:
    assert invoke_with_file(relay, "expire", "expire") is None


def test_prestage_denies_an_unknown_token(relay: Relay) -> None:
    answer = invoke_with_file(relay, "prestage", "prestage")
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["error"] == "not_enrolled"


def test_a_login_works_by_cargo_lambda_alone(relay: Relay) -> None:
    """The way that README shows to try the relay: every event on the command line."""
    try:
        issued = relay.owner.with_secrets(invoke_with_file(relay, "enroll", "enroll-add"))
        assert issued["label"] == "garden cameras"
        tag = tag_of(issued["relay_address"])
        response = relay.client.post({"email": "me@gmail.com"}, query=f"?token={issued['token']}")
        url = response.body.decode()
        relay.client.add_secret_url(url)
        mail = code_mail().to_tag(tag).sent_at(relay.items.last_opening(tag))
        relay.ses.store("m" * 40, mail.raw)
        assert invoke(relay, "receive", "--data-ascii", json.dumps(mail.event("m" * 40))) is None
        assert relay.client.get(url).json()["code"] == CODE
    finally:
        relay.owner.enroll("revoke", mailbox="me@gmail.com")
