"""prestage over HTTP: the calls of tests/contract, which the home edge answers alike, and what API Gateway adds."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Response
from owner import Enrolment
from relay import Relay

CASES = json.loads((Path(__file__).resolve().parents[1] / "contract" / "prestage.json").read_text())["cases"]


@pytest.fixture(scope="module")
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    """The contract's mailbox. No example names it, so that a response which does can be told."""
    with relay.owner.enrolled("garden.gate@gmail.com") as enrolment:
        yield enrolment


def filled(text: str, enrolment: Enrolment) -> str:
    text = text.replace("{mailbox}", enrolment.mailbox).replace("{token}", enrolment.token)
    return text.replace("{relay_address}", enrolment.relay_address)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_call_gets_the_response_of_the_contract(relay: Relay, enrolment: Enrolment, case: dict) -> None:
    headers = {name: filled(value, enrolment) for name, value in case["headers"].items()}
    body = filled(case["body"], enrolment).encode()
    response = relay.client.post(body, headers, filled(case["query"], enrolment))
    if case.get("error"):
        assert_error(response, case["status"], case["error"], enrolment)
        return
    assert response.status == case["status"], response.body
    is_json = response.body.startswith(b"{")
    relay.client.add_secret_url(response.json()["status_url"] if is_json else response.body.decode())


# API Gateway encodes a body in base64 if its Content-Type is not that of a text.
BINARY = "application/octet-stream"


def test_a_body_in_base64_is_decoded(relay: Relay, enrolment: Enrolment) -> None:
    headers = {"Authorization": f"Bearer {enrolment.token}", "Content-Type": BINARY}
    response = relay.client.post({"email": enrolment.mailbox}, headers)
    assert response.status == 200
    relay.client.add_secret_url(response.body.decode())


@pytest.mark.parametrize(
    ("kind", "body", "status", "error"),
    [
        (BINARY, b"\xff\xfe\x00", 400, "invalid_request"),
        (BINARY, b" " * 1_000_000, 413, "too_large"),
        ("application/json", b" " * 1_000_000, 413, "too_large"),
    ],
    ids=["bytes that are no text", "a megabyte in base64", "a megabyte of text"],
)
def test_a_body_that_cannot_be_a_request_is_an_error(
    relay: Relay, enrolment: Enrolment, kind: str, body: bytes, status: int, error: str
) -> None:
    headers = {"Authorization": f"Bearer {enrolment.token}", "Content-Type": kind}
    assert_error(relay.client.post(body, headers), status, error, enrolment)


def assert_error(response: Response, status: int, error: str, enrolment: Enrolment) -> None:
    assert response.status == status, response.body
    assert response.headers.get_content_type() == "application/json"
    body = response.json()
    assert body.keys() == {"error", "message"}
    assert body["error"] == error
    for secret in (enrolment.mailbox, enrolment.tag, enrolment.token):
        assert secret.encode() not in response.body
