"""Mails that are not what they seem: no code that was not earned."""

from datetime import timedelta

import pytest

from letter import ARLO, CODE, evidence, letter
from mail import Mail
from relay_client import Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)
EVE = "eve@evil.example"
# Everything that makes a mail trusted, had it come from SES.
FORGED = evidence("pass", "me+caf_=arlo=mfa.example.com@gmail.com", ("arlo.com",), "arlo.com")
UNPROVEN = letter(spf="fail", dkim=(), envelope_from=EVE)

IMPOSTORS = {
    "two addresses in From": letter(sender=f"{ARLO}, Eve <{EVE}>"),
    "two addresses in From, the forged one first": letter(sender=f"Eve <{EVE}>, {ARLO}"),
    "two From headers": letter(claims=[f"From: {EVE}"]),
    "two From headers, both of Arlo": letter(claims=[f"From: {ARLO}"]),
    "the provider as the display name": letter(sender=f'"do_not_reply@arlo.com" <{EVE}>'),
    "the provider as a group's name": letter(sender=f"do_not_reply@arlo.com: {EVE};"),
    "the provider as a comment": letter(sender=f"(do_not_reply@arlo.com) {EVE}"),
    "the provider as a subdomain": letter(sender="do_not_reply@arlo.com.evil.example"),
    "the provider as the end of a word": letter(sender="do_not_reply@evilarlo.com"),
    "the provider in the local part": letter(sender='"do_not_reply@arlo.com"@evil.example'),
    "another address beside the provider's": letter(sender=f'"{EVE}" <do_not_reply@arlo.com>'),
    "no From": letter(sender=""),
}


@pytest.mark.parametrize("mail", IMPOSTORS.values(), ids=IMPOSTORS)
def test_a_mail_by_anyone_but_the_provider_is_refused(
    relay: Relay, enrolment: Enrolment, opened: Request, mail: Mail
) -> None:
    assert result(relay, enrolment, opened, mail) == "not_from_provider"


def below_ses() -> list:
    """The unproven mail with a forged finding, once at every place below SES's own."""
    head, _, body = UNPROVEN.raw.decode().partition("\r\n\r\n")
    lines = head.replace("\r\n ", "\0").split("\r\n")
    own = next(place for place, line in enumerate(lines) if line.startswith("Authentication-Results:"))
    mails = []
    for place in range(own + 1, len(lines) + 1):
        told = "\r\n".join([*lines[:place], FORGED, *lines[place:]]).replace("\0", "\r\n ")
        above = lines[place - 1].partition(":")[0]
        mails.append(pytest.param(f"{told}\r\n\r\n{body}".encode(), id=f"below {above}"))
    silent = "\r\n".join([*lines[:own], *lines[own + 1 :], FORGED]).replace("\0", "\r\n ")
    mails.append(pytest.param(f"{silent}\r\n\r\n{body}".encode(), id="where SES wrote none"))
    mails.append(pytest.param(f"{head}\r\n\r\n{FORGED}\r\n\r\n{body}".encode(), id="in the body"))
    return mails


@pytest.mark.parametrize("raw", below_ses())
def test_findings_that_the_sender_wrote_prove_nothing(
    relay: Relay, enrolment: Enrolment, opened: Request, raw: bytes
) -> None:
    mail = Mail(raw, envelope_from=EVE)
    assert result(relay, enrolment, opened, mail) == "not_forwarded"


SES_SAYS = {
    "a signature of another domain only": (letter(dkim=("evil.example",), envelope_from=EVE), "not_forwarded"),
    "a signature of a look-alike": (letter(dkim=("evilarlo.com",), envelope_from=EVE), "not_forwarded"),
    "spam": (letter(spam="FAIL"), "spam"),
    "a virus": (letter(virus="FAIL"), "virus"),
    "perhaps spam": (letter(spam="GRAY"), CODE),
    "no scan": (letter(spam="PROCESSING_FAILED", virus="PROCESSING_FAILED"), CODE),
}


@pytest.mark.parametrize(("mail", "expected"), SES_SAYS.values(), ids=SES_SAYS)
def test_what_ses_says_of_a_mail_counts(
    relay: Relay, enrolment: Enrolment, opened: Request, mail: Mail, expected: str
) -> None:
    assert result(relay, enrolment, opened, mail) == expected


def test_another_server_s_findings_prove_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    mail = letter().retold("amazonses.com", "mx.evil.example")
    assert result(relay, enrolment, opened, mail) == "not_forwarded"


def test_an_old_genuine_mail_replayed_is_stale(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    days = timedelta(days=3)
    replayed = letter().sent_at(opened.opened_at + A_WHILE).moved(-days).delayed(days)
    relay.deliver(replayed.to_tag(enrolment.tag))
    assert relay.result(enrolment, opened) == "stale"


def test_a_mail_announced_twice_changes_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    mail = letter().to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    delivery = relay.deliver(mail)
    complete = relay.poll(opened)
    # SES announces the mail again while it still lies in the bucket, and when it no longer does.
    relay.store(delivery.message_id, mail.raw)
    assert relay.announce(delivery.message_id, delivery.event).handled
    assert relay.announce(delivery.message_id, delivery.event).handled
    assert relay.poll(opened) == complete


def test_a_refused_mail_announced_twice_counts_once(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    mail = UNPROVEN.to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    delivery = relay.deliver(mail)
    relay.store(delivery.message_id, mail.raw)
    assert relay.announce(delivery.message_id, delivery.event).handled
    relay.end(opened)
    assert "1 mail was refused: not_forwarded." in relay.poll(opened)["message"]


def test_a_delivered_mail_announced_again_serves_no_later_request(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    mail = letter().to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    delivery = relay.deliver(mail)
    later = relay.open(enrolment)
    relay.store(delivery.message_id, mail.raw)
    assert relay.announce(delivery.message_id, delivery.event).handled
    assert relay.result(enrolment, later) == "stale"


def result(relay: Relay, enrolment: Enrolment, request: Request, mail: Mail) -> str | None:
    delivery = relay.deliver(mail.to_tag(enrolment.tag).sent_at(request.opened_at + A_WHILE))
    assert delivery.handled
    return relay.result(enrolment, request)
