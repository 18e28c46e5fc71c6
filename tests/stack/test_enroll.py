"""The owner's side: enrolling, renewing, looking, leaving."""

from datetime import UTC, datetime, timedelta

import pytest

from corpus import Specimen, specimens
from letter import CODE, MAILBOX, letter
from relay_client import Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)


def now() -> datetime:
    return datetime.now(UTC)


def test_adding_tells_once_everything_that_has_to_be_pasted(relay: Relay) -> None:
    try:
        told = relay.enroll("add", mailbox=MAILBOX, trust="signed", label="garden cameras")
        assert told["relay_address"].startswith("arlo+")
        assert told["relay_address"].endswith("@mfa.example.com")
        assert told["token"].startswith("mfar_")
        base = relay.stack.functions["enroll"].environment["PRESTAGE_URL"]
        assert told["prestage_url"] == f"{base}?token={told['token']}"
        assert (told["trust"], told["label"]) == ("signed", "garden cameras")
        shown = relay.enroll("show", mailbox=MAILBOX)
        assert shown["relay_address"] == told["relay_address"]
        assert told["token"] not in str(shown)
    finally:
        relay.enroll("revoke", mailbox=MAILBOX)


def test_a_token_has_256_random_bits_and_a_tag_80(relay: Relay) -> None:
    tokens, tags = set(), set()
    for _ in range(3):
        with relay.enrolled(MAILBOX) as enrolment:
            tokens.add(enrolment.token)
            tags.add(enrolment.tag)
    assert len(tokens) == len(tags) == 3
    assert all(len(token) == len("mfar_") + 43 for token in tokens)
    assert all(len(tag) == 16 and tag == tag.lower() for tag in tags)


def test_a_mailbox_is_enrolled_once(relay: Relay, enrolment: Enrolment) -> None:
    assert relay.enroll("add", mailbox="M.e+x@googlemail.com")["error"] == "already_enrolled"
    assert relay.ask(enrolment).status == 200


def test_showing_tells_how_it_stands(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    shown = relay.enroll("show", mailbox=MAILBOX)
    assert shown["relay_address"] == enrolment.relay_address
    assert (shown["trust"], shown["label"]) == ("forwarded", "cameras")
    assert shown["mail_arrived_at"] is shown["last_refusal"] is shown["gmail_confirmation"] is None
    mail = letter(spam="FAIL").to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    relay.deliver(mail)
    shown = relay.enroll("show", mailbox=MAILBOX)
    assert datetime.fromisoformat(shown["mail_arrived_at"]) == mail.accepted.replace(microsecond=0)
    assert shown["last_refusal"] == "spam"
    relay.deliver(letter().to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE * 2))
    assert relay.last_refusal(enrolment) is None


def test_rotating_stops_the_old_token_at_once(relay: Relay, enrolment: Enrolment) -> None:
    renewed = relay.renewed(enrolment)
    assert renewed.relay_address == enrolment.relay_address
    assert relay.ask(enrolment).status == 403
    assert relay.ask(renewed).status == 200
    assert relay.enroll("show", mailbox=MAILBOX)["rotated_at"] is not None


def test_rotating_renews_the_address_when_asked(relay: Relay, enrolment: Enrolment) -> None:
    renewed = relay.renewed(enrolment, address=True)
    assert renewed.tag != enrolment.tag
    request = relay.open(renewed)
    moment = request.opened_at + A_WHILE
    relay.deliver(letter().to_tag(enrolment.tag).sent_at(moment))
    assert relay.poll(request)["status"] == "pending"
    relay.deliver(letter().to_tag(renewed.tag).sent_at(moment))
    assert relay.result(renewed, request) == CODE


def test_rotating_changes_the_trust_when_asked(relay: Relay, enrolment: Enrolment) -> None:
    relay.renewed(enrolment, trust="signed")
    assert relay.enroll("show", mailbox=MAILBOX)["trust"] == "signed"
    relay.renewed(enrolment)
    assert relay.enroll("show", mailbox=MAILBOX)["trust"] == "signed"


