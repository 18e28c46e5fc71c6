"""Every mail of the corpus, under every trust: the right code arrives, or the right reason is kept."""

import pytest

from corpus import Specimen, specimens
from mail import PLAIN_ADDRESS
from relay_client import Relay


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
@pytest.mark.parametrize("specimen", list(specimens("arlo", "blink")), ids=lambda specimen: specimen.name)
def test_a_mail_has_the_result_that_stands_beside_it(relay: Relay, specimen: Specimen, trust: str) -> None:
    with relay.enrolled(specimen.mailbox, trust) as enrolment:
        request = relay.open(enrolment, provider=specimen.provider)
        assert relay.deliver(specimen.sent_to(enrolment.tag, request.opened_at)).handled
        assert relay.result(enrolment, request) in possible(specimen, specimen.expect[trust])
        assert not relay.inbox(), "a mail that was handled is deleted"


def possible(specimen: Specimen, expected: str) -> tuple:
    """A mail at the plain address that names nobody for sure is noted for nobody."""
    nobodys = specimen.mail.recipient == PLAIN_ADDRESS and expected == "not_forwarded"
    return (expected, None) if nobodys else (expected,)
