"""The URL that a client polls: what it is signed for, for how long, and by whose hand."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

import presigned
from letter import letter
from relay_client import Enrolment, Relay, Request


@pytest.fixture
def later(relay: Relay) -> Iterator[object]:
    """Sets S3's clock ahead for the test."""

    def set_ahead(by: timedelta) -> None:
        relay.front.clock_ahead = by

    yield set_ahead
    relay.front.clock_ahead = timedelta(0)


def test_the_signature_is_the_one_that_botocore_makes(relay: Relay, opened: Request) -> None:
    signer = relay.front.roles[presigned.fields(opened.status_url)["X-Amz-Credential"].split("/")[0]]
    assert signer.function == "prestage"
    own = presigned.fields(opened.status_url)["X-Amz-Signature"]
    assert own == presigned.signature("GET", opened.status_url, signer.credentials)


def test_a_client_needs_no_header_of_its_own(opened: Request) -> None:
    assert presigned.fields(opened.status_url)["X-Amz-SignedHeaders"] == "host"


def test_the_url_outlives_the_window_by_five_minutes(opened: Request) -> None:
    signed_at, lasts = presigned.life(opened.status_url)
    assert abs(signed_at - opened.opened_at) <= timedelta(seconds=2)
    assert lasts == opened.expires_at - opened.opened_at + timedelta(minutes=5)


def test_the_last_answer_is_json_until_the_url_dies(relay: Relay, opened: Request, later: object) -> None:
    relay.end(opened)
    later(timedelta(minutes=9, seconds=50))
    assert relay.poll(opened)["reason"] == "timed_out"
    later(timedelta(minutes=10, seconds=10))
    assert relay.get(opened.status_url).status == 403


def test_every_request_has_a_name_of_128_random_bits(relay: Relay, enrolment: Enrolment) -> None:
    names = [urlsplit(relay.open(enrolment).status_url).path.rpartition("/status/")[2] for _ in range(5)]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    assert len(set(names)) == 5


def test_the_answer_is_json_that_nobody_keeps(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    def kinds() -> tuple:
        answer = relay.get(opened.status_url)
        return answer.headers["Content-Type"], answer.headers["Cache-Control"]

    expected = ("application/json", "no-store")
    assert kinds() == expected
    relay.deliver(letter().to_tag(enrolment.tag).sent_at(opened.opened_at + timedelta(seconds=10)))
    assert kinds() == expected
    relay.end(opened)
    assert kinds() == expected


def test_a_url_that_was_touched_opens_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    other = urlsplit(relay.open(enrolment).status_url).path
    url = opened.status_url
    for touched in (
        url.replace("X-Amz-Expires=", "X-Amz-Expires=9"),
        url.replace(urlsplit(url).path, other),
        url + "0",
    ):
        assert relay.get(touched).status == 403
