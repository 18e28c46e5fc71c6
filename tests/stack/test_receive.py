"""What `receive` reads, and from where: the event, the stored mail, the enrolment, the open request.

What follows from it is proven in relay/, and how an event is read field by field in functions/tests.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from client import Request
from corpus import Specimen, specimens
from mail import PLAIN_ADDRESS, new_message_id
from mail_builder import CODE, MAILBOX
from owner import Enrolment
from relay import Relay

STRANGER = "eve@evil.example"
UNSIGNED = {"dkim": ()}
UNPROVEN = {"dkim": (), "envelope_from": STRANGER}

# Each pair tells two neighbouring trusts apart.
TRUSTS = [
    ("signed", UNSIGNED, "not_signed"),
    ("forwarded", UNSIGNED, CODE),
    ("forwarded", UNPROVEN, "not_forwarded"),
    ("addressed", UNPROVEN, CODE),
]


@pytest.mark.parametrize(("trust", "traits", "expected"), TRUSTS)
def test_the_enrolment_says_what_a_mail_must_prove(relay: Relay, trust: str, traits: dict, expected: str) -> None:
    with relay.owner.enrolled(MAILBOX, trust) as enrolment:
        request = relay.client.open_request(enrolment)
        assert relay.ses.deliver(relay.mail_for(enrolment, request, **traits)).handled
        assert relay.result(enrolment, request) == expected


@pytest.mark.parametrize("verdict", ["spam", "virus"])
def test_the_event_has_ses_s_verdicts(relay: Relay, enrolment: Enrolment, open_request: Request, verdict: str) -> None:
    assert relay.ses.deliver(relay.mail_for(enrolment, open_request, dkim=(), **{verdict: "FAIL"})).handled
    assert relay.result(enrolment, open_request) == verdict


def test_the_event_says_when_a_mail_was_accepted(relay: Relay, enrolment: Enrolment, open_request: Request) -> None:
    late = relay.mail_for(enrolment, open_request).delayed(timedelta(minutes=5))
    assert relay.ses.deliver(late).handled
    assert relay.result(enrolment, open_request) == "outside_window"


def test_the_stored_mail_says_when_it_was_written(relay: Relay, enrolment: Enrolment, open_request: Request) -> None:
    days = timedelta(days=3)
    replayed = relay.mail_for(enrolment, open_request).shifted(-days).delayed(days)
    assert relay.ses.deliver(replayed).handled
    assert relay.result(enrolment, open_request) == "stale"


def test_the_request_says_which_provider_s_code_it_waits_for(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.client.open_request(enrolment, provider="blink")
    assert relay.ses.deliver(relay.mail_for(enrolment, request)).handled
    assert relay.client.poll(request)["status"] == "pending"


def test_the_event_has_the_envelope_sender_that_names_the_mailbox_at_the_plain_address(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    mail = relay.mail_for(enrolment, open_request, recipient=PLAIN_ADDRESS, to="Arlo users <list@arlo.com>")
    assert relay.ses.deliver(mail).handled
    assert relay.client.poll(open_request)["code"] == CODE


def test_a_mail_for_several_of_the_relay_s_addresses_is_one_login_s(relay: Relay) -> None:
    with relay.owner.enrolled("one@gmail.com") as one, relay.owner.enrolled("two@gmail.com") as two:
        first, second = relay.client.open_request(one), relay.client.open_request(two)
        mail = relay.mail_for(two, second)
        message_id = new_message_id()
        relay.ses.store(message_id, mail.raw)
        event = mail.event(message_id)
        event["Records"][0]["ses"]["receipt"]["recipients"] = [one.relay_address, two.relay_address, "x@example.org"]
        assert relay.ses.announce(message_id, event).handled
        assert relay.client.poll(first)["code"] == CODE
        assert relay.client.poll(second)["status"] == "pending"


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "unreadable"), (1 << 20, CODE), ((1 << 20) + 1, "too_large"), (40_000_000, "too_large")]
)
def test_a_mail_over_a_mebibyte_is_refused_and_not_downloaded(
    relay: Relay, enrolment: Enrolment, open_request: Request, size: int, expected: str
) -> None:
    mail = relay.mail_for(enrolment, open_request)
    delivery = relay.ses.deliver(replace(mail, raw=mail.raw.ljust(size) if size else b""))
    assert delivery.handled
    assert len(delivery.attempts) == 1
    assert relay.result(enrolment, open_request) == expected
    assert not relay.ses.inbox()
    # What was in transit when the function stopped reading counts too: a few megabytes lie in the sockets' buffers.
    assert relay.proxy.record.bytes_read.get(f"inbox/{delivery.message_id}", 0) < 10_000_000


def test_a_mail_that_is_announced_again_changes_nothing(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    mail = relay.mail_for(enrolment, open_request)
    delivery = relay.ses.deliver(mail)
    complete = relay.client.poll(open_request)
    # Once while the mail lies in the bucket again, and once after it was deleted.
    relay.ses.store(delivery.message_id, mail.raw)
    assert relay.ses.announce(delivery.message_id, delivery.event).handled
    assert relay.ses.announce(delivery.message_id, delivery.event, attempts=1).handled
    assert relay.client.poll(open_request) == complete


def test_a_right_that_was_lost_fails_the_mail_so_that_lambda_retries(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    with denied(relay, "s3:GetObject"):
        delivery = relay.ses.deliver(relay.mail_for(enrolment, open_request), attempts=1)
    assert not delivery.handled
    assert relay.ses.inbox() == {delivery.message_id}
    assert relay.ses.announce(delivery.message_id, delivery.event).handled
    assert relay.result(enrolment, open_request) == CODE


@contextmanager
def denied(relay: Relay, action: str) -> Iterator[None]:
    """The bucket's policy denies the action on mails for the block."""
    bucket = relay.stack.bucket
    deny = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/inbox/*"}
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    relay.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    try:
        yield
    finally:
        relay.s3.delete_bucket_policy(Bucket=bucket)


def test_a_message_id_that_would_name_another_object_is_ignored(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    start = len(relay.proxy.record.calls)
    key = f"../status/{open_request.status_url.partition('?')[0].rpartition('/')[2]}"
    event = relay.mail_for(enrolment, open_request).event(key)
    assert relay.ses.announce(key, event, attempts=1).handled
    assert relay.proxy.calls_since(start) == []


@pytest.mark.parametrize("function", ["receive", "expire"])
def test_an_event_that_cannot_be_read_is_not_retried(relay: Relay, function: str) -> None:
    for event in (None, [], "x", {"Records": [None]}):
        invocation = relay.functions[function].invoke(event)
        assert invocation.ok, invocation.payload


def case_of_each_outcome() -> list[Specimen]:
    """The first case of each outcome, provider and address of the relay: all of them take 40 s."""
    cases = reversed(list(specimens("arlo", "blink", "gmail")))
    return list({(case.provider, outcome(case), case.mail.recipient): case for case in cases}.values())


def outcome(case: Specimen) -> str:
    """`code`, `confirmation`, `none`, or the word for the refusal."""
    result = case.expect.get("addressed") or ("confirmation" if case.expect["confirmation"] else "none")
    return "code" if result.isdigit() else result


@pytest.mark.parametrize("case", case_of_each_outcome(), ids=lambda case: case.name)
def test_a_mail_of_the_corpus_comes_out_as_its_case_expects(relay: Relay, case: Specimen) -> None:
    # Every case is held to this in relay/, and at home by cli/tests/end_to_end/corpus.rs.
    with relay.owner.enrolled(case.mailbox, "addressed") as enrolment:
        provider = "arlo" if case.provider == "gmail" else case.provider
        request = relay.client.open_request(enrolment, provider=provider)
        assert relay.ses.deliver(case.sent_to(enrolment.tag, request.opened_at)).handled
        if "confirmation" in case.expect:
            assert relay.owner.show(case.mailbox)["gmail_confirmation"] == case.expect["confirmation"]
            return
        expected, found = case.expect["addressed"], relay.result(enrolment, request)
        # A mail at the plain address that names no mailbox is noted for none.
        is_nobodys = case.mail.recipient == PLAIN_ADDRESS and expected == "not_forwarded"
        assert found in ([expected, None] if is_nobodys else [expected])


@pytest.mark.parametrize(("hours_ago", "shown"), [(23, True), (25, False)])
def test_gmail_s_confirmation_is_shown_to_the_owner_for_a_day_and_ends_no_request(
    relay: Relay, hours_ago: int, shown: bool
) -> None:
    case = next(case for case in specimens("gmail") if case.expect["confirmation"])
    with relay.owner.enrolled(case.mailbox) as enrolment:
        request = relay.client.open_request(enrolment)
        mail = case.sent_to(enrolment.tag, request.opened_at - timedelta(hours=hours_ago))
        assert relay.ses.deliver(mail).handled
        confirmation = case.expect["confirmation"] if shown else None
        assert relay.owner.show(case.mailbox)["gmail_confirmation"] == confirmation
        assert relay.client.poll(request)["status"] == "pending"
