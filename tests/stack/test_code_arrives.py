"""Every mail of the corpus, under every trust: the right code arrives, or the right reason is kept."""

import pytest

from corpus import Specimen, specimens
from relay_client import Relay


@pytest.mark.parametrize("trust", ["signed", "forwarded", "addressed"])
@pytest.mark.parametrize("specimen", specimens("arlo", "blink"), ids=lambda specimen: specimen.name)
def test_a_mail_has_the_result_that_stands_beside_it(relay: Relay, specimen: Specimen, trust: str) -> None:
    with relay.enrolled(specimen.mailbox, trust) as enrolment:
        request = relay.open(enrolment, provider=specimen.provider)
        assert relay.deliver(specimen.sent_to(enrolment.tag, request.opened_at)).handled
        assert relay.result(enrolment, request) == specimen.expect[trust]
        assert not relay.inbox(), "a mail that was handled is deleted"
