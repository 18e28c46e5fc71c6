"""A login from prestage to the end of its window, as a client program sees it."""

from datetime import timedelta

import pytest

from client import Request, Response
from corpus import specimens
from mail import Mail
from mail_builder import CODE, MAILBOX
from owner import Enrolment
from relay import Relay

MINUTE = timedelta(minutes=1)


def test_a_request_is_pending_then_complete_and_erased_at_the_end_of_its_window(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    expires_at = open_request.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert relay.client.poll(open_request) == {"status": "pending", "expires_at": expires_at}
    mail = relay.mail_for(enrolment, open_request)
    assert relay.ses.deliver(mail).handled
    assert relay.client.poll(open_request) == {
        "status": "complete",
        "code": CODE,
        "provider": "arlo",
        "received_at": mail.accepted.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires_at": expires_at,
    }
    assert not relay.ses.inbox(), "a mail is deleted once it is handled"
    assert relay.scheduler.fire(open_request).ok
    response = relay.client.get(open_request.status_url)
    assert response.json()["reason"] == "expired"
    assert CODE.encode() not in response.body
    assert CODE not in relay.items.requests_of(enrolment.tag)


def test_a_client_that_does_not_ask_for_json_gets_the_status_url_and_nothing_else(
    relay: Relay, enrolment: Enrolment
) -> None:
    response = relay.client.post({"email": enrolment.mailbox}, query=f"?token={enrolment.token}")
    assert (response.status, response.headers.get_content_type()) == (200, "text/plain")
    url = response.body.decode()
    relay.client.add_secret_url(url)
    assert url == url.strip()
    assert relay.client.get(url).json()["status"] == "pending"


REALISTIC = [
    "arlo/2026-05-alternative",
    "arlo/forwarded-by-microsoft-redirect",
    "arlo/forwarded-by-gmail-to-plain-address",
    "blink/code-before-closing-strong",
]


@pytest.mark.parametrize("name", REALISTIC)
def test_the_code_of_a_realistic_mail_arrives(relay: Relay, name: str) -> None:
    (case,) = (case for case in specimens(name.partition("/")[0]) if case.name == name)
    with relay.owner.enrolled(case.mailbox) as enrolment:
        request = relay.client.open_request(enrolment, provider=case.provider)
        assert relay.ses.deliver(case.sent_to(enrolment.tag, request.opened_at)).handled
        status = relay.client.poll(request)
        assert (status["code"], status["provider"]) == (case.expect["forwarded"], case.provider)


def test_a_wrong_token_and_an_unknown_mailbox_get_the_same_response_after_the_same_calls(
    relay: Relay, enrolment: Enrolment
) -> None:
    attempts = [
        Enrolment(enrolment.mailbox, enrolment.relay_address, f"mfar_{'A' * 43}"),
        Enrolment("nobody@gmail.com", enrolment.relay_address, enrolment.token),
        Enrolment(enrolment.mailbox, enrolment.relay_address, "not a token at all"),
    ]
    responses, calls = [], []
    for attempt in attempts:
        start = len(relay.proxy.record.calls)
        responses.append(comparable(relay.client.prestage(attempt)))
        calls.append(relay.proxy.calls_since(start))
    assert responses[0][0] == 403
    assert b'"not_enrolled"' in responses[0][2]
    assert responses == [responses[0]] * 3
    assert calls == [calls[0]] * 3


def comparable(response: Response) -> tuple:
    """Everything in a response that the relay decides."""
    variable = {"date", "lambda-runtime-aws-request-id"}
    headers = sorted((name, text) for name, text in response.headers.items() if name.lower() not in variable)
    return response.status, headers, response.body


def test_a_newer_request_supersedes_the_older_one_and_gets_the_code(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    newer = relay.client.open_request(enrolment)
    superseded = relay.client.poll(open_request)
    assert (superseded["status"], superseded["reason"]) == ("error", "superseded")
    relay.ses.deliver(relay.mail_for(enrolment, newer))
    # The older request's schedule still fires, and must leave the newer request alone.
    assert relay.scheduler.fire(open_request).ok
    assert relay.client.poll(open_request)["reason"] == "superseded"
    assert relay.client.poll(newer)["code"] == CODE


def test_a_code_stays_until_its_own_window_ends_and_is_given_to_no_newer_request(
    relay: Relay, enrolment: Enrolment
) -> None:
    older = relay.open_request_earlier(enrolment, MINUTE)
    mail = relay.mail_for(enrolment, older)
    delivery = relay.ses.deliver(mail)
    newer = relay.client.open_request(enrolment)
    # SES announces the same mail again.
    relay.ses.store(delivery.message_id, mail.raw)
    assert relay.ses.announce(delivery.message_id, delivery.event).handled
    assert relay.client.poll(older)["code"] == CODE
    assert relay.client.poll(newer)["status"] == "pending"
    assert relay.scheduler.fire(older).ok
    assert relay.client.poll(older)["reason"] == "expired"
    assert relay.client.poll(newer)["status"] == "pending"


def test_the_newest_written_code_wins(relay: Relay, enrolment: Enrolment, open_request: Request) -> None:
    # The table must keep when a code's mail was written, which orders codes.
    def mail(code: str, written: int, accepted: int) -> Mail:
        """Seconds are from soon after the opening."""
        sent = relay.mail_for(enrolment, open_request, code=code).shifted(timedelta(seconds=written))
        return sent.delayed(timedelta(seconds=accepted - written))

    for code, written, accepted, expected in [
        ("222222", 5, 5, "222222"),
        ("111111", 0, 10, "222222"),
        ("333333", 15, 15, "333333"),
    ]:
        assert relay.ses.deliver(mail(code, written, accepted)).handled
        assert relay.client.poll(open_request)["code"] == expected


def test_the_end_of_the_window_is_scheduled_and_the_schedule_deletes_itself(
    relay: Relay, open_request: Request
) -> None:
    schedule = relay.scheduler.schedule_of(open_request)
    assert schedule["ScheduleExpression"] == open_request.expires_at.strftime("at(%Y-%m-%dT%H:%M:%S)")
    assert schedule.get("ScheduleExpressionTimezone", "UTC") == "UTC"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"


def test_a_window_that_ends_without_a_code_counts_the_refused_mails_each_once(
    relay: Relay, enrolment: Enrolment, open_request: Request
) -> None:
    spam = relay.mail_for(enrolment, open_request, spam="FAIL", dkim=())
    deliveries = [
        relay.ses.deliver(mail) for mail in (spam, relay.mail_for(enrolment, open_request, body="no code"), spam)
    ]
    # SES announces the first one again.
    relay.ses.store(deliveries[0].message_id, spam.raw)
    assert relay.ses.announce(deliveries[0].message_id, deliveries[0].event).handled
    assert relay.scheduler.fire(open_request).ok
    ended = relay.client.poll(open_request)
    assert (ended["status"], ended["reason"]) == ("error", "timed_out")
    assert "No code arrived within 300 s." in ended["message"]
    for words in ("3 mails were refused", "spam (2)", "no_code (1)"):
        assert words in ended["message"]


def test_two_mailboxes_at_once_get_each_its_own_code(relay: Relay) -> None:
    with relay.owner.enrolled(MAILBOX) as mine, relay.owner.enrolled("you@gmail.com") as yours:
        my_request, your_request = relay.client.open_request(mine), relay.client.open_request(yours)
        relay.ses.deliver(relay.mail_for(yours, your_request, code="222222"))
        assert relay.client.poll(my_request)["status"] == "pending"
        relay.ses.deliver(relay.mail_for(mine, my_request, code="111111"))
        assert relay.client.poll(my_request)["code"] == "111111"
        assert relay.scheduler.fire(my_request).ok
        assert relay.client.poll(your_request)["code"] == "222222"
