"""Everything that can be posted to prestage: a clear answer, never a stack trace."""

import json
from collections.abc import Iterator

import pytest

from relay_client import Answer, Enrolment, Relay


@pytest.fixture
def enrolment(relay: Relay) -> Iterator[Enrolment]:
    """A mailbox that stands in no example, so that an answer which names it can be told."""
    with relay.enrolled("garden.gate@gmail.com") as enrolment:
        yield enrolment


BODIES = {
    "no body": b"",
    "not JSON": b"email=me@gmail.com",
    "cut off": b'{"email": "me@gm',
    "null": b"null",
    "a list": b'["me@gmail.com"]',
    "a text": b'"me@gmail.com"',
    "an empty object": b"{}",
    "a number for an address": b'{"email": 5}',
    "a list for an address": b'{"email": ["me@gmail.com"]}',
    "no address": b'{"email": null}',
    "an empty address": b'{"email": ""}',
    "half an address": b'{"email": "me@"}',
    "an unknown provider": b'{"email": "me@gmail.com", "provider": "acme"}',
    "a number for a provider": b'{"email": "me@gmail.com", "provider": 5}',
    "null for a provider": b'{"email": "me@gmail.com", "provider": null}',
    "a deep nest": b"[" * 2000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_question_is_told_what_to_send(relay: Relay, enrolment: Enrolment, body: bytes) -> None:
    answer = relay.post(body, {"Authorization": f"Bearer {enrolment.token}"})
    assert_error(answer, 400, "invalid_request", enrolment)


def test_bytes_that_are_no_text_are_told_what_to_send(relay: Relay, enrolment: Enrolment) -> None:
    # Only a body that is not text by its type reaches the function when its bytes are none either.
    headers = {"Authorization": f"Bearer {enrolment.token}", "Content-Type": "application/octet-stream"}
    assert_error(relay.post(b"\xff\xfe\x00", headers), 400, "invalid_request", enrolment)


def test_a_body_that_the_gateway_encodes_in_base64_is_read(relay: Relay, enrolment: Enrolment) -> None:
    headers = {"Authorization": f"Bearer {enrolment.token}", "Content-Type": "application/octet-stream"}
    assert relay.post({"email": enrolment.mailbox}, headers).status == 200


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_a_body_of_a_megabyte_is_too_large(relay: Relay, enrolment: Enrolment, kind: str) -> None:
    body = json.dumps({"email": enrolment.mailbox, "more": "x" * 1_000_000}).encode()
    answer = relay.post(body, {"Authorization": f"Bearer {enrolment.token}", "Content-Type": kind})
    assert_error(answer, 413, "too_large", enrolment)


def test_what_else_is_in_the_body_is_ignored(relay: Relay, enrolment: Enrolment) -> None:
    assert relay.ask(enrolment, password="secret", email_address=None).status == 200


@pytest.mark.parametrize("provider", ["arlo", "blink"])
def test_each_provider_can_be_asked_for(relay: Relay, enrolment: Enrolment, provider: str) -> None:
    assert relay.ask(enrolment, provider=provider).status == 200


TOKENS = {
    "in the header": ({"Authorization": "Bearer {}"}, ""),
    "in the header, the scheme in small letters": ({"authorization": "bearer {}"}, ""),
    "in the query": ({}, "?token={}"),
    "in the query among others": ({}, "?x=1&token={}&y="),
    "in both": ({"Authorization": "Bearer {}"}, "?token={}"),
    "in the query, with a header for somebody else": ({"Authorization": "Basic bWU6bWU="}, "?token={}"),
}


@pytest.mark.parametrize(("headers", "query"), TOKENS.values(), ids=TOKENS)
def test_a_token_counts_wherever_it_comes(relay: Relay, enrolment: Enrolment, headers: dict, query: str) -> None:
    token = enrolment.token
    filled = {name: text.format(token) for name, text in headers.items()}
    assert relay.post({"email": enrolment.mailbox}, filled, query.format(token)).status == 200


def test_the_header_goes_before_the_query(relay: Relay, enrolment: Enrolment) -> None:
    answer = relay.post(
        {"email": enrolment.mailbox}, {"Authorization": "Bearer mfar_wrong"}, f"?token={enrolment.token}"
    )
    assert_error(answer, 403, "not_enrolled", enrolment)


NO_TOKENS = {
    "none": ({}, ""),
    "an empty header": ({"Authorization": ""}, ""),
    "a scheme without a token": ({"Authorization": "Bearer "}, ""),
    "another scheme": ({"Authorization": "Basic bWU6bWU="}, ""),
    "an empty query": ({}, "?token="),
}


@pytest.mark.parametrize(("headers", "query"), NO_TOKENS.values(), ids=NO_TOKENS)
def test_a_token_that_is_missing_is_asked_for(relay: Relay, enrolment: Enrolment, headers: dict, query: str) -> None:
    assert_error(relay.post({"email": enrolment.mailbox}, headers, query), 401, "token_missing", enrolment)


WRONG_TOKENS = ["x", "mfar_", "mfar_short", "mfar_" + "A" * 43, "mfar_" + "A" * 5000, "a b", "%00", "\t"]


@pytest.mark.parametrize("token", WRONG_TOKENS, ids=range(len(WRONG_TOKENS)))
def test_a_token_that_is_none_opens_nothing(relay: Relay, enrolment: Enrolment, token: str) -> None:
    answer = relay.post({"email": enrolment.mailbox}, {"Authorization": f"Bearer x{token}"})
    assert_error(answer, 403, "not_enrolled", enrolment)


def test_a_token_opens_requests_for_its_own_mailbox_only(relay: Relay, enrolment: Enrolment) -> None:
    with relay.enrolled("you@gmail.com") as other:
        mixed = Enrolment(other.mailbox, other.relay_address, enrolment.token)
        assert_error(relay.ask(mixed), 403, "not_enrolled", enrolment)


def assert_error(answer: Answer, status: int, error: str, enrolment: Enrolment) -> None:
    assert answer.status == status, answer.body
    assert answer.headers.get_content_type() == "application/json"
    told = answer.json()
    assert told.keys() == {"error", "message"}
    assert told["error"] == error
    for secret in (enrolment.mailbox, enrolment.tag, enrolment.token):
        assert secret.encode() not in answer.body
