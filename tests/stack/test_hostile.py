"""Mails and events that nobody in his right mind sends: nothing dies, nothing is delivered."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from letter import CODE, letter
from mail import Mail, message_id
from relay_client import Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)
WHOLE = letter()


def nested(levels: int) -> bytes:
    """Multiparts in one another, the code in the innermost."""
    head = WHOLE.raw.partition(b"Content-Type:")[0]
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    closing = b"".join(b"\r\n--b%d--\r\n" % n for n in reversed(range(levels)))
    return head + opening + b"Content-Type: text/plain\r\n\r\n467266\r\n" + closing


def cut_off() -> bytes:
    """The mail of two parts, cut in the middle of the second."""
    head = WHOLE.raw.partition(b"Content-Type:")[0]
    body = b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n\r\n467266\r\nNot yo"
    return head + body


MAILS = {
    "an empty object": (b"", "unreadable"),
    "nothing but line ends": (b"\r\n" * 1000, "unreadable"),
    "cut off in the middle of a part": (cut_off(), "unreadable"),
    "10,000 nested parts": (nested(10_000), "unreadable"),
    "one header of half a megabyte": (WHOLE.raw.replace(b"Subject: ", b"Subject: " + b"x" * 500_000), "unreadable"),
    "a megabyte of headers": (b"X: y\r\n" * 150_000 + WHOLE.raw, "unreadable"),
    "all bytes": (bytes(range(256)) * 1000, "not_from_provider"),
    "zero bytes": (bytes(1000), "not_from_provider"),
}


@pytest.mark.parametrize(("raw", "expected"), MAILS.values(), ids=MAILS)
def test_a_mail_that_cannot_be_read_is_refused(
    relay: Relay, enrolment: Enrolment, opened: Request, raw: bytes, expected: str
) -> None:
    mail = Mail(raw, WHOLE.recipient, WHOLE.envelope_from).to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    delivery = relay.deliver(mail)
    assert delivery.handled, delivery.outcomes
    assert len(delivery.outcomes) == 1
    assert relay.result(enrolment, opened) == expected
    assert not relay.inbox()


@pytest.mark.parametrize(
    ("size", "expected"), [(1 << 20, CODE), ((1 << 20) + 1, "too_large"), (40_000_000, "too_large")]
)
def test_a_mail_over_a_mebibyte_is_refused_and_not_downloaded(
    relay: Relay, enrolment: Enrolment, opened: Request, size: int, expected: str
) -> None:
    mail = WHOLE.to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    delivery = relay.deliver(replace(mail, raw=mail.raw.ljust(size)))
    assert delivery.handled
    assert relay.result(enrolment, opened) == expected
    assert not relay.inbox()
    # What was on its way when the function turned away counts too: a few megabytes lie in the sockets' buffers.
    assert relay.front.record.bytes_read[f"inbox/{delivery.message_id}"] < 10_000_000


def test_a_mail_that_is_not_there_is_no_reason_to_try_again(relay: Relay, opened: Request) -> None:
    gone = message_id()
    assert relay.announce(gone, WHOLE.event(gone)).handled
    assert relay.poll(opened)["status"] == "pending"


def paths(node: object, path: tuple = ()) -> Iterator[tuple]:
    """The way to every field of an event."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from paths(child, (*path, key))


EVENT = WHOLE.event("x" * 40)
FIELDS = list(paths(EVENT))


def changed(event: dict, path: tuple, change: object) -> dict:
    event = copy.deepcopy(event)
    node = event
    for key in path[:-1]:
        node = node[key]
    change(node, path[-1])
    return event


def name(path: tuple) -> str:
    return ".".join(map(str, path[3:])) or str(path[-1])


# Without these nobody can say which mail it is, or whose.
NEEDED = [("Records", 0, "ses", "mail", "messageId"), ("Records", 0, "ses", "receipt", "recipients", 0)]


def is_needed(path: tuple) -> bool:
    return any(needed[: len(path)] == path for needed in NEEDED)


@pytest.mark.parametrize("path", FIELDS, ids=name)
def test_an_event_without_a_field_is_taken_as_far_as_it_goes(
    relay: Relay, enrolment: Enrolment, opened: Request, path: tuple
) -> None:
    mail = WHOLE.to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    stored = message_id()
    relay.store(stored, mail.raw)
    event = changed(mail.event(stored), path, lambda node, key: node.pop(key))
    delivery = relay.announce(stored, event, attempts=1)
    assert delivery.handled, delivery.outcomes
    assert relay.poll(opened).get("code") == (None if is_needed(path) else CODE)
    relay.objects.delete_object(Bucket=relay.stack.bucket, Key=f"inbox/{stored}")


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, True], ids=str)
def test_an_event_with_a_field_of_another_type_is_taken_as_far_as_it_goes(
    relay: Relay, enrolment: Enrolment, opened: Request, value: object
) -> None:
    mail = WHOLE.to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    stored = message_id()
    for path in FIELDS:
        relay.store(stored, mail.raw)
        event = changed(mail.event(stored), path, lambda node, key: node.__setitem__(key, value))
        assert relay.announce(stored, event, attempts=1).handled, path
    assert relay.poll(opened)["code"] == CODE
    relay.objects.delete_object(Bucket=relay.stack.bucket, Key=f"inbox/{stored}")


def test_fields_that_aws_adds_one_day_change_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    mail = WHOLE.to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    stored = message_id()
    relay.store(stored, mail.raw)
    event = mail.event(stored)
    for node in [event, *(node for path in FIELDS if isinstance(node := at(event, path), dict))]:
        node["brandNew"] = {"nested": [1, None, "x"]}
    assert relay.announce(stored, event).handled
    assert relay.result(enrolment, opened) == CODE


def at(node: object, path: tuple) -> object:
    for key in path:
        node = node[key]
    return node


EVENTS = [None, [], {}, "x", 5, {"Records": None}, {"Records": []}, {"Records": [None]}, {"Records": [{}]}]


@pytest.mark.parametrize("function", ["receive", "expire"])
@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_an_event_that_is_none_ends_without_a_retry(relay: Relay, function: str, event: object) -> None:
    outcome = relay.functions[function].invoke(event)
    assert outcome.ok, outcome.payload


@pytest.mark.parametrize("key", ["../status/x", "..", "", "a/b", "x" * 2000, "\u00fc", "a b", "a\r\nb", "%2e%2e"])
def test_a_message_id_that_is_none_reads_no_other_object(relay: Relay, opened: Request, key: str) -> None:
    before = len(relay.front.record.objections)
    assert relay.announce(key, WHOLE.event(key), attempts=1).handled
    assert relay.front.record.objections[before:] == []


def test_a_mail_for_several_of_the_relay_s_addresses_goes_to_each(relay: Relay) -> None:
    with relay.enrolled("one@gmail.com") as one, relay.enrolled("two@gmail.com") as two:
        first, second = relay.open(one), relay.open(two)
        mail = WHOLE.sent_at(second.opened_at + A_WHILE)
        stored = message_id()
        relay.store(stored, mail.raw)
        event = mail.event(stored)
        event["Records"][0]["ses"]["receipt"]["recipients"] = [one.relay_address, two.relay_address, "x@example.org"]
        assert relay.announce(stored, event).handled
        assert relay.result(one, first) == relay.result(two, second) == CODE
