"""The calls of tests/contract, which the relay at home is asked as well: the same answers here."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay_client import Enrolment, Relay

CASES = json.loads((Path(__file__).resolve().parents[1] / "contract" / "prestage.json").read_text())["cases"]


@pytest.fixture(scope="module")
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    """The mailbox that the contract speaks of."""
    with relay.enrolled("garden.gate@gmail.com") as enrolment:
        yield enrolment


def filled(text: str, enrolment: Enrolment) -> str:
    text = text.replace("{mailbox}", enrolment.mailbox).replace("{token}", enrolment.token)
    return text.replace("{relay_address}", enrolment.relay_address)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_call_gets_the_answer_that_the_contract_says(relay: Relay, enrolment: Enrolment, case: dict) -> None:
    headers = {name: filled(value, enrolment) for name, value in case["headers"].items()}
    body = filled(case["body"], enrolment).encode()
    answer = relay.post(body, headers, filled(case["query"], enrolment))
    assert answer.status == case["status"], answer.body
    if case.get("error"):
        assert answer.json()["error"] == case["error"]
    elif answer.body.startswith(b"{"):
        relay.note_url(answer.json()["status_url"])
    else:
        relay.note_url(answer.body.decode())
