"""The URL that a client polls: what it is signed for, how long it is valid, and what it answers."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

import presigned_urls
from client import Request
from owner import Enrolment
from relay import Relay


@pytest.fixture
def advance_s3_clock(relay: Relay) -> Iterator[Callable[[timedelta], None]]:
    """Sets S3's clock ahead for the test."""

    def advance(by: timedelta) -> None:
        relay.proxy.clock_skew = by

    yield advance
    relay.proxy.clock_skew = timedelta(0)


def test_prestage_signs_it_over_the_host_alone(relay: Relay, open_request: Request) -> None:
    parameters = presigned_urls.parameters(open_request.status_url)
    signer = relay.proxy.roles[parameters["X-Amz-Credential"].split("/")[0]]
    assert signer.function == "prestage"
    assert parameters["X-Amz-SignedHeaders"] == "host"
    own = parameters["X-Amz-Signature"]
    assert own == presigned_urls.signature("GET", open_request.status_url, signer.credentials)


def test_it_outlives_the_window_by_five_minutes(
    relay: Relay, open_request: Request, advance_s3_clock: Callable
) -> None:
    signed_at, lasts = presigned_urls.validity(open_request.status_url)
    assert abs(signed_at - open_request.opened_at) <= timedelta(seconds=2)
    assert lasts == open_request.expires_at - open_request.opened_at + timedelta(minutes=5)
    assert relay.scheduler.fire(open_request).ok
    advance_s3_clock(lasts - timedelta(seconds=10))
    assert relay.client.poll(open_request)["reason"] == "timed_out"
    advance_s3_clock(lasts + timedelta(seconds=10))
    assert relay.client.get(open_request.status_url).status == 403


def test_its_key_is_128_random_bits(relay: Relay, enrolment: Enrolment) -> None:
    urls = [relay.client.open_request(enrolment).status_url for _ in range(3)]
    keys = [urlsplit(url).path.rpartition("/status/")[2] for url in urls]
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert len(set(keys)) == len(keys)


def test_every_status_is_json_that_is_not_cached(relay: Relay, enrolment: Enrolment, open_request: Request) -> None:
    def headers() -> tuple:
        response = relay.client.get(open_request.status_url)
        return response.headers["Content-Type"], response.headers["Cache-Control"]

    expected = ("application/json", "no-store")
    assert headers() == expected
    relay.ses.deliver(relay.mail_for(enrolment, open_request))
    assert headers() == expected
    assert relay.scheduler.fire(open_request).ok
    assert headers() == expected
