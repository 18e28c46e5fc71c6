"""Every row of the trust table (DESIGN section 4), for every trust, by every way to earn it."""

from datetime import timedelta

import pytest

from letter import CODE, MAILBOX, gmail_forwards, letter
from mail import PLAIN_ADDRESS, Mail
from relay_client import Relay

STRANGER = "eve@evil.example"
NOT_SIGNED = {"dkim": ()}
NOT_FORWARDED = {"envelope_from": STRANGER}

SIGNED = {
    "the provider's own signature": {"dkim": ("arlo.com",)},
    "a subdomain's signature": {"dkim": ("mail.arlo.com",)},
    "one signature of several": {"dkim": ("evil.example", "arlo.com")},
    "the provider's DMARC": {"dkim": (), "dmarc": "arlo.com"},
}
FORWARDED = {
    "SPF of the mailbox's domain": {},
    "the mailbox domain's signature": {"dkim": ("gmail.com",), **NOT_FORWARDED},
    "Gmail's other name": {"dkim": ("googlemail.com",), **NOT_FORWARDED},
}
NEITHER = {
    "nothing": {"spf": "none", **NOT_FORWARDED},
    "another domain's SPF and signature": {"dkim": ("evil.example",), **NOT_FORWARDED},
    "SPF that failed": {"spf": "fail"},
    "SPF that is not sure": {"spf": "softfail"},
    "a subdomain of the mailbox's": {"dkim": ("evil.gmail.com",), **NOT_FORWARDED},
}
ACCEPTED = {"signed": CODE, "forwarded": CODE, "addressed": CODE}


def rows() -> list:
    table = []
    for how, traits in SIGNED.items():
        table.append(pytest.param(letter(**traits), ACCEPTED, id=f"tagged, signed and forwarded: {how}"))
        alone = letter(**traits | NOT_FORWARDED)
        table.append(pytest.param(alone, ACCEPTED, id=f"tagged, signed only: {how}"))
    for how, traits in FORWARDED.items():
        table.append(
            pytest.param(
                letter(**NOT_SIGNED | traits), ACCEPTED | {"signed": "not_signed"}, id=f"tagged, forwarded: {how}"
            )
        )
    refused = {"signed": "not_signed", "forwarded": "not_forwarded", "addressed": CODE}
    for how, traits in NEITHER.items():
        table.append(pytest.param(letter(**NOT_SIGNED | traits), refused, id=f"tagged, neither: {how}"))
    return table


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
@pytest.mark.parametrize(("mail", "expected"), rows())
def test_a_mail_at_the_tagged_address(relay: Relay, mail: Mail, expected: dict, trust: str) -> None:
    assert result(relay, mail, trust) == expected[trust]


PLAIN = {
    "signed, and To names the mailbox": (letter(recipient=PLAIN_ADDRESS, **NOT_FORWARDED), CODE),
    "signed, and To names it in another form": (
        letter(recipient=PLAIN_ADDRESS, to="Me <M.E+arlo@googlemail.com>", **NOT_FORWARDED),
        CODE,
    ),
    "signed, and the envelope names it with SPF": (
        letter(recipient=PLAIN_ADDRESS, to="Arlo users <list@arlo.com>"),
        CODE,
    ),
    "not signed, though all names it": (letter(recipient=PLAIN_ADDRESS, **NOT_SIGNED), "not_signed"),
    "not signed, but for the mailbox's domain": (letter(recipient=PLAIN_ADDRESS, dkim=("gmail.com",)), "not_signed"),
}


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
@pytest.mark.parametrize(("mail", "expected"), PLAIN.values(), ids=PLAIN)
def test_a_mail_at_the_plain_address(relay: Relay, mail: Mail, expected: str, trust: str) -> None:
    assert result(relay, mail, trust) == expected


NOBODYS = {
    "To names another mailbox": {"to": "you@gmail.com", "envelope_from": STRANGER},
    "To names several": {"to": f"{MAILBOX}, you@gmail.com", "envelope_from": STRANGER},
    "the envelope names it without SPF": {"to": "list@arlo.com", "spf": "fail"},
    "the envelope names it from another domain": {
        "to": "list@arlo.com",
        "envelope_from": gmail_forwards(MAILBOX, PLAIN_ADDRESS).replace("gmail.com", "evil.example"),
    },
}


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
@pytest.mark.parametrize("traits", NOBODYS.values(), ids=NOBODYS)
def test_a_signed_mail_at_the_plain_address_that_names_nobody_for_sure_is_nobodys(
    relay: Relay, traits: dict, trust: str
) -> None:
    assert result(relay, letter(recipient=PLAIN_ADDRESS, **traits), trust) in ("not_forwarded", None)


def result(relay: Relay, mail: Mail, trust: str) -> str | None:
    with relay.enrolled(MAILBOX, trust) as enrolment:
        request = relay.open(enrolment)
        sent = mail.to_tag(enrolment.tag).sent_at(request.opened_at + timedelta(seconds=10))
        assert relay.deliver(sent).handled
        return relay.result(enrolment, request)
