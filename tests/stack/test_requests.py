"""A request's life: opened, answered, superseded, ended."""

import random
from datetime import datetime, timedelta

import pytest

from letter import CODE, MAILBOX, letter
from mail import Mail
from relay_client import Answer, Enrolment, Relay, Request

A_WHILE = timedelta(seconds=10)


def mail_for(enrolment: Enrolment, moment: datetime, code: str = CODE) -> Mail:
    return letter(code, mailbox=enrolment.mailbox).to_tag(enrolment.tag).sent_at(moment)


def test_a_request_is_pending_until_its_code_is_there(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    expires_at = opened.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert relay.poll(opened) == {"status": "pending", "expires_at": expires_at}
    mail = mail_for(enrolment, opened.opened_at + A_WHILE)
    relay.deliver(mail)
    assert relay.poll(opened) == {
        "status": "complete",
        "code": CODE,
        "provider": "arlo",
        "received_at": mail.accepted.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires_at": expires_at,
    }


def test_a_client_that_knows_only_text_gets_the_url_and_nothing_else(relay: Relay, enrolment: Enrolment) -> None:
    answer = relay.post({"email": enrolment.mailbox}, query=f"?token={enrolment.token}")
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/plain")
    url = answer.body.decode()
    relay.note_url(url)
    assert url == url.strip()
    assert relay.get(url).json()["status"] == "pending"


@pytest.mark.parametrize("written", [str.lower, str.upper, lambda address: f" {address} "])
def test_the_relay_address_itself_opens_a_request_as_the_mailbox_does(
    relay: Relay, enrolment: Enrolment, written: object
) -> None:
    request = relay.open(enrolment, email=written(enrolment.relay_address))
    relay.deliver(mail_for(enrolment, request.opened_at + A_WHILE))
    assert relay.result(enrolment, request) == CODE


@pytest.mark.parametrize("written", ["M.E@Gmail.com", "me+cameras@gmail.com", "me@googlemail.com", " me@gmail.com "])
def test_a_mailbox_is_known_in_any_form(relay: Relay, enrolment: Enrolment, written: str) -> None:
    assert relay.ask(enrolment, email=written).status == 200


def comparable(answer: Answer) -> tuple:
    """Everything in an answer that the relay decides."""
    passing = {"date", "lambda-runtime-aws-request-id"}
    return answer.status, sorted((k, v) for k, v in answer.headers.items() if k.lower() not in passing), answer.body


def test_a_wrong_token_and_an_unknown_mailbox_answer_alike_at_the_same_cost(relay: Relay, enrolment: Enrolment) -> None:
    wrong = f"mfar_{'A' * 43}"
    askers = [
        Enrolment(enrolment.mailbox, enrolment.relay_address, wrong),
        Enrolment("nobody@gmail.com", enrolment.relay_address, enrolment.token),
        Enrolment(enrolment.mailbox, enrolment.relay_address, "no token at all"),
    ]
    answers, costs = [], []
    for asker in askers:
        before = len(relay.front.record.calls)
        answers.append(comparable(relay.ask(asker)))
        costs.append([call.operation for _, call in relay.front.record.calls[before:]])
    assert answers[0][0] == 403
    assert b'"not_enrolled"' in answers[0][2]
    assert answers == [answers[0]] * 3
    assert costs == [costs[0]] * 3


def test_a_second_request_supersedes_the_first(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    second = relay.open(enrolment)
    first = relay.poll(opened)
    assert (first["status"], first["reason"]) == ("error", "superseded")
    relay.deliver(mail_for(enrolment, second.opened_at + A_WHILE))
    assert relay.result(enrolment, second) == CODE
    assert relay.poll(opened) == first
    # The first one's schedule still fires, and must leave the second alone.
    relay.end(opened)
    assert relay.poll(opened)["reason"] == "superseded"
    assert relay.result(enrolment, second) == CODE


def test_a_code_that_was_there_stays_when_the_next_login_begins(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE))
    second = relay.open(enrolment)
    assert relay.poll(opened)["status"] == "complete"
    assert relay.poll(second)["status"] == "pending"
    relay.end(opened)
    assert relay.poll(opened)["reason"] == "expired"
    assert relay.poll(second)["status"] == "pending"


def test_a_mail_before_the_window_is_refused(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(mail_for(enrolment, opened.opened_at - A_WHILE))
    assert relay.result(enrolment, opened) == "outside_window"


def test_a_mail_after_the_window_is_refused(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(mail_for(enrolment, opened.expires_at))
    assert relay.result(enrolment, opened) == "outside_window"


def test_a_mail_without_any_request_is_refused(relay: Relay, enrolment: Enrolment) -> None:
    assert relay.deliver(mail_for(enrolment, datetime.now().astimezone())).handled
    assert relay.last_refusal(enrolment) == "outside_window"


def test_a_mail_between_two_requests_serves_neither(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.end(opened)
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE))
    assert relay.poll(opened)["reason"] == "timed_out"
    assert relay.last_refusal(enrolment) == "outside_window"
    assert relay.poll(relay.open(enrolment))["status"] == "pending"


def test_a_mail_without_a_code_ends_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    news = letter(body="<h1>New in your library</h1>").to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
    relay.deliver(news)
    assert relay.result(enrolment, opened) == "no_code"
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE * 2))
    assert relay.result(enrolment, opened) == CODE