def test_renewing_the_address_ends_an_open_request(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.renewed(enrolment, address=True)
    relay.end(opened)
    assert relay.poll(opened)["status"] == "error"


def test_revoking_ends_the_open_request(relay: Relay) -> None:
    with relay.enrolled(MAILBOX) as enrolment:
        request = relay.open(enrolment)
        assert relay.enroll("revoke", mailbox=MAILBOX) == {"revoked": True}
        assert relay.poll(request)["reason"] == "revoked"
        assert relay.ask(enrolment).status == 403
        relay.deliver(letter().to_tag(enrolment.tag).sent_at(request.opened_at + A_WHILE))
        assert relay.poll(request)["reason"] == "revoked"
        relay.end(request)
        assert relay.poll(request)["reason"] == "revoked"
        assert relay.enroll("show", mailbox=MAILBOX)["error"] == "not_enrolled"


def test_revoking_erases_a_code_that_is_there(relay: Relay) -> None:
    with relay.enrolled(MAILBOX) as enrolment:
        request = relay.open(enrolment)
        relay.deliver(letter().to_tag(enrolment.tag).sent_at(request.opened_at + A_WHILE))
        assert relay.result(enrolment, request) == CODE
        relay.enroll("revoke", mailbox=MAILBOX)
        assert relay.poll(request)["reason"] == "revoked"


def test_listing_tells_of_each_what_has_arrived(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    fields = ("label", "created_at", "rotated_at", "mail_arrived_at", "last_refusal", "gmail_confirmation")

    def alike() -> tuple[dict, dict]:
        (row,) = relay.enroll("list")["enrolments"]
        shown = relay.enroll("show", mailbox=MAILBOX)
        return row, {field: shown[field] for field in fields}

    row, shown = alike()
    assert row == shown
    assert row["mail_arrived_at"] is row["last_refusal"] is row["gmail_confirmation"] is None
    relay.deliver(letter(spam="FAIL").to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE))
    row, shown = alike()
    assert row == shown
    assert row["last_refusal"] == "spam"


def test_listing_shows_labels_and_dates_and_no_address(relay: Relay) -> None:
    relay.enroll("add", mailbox="one@example.org", label="garden")
    relay.enroll("add", mailbox="two@example.org", label="door", trust="addressed")
    try:
        listed = relay.enroll("list")
        rows = listed["enrolments"]
        assert {"garden", "door"} <= {row["label"] for row in rows}
        assert all({"label", "created_at", "rotated_at"} <= row.keys() for row in rows)
        assert "example.org" not in str(listed)
    finally:
        relay.enroll("revoke", mailbox="one@example.org")
        relay.enroll("revoke", mailbox="two@example.org")


INVALID = {
    "no mailbox": {"action": "add"},
    "an empty mailbox": {"action": "add", "mailbox": ""},
    "half a mailbox": {"action": "add", "mailbox": "me@"},
    "no address at all": {"action": "add", "mailbox": "me"},
    "two mailboxes": {"action": "add", "mailbox": "me@gmail.com,you@gmail.com"},
    "a number for a mailbox": {"action": "add", "mailbox": 5},
    "the relay's own address": {"action": "add", "mailbox": "arlo@mfa.example.com"},
    "an unknown trust": {"action": "add", "mailbox": "me@gmail.com", "trust": "blind"},
    "a number for a trust": {"action": "add", "mailbox": "me@gmail.com", "trust": 5},
    "a list for a label": {"action": "add", "mailbox": "me@gmail.com", "label": []},
    "an unknown action": {"action": "remove", "mailbox": "me@gmail.com"},
    "no action": {"mailbox": "me@gmail.com"},
    "nothing": {},
    "null": None,
    "a list": [],
    "a text": "add",
}


@pytest.mark.parametrize("event", INVALID.values(), ids=INVALID)
def test_what_cannot_be_done_is_answered_with_what_to_do(relay: Relay, event: object) -> None:
    outcome = relay.functions["enroll"].invoke(event)
    assert outcome.ok, outcome.payload
    assert outcome.payload["error"] == "invalid_request"
    assert outcome.payload["message"]


@pytest.mark.parametrize("action", ["rotate", "show", "revoke"])
def test_what_is_not_enrolled_is_said_so(relay: Relay, action: str) -> None:
    assert relay.enroll(action, mailbox="nobody@example.org")["error"] == "not_enrolled"


def test_no_address_is_stored(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(letter().to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE))
    stored = str(relay.items.scan(TableName=relay.stack.table)["Items"])
    for secret in (MAILBOX, "gmail.com", enrolment.token, CODE):
        assert secret not in stored


@pytest.mark.parametrize("specimen", list(specimens("gmail")), ids=lambda specimen: specimen.name)
def test_gmail_s_confirmation_is_shown_and_followed_by_nobody(relay: Relay, specimen: Specimen) -> None:
    with relay.enrolled(specimen.mailbox) as enrolment:
        request = relay.open(enrolment)
        assert relay.deliver(specimen.sent_to(enrolment.tag, request.opened_at)).handled
        shown = relay.enroll("show", mailbox=specimen.mailbox)
        assert shown["gmail_confirmation"] == specimen.expect["confirmation"]
        assert "/mail/uf-" not in str(shown)
        assert relay.poll(request)["status"] == "pending"


def test_a_confirmation_waits_for_a_day(relay: Relay) -> None:
    genuine = next(one for one in specimens("gmail") if one.expect["confirmation"])
    with relay.enrolled(genuine.mailbox) as enrolment:
        relay.deliver(genuine.sent_to(enrolment.tag, now() - timedelta(hours=23)))
        assert relay.enroll("show", mailbox=genuine.mailbox)["gmail_confirmation"]
    with relay.enrolled(genuine.mailbox) as enrolment:
        relay.deliver(genuine.sent_to(enrolment.tag, now() - timedelta(hours=25)))
        assert relay.enroll("show", mailbox=genuine.mailbox)["gmail_confirmation"] is None
