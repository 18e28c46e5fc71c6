"""pyaarlo's REST dialect: the calls of tests/contract, which the home edge answers alike, and a login."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mail_builder import CODE, code_mail
from owner import Enrolment
from relay import SOON, Relay

CASES = json.loads((Path(__file__).resolve().parents[1] / "contract" / "pyaarlo.json").read_text())["cases"]


@pytest.fixture(scope="module")
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    with relay.owner.enrolled("garden.gate@gmail.com") as enrolment:
        yield enrolment


def filled(text: str, enrolment: Enrolment) -> str:
    return text.replace("{mailbox}", enrolment.mailbox).replace("{token}", enrolment.token)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_call_gets_the_response_of_the_contract(relay: Relay, enrolment: Enrolment, case: dict) -> None:
    headers = {name: filled(value, enrolment) for name, value in case.get("headers", {}).items()}
    response = relay.client.call(case["method"], filled(case["path"], enrolment), headers)
    assert response.status == case["status"], response.body
    assert response.headers.get_content_type() == "application/json"
    location = response.headers.get("Location", "")
    assert location.startswith(case.get("location", ""))
    assert bool(location) == ("location" in case)
    document = response.json()
    assert document["meta"]["code"] == (200 if case["success"] else 400)
    assert document["data"]["success"] == case["success"]
    assert document["data"].get("code") is None
    assert isinstance(document["data"].get("error"), str) != case["success"]
    assert enrolment.token.encode() not in response.body


def test_a_login_as_pyaarlo_does_it_finds_its_code(relay: Relay, enrolment: Enrolment) -> None:
    query = f"?email={enrolment.mailbox}&token={enrolment.token}"
    assert relay.client.call("GET", f"/pyaarlo/clear{query}").json()["data"]["success"]
    mail = code_mail(mailbox=enrolment.mailbox).to_tag(enrolment.tag).sent_at(datetime.now(UTC) + SOON)
    assert relay.ses.deliver(mail).handled
    assert relay.client.call("GET", f"/pyaarlo/get{query}").json()["data"]["code"] == CODE
