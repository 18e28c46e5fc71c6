"""Logins, played with any client. `test_every_client.py` says which one manages which.

`trusts` is whether the client keeps a trusted browser.
"""

from __future__ import annotations

import bad_gateway
from fake_arlo import FakeArlo
from forwarder import Forwarder
from login_program import MAILBOX, LoginProgram, finished
from served_relay import ServedRelay

# In seconds. Longer than the relay's tolerance of clocks, and longer than it makes up gradually.
LATER = 45


def first_login(client: LoginProgram, arlo: FakeArlo) -> None:
    outcome = client.log_in()
    assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX]
    assert len(arlo.mails) == 1
    assert arlo.refused_codes == []


def second_login(client: LoginProgram, arlo: FakeArlo, *, trusts: bool) -> None:
    """A trusted browser needs no code; another client needs a second one."""
    for _ in range(2):
        outcome = client.log_in()
        assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX, MAILBOX]
    assert len(arlo.mails) == (1 if trusts else 2)
    assert arlo.refused_codes == []


def two_programs_at_once(client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder) -> None:
    """Both wait for their codes before the first mail comes. They come in the order in which they were written."""
    token = relay.ask({"action": "token", "mailbox": MAILBOX, "do": "add", "label": "recorder"})
    forwarder.hold()
    first = client.start()
    [mail] = forwarder.wait_for(1)
    second = client.with_url(token["prestage_url"]).start()
    [_, other] = forwarder.wait_for(2)
    forwarder.release(mail, other)
    for outcome in (finished(first), finished(second)):
        assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX, MAILBOX]
    assert len(arlo.mails) == 2
    assert arlo.refused_codes == []


def slow_mail(client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder) -> None:
    """The mail comes 45 s after it was written, by the relay's clock, which is what judges it."""
    forwarder.hold()
    process = client.start()
    [mail] = forwarder.wait_for(1)
    relay.set_clock(LATER)
    forwarder.release(mail)
    outcome = finished(process)
    assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX]
    assert len(arlo.mails) == 1


def late_code_of_the_last_login(client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder) -> None:
    """A login is given up; its mail comes while the next one waits, just before that one's own."""
    forwarder.hold()
    given_up = client.start()
    [late] = forwarder.wait_for(1)
    given_up.kill()
    finished(given_up)
    relay.set_clock(LATER)
    arlo.clock_offset = LATER
    process = client.start()
    [_, mail] = forwarder.wait_for(2)
    forwarder.release(late, mail)
    outcome = finished(process)
    assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX]
    assert arlo.refused_codes == [], "the late code reached the login that it does not belong to"


def wrong_token(client: LoginProgram, arlo: FakeArlo) -> str:
    """Costs no code mail. Returns what the client wrote."""
    outcome = client.with_url(client.url + "x").log_in()
    assert outcome.code != 0, outcome.output
    assert arlo.mails == []
    assert arlo.logins == []
    return outcome.output


def restart_during_a_login(client: LoginProgram, arlo: FakeArlo, relay: ServedRelay, forwarder: Forwarder) -> None:
    """The relay is killed while the client waits. It starts again when what stands in front has answered 502 once."""
    forwarder.hold()
    process = client.start()
    [mail] = forwarder.wait_for(1)
    relay.process.kill()
    relay.process.wait()
    with bad_gateway.serve(relay.http) as asked:
        assert asked.wait(LATER), "the client did not ask"
    relay.process = relay.start()
    forwarder.release(mail)
    outcome = finished(process)
    assert outcome.code == 0, outcome.output
    assert arlo.logins == [MAILBOX]
    assert len(arlo.mails) == 1