def test_another_provider_s_code_is_not_what_was_asked_for(relay: Relay, enrolment: Enrolment) -> None:
    request = relay.open(enrolment, provider="blink")
    relay.deliver(mail_for(enrolment, request.opened_at + A_WHILE))
    assert relay.result(enrolment, request) == "not_from_provider"


def test_the_end_is_scheduled_once_and_the_schedule_goes_with_it(relay: Relay, opened: Request) -> None:
    schedule = relay.read_schedule(opened)
    assert schedule["ScheduleExpression"] == opened.expires_at.strftime("at(%Y-%m-%dT%H:%M:%S)")
    assert schedule.get("ScheduleExpressionTimezone", "UTC") == "UTC"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"


def test_a_window_that_ends_with_nothing_says_so(relay: Relay, opened: Request) -> None:
    assert relay.end(opened).ok
    ended = relay.poll(opened)
    assert (ended["status"], ended["reason"]) == ("error", "timed_out")
    assert "No code arrived within 300 s." in ended["message"]


def test_a_window_that_ends_with_refused_mails_says_why(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    for traits in ({"spam": "FAIL"}, {"body": "no code"}, {"spam": "FAIL"}):
        mail = letter(**traits).to_tag(enrolment.tag).sent_at(opened.opened_at + A_WHILE)
        relay.deliver(mail)
    relay.end(opened)
    ended = relay.poll(opened)
    assert ended["reason"] == "timed_out"
    assert "3 mails were refused" in ended["message"]
    assert "spam (2)" in ended["message"]
    assert "no_code (1)" in ended["message"]


def test_a_window_that_ends_with_a_code_erases_it(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE))
    relay.end(opened)
    answer = relay.get(opened.status_url)
    assert answer.json()["reason"] == "expired"
    assert CODE.encode() not in answer.body
    assert CODE not in str(relay.item(f"request#{enrolment.tag}"))


def test_an_end_that_comes_twice_changes_nothing(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    relay.end(opened)
    ended = relay.poll(opened)
    relay.end(opened)
    assert relay.poll(opened) == ended
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE))
    assert relay.poll(opened) == ended


@pytest.mark.parametrize("seed", range(12))
def test_two_mailboxes_at_once_never_see_each_other_s_code(relay: Relay, seed: int) -> None:
    """Each login's steps in their order, the two logins shuffled into one another."""
    with relay.enrolled(MAILBOX) as mine, relay.enrolled("you@gmail.com") as yours:
        order = [mine] * 4 + [yours] * 4
        random.Random(seed).shuffle(order)
        codes = {mine: "111111", yours: "222222"}
        steps = {enrolment: login(relay, enrolment, codes[enrolment]) for enrolment in codes}
        for enrolment in order:
            assert next(steps[enrolment], codes[enrolment]) in (None, codes[enrolment])


def login(relay: Relay, enrolment: Enrolment, code: str):
    """One login, a step at a time; what it sees is what its client sees."""
    request = relay.open(enrolment)
    yield None
    relay.deliver(mail_for(enrolment, request.opened_at + A_WHILE, code))
    yield relay.poll(request)["code"]
    yield relay.poll(request)["code"]
    relay.end(request)
    assert relay.poll(request)["reason"] == "expired"
    yield None


def test_a_mail_that_came_in_the_window_and_is_handled_after_it_is_refused(
    relay: Relay, enrolment: Enrolment, opened: Request
) -> None:
    passed = opened.expires_at - opened.opened_at + A_WHILE
    relay.let_pass(enrolment, passed)
    relay.deliver(mail_for(enrolment, opened.opened_at - passed + A_WHILE))
    assert relay.result(enrolment, opened) == "outside_window"


def test_a_request_whose_end_was_never_run_takes_no_code(relay: Relay, enrolment: Enrolment, opened: Request) -> None:
    passed = opened.expires_at - opened.opened_at + A_WHILE
    relay.let_pass(enrolment, passed)
    relay.deliver(mail_for(enrolment, opened.opened_at + A_WHILE))
    assert relay.result(enrolment, opened) == "outside_window"
