"""deploy.sh --test: a login with a mail of its own, from prestage to the code, over SMTP or from the bucket on."""

import json
import re
import signal
import socket
import subprocess
from email import message_from_bytes, policy

import pytest
from accounts import ARGUMENTS, ENROLLED, SHOWN, healthy
from fakes import PROJECT, Fakes
from loopback import Loopback, serving

TEST = ("--test", *ARGUMENTS[:2])
ENROLL = "aws lambda invoke --region eu-west-1 --function-name mfa-Enroll"
RECEIVE = "aws lambda invoke --region eu-west-1 --function-name mfa-Function"
REVOKED = {"revoked": True}
STORED = {"aws s3api put-object": {"ETag": "x"}, "aws s3api delete-object": "", RECEIVE: {}}
WAITING = SHOWN | {"mail_arrived_at": None, "last_refusal": None, "advice": None}


def account(servers: Loopback, *shown: dict) -> dict:
    """The stack, with these answers of `show` between the enrolment and its end."""
    return healthy() | STORED | {ENROLL: [ENROLLED | {"prestage_url": servers.prestage_url}, *shown, REVOKED]}


def enroll_events(payloads: list) -> list[str]:
    return [event["action"] for event in payloads if "action" in event]


@pytest.fixture
def probe(deploy, tmp_path):
    """Runs the test against servers on the loopback. Returns the run and the servers' state."""

    def run(*shown: dict, more: dict | None = None, **behaviour):
        with serving(tmp_path, **behaviour) as servers:
            return deploy(*TEST, answers=account(servers, *shown) | (more or {}), **servers.environment), servers

    return run


def test_a_mail_over_smtp_becomes_the_code_at_the_status_url(probe):
    run, _ = probe()
    assert (run.code, run.stderr) == (0, "")
    *steps, verdict = run.stdout.splitlines()
    assert [re.sub(r"^ *\d+\.\d s  ", "", step) for step in steps] == [
        "a test mailbox is enrolled",
        "prestage has opened a request",
        "SES has accepted the mail",
        "the code is at the status URL",
    ]
    assert re.fullmatch(r"It works, from SES to the status URL: \d+\.\d s in all\.", verdict)
    assert run.calls_of("aws", "s3api", "put-object") == []


def test_it_enrols_a_mailbox_that_cannot_exist_and_ends_the_enrolment(probe):
    run, servers = probe()
    added, revoked = run.payloads
    assert re.fullmatch(r"test-[0-9a-f]{8}@mfa-relay\.invalid", added["mailbox"])
    assert (added["action"], added["trust"]) == ("add", "addressed")
    assert revoked == {"action": "revoke", "mailbox": added["mailbox"]}
    assert servers.prestaged == [{"email": added["mailbox"]}]


def test_the_mail_is_one_that_the_relay_accepts_from_the_provider(probe):
    _, servers = probe()
    mail = message_from_bytes(servers.mail, policy=policy.default)
    assert mail["From"] == "do_not_reply@arlo.com"
    assert mail["Date"].datetime
    assert len(re.findall(r"(?m)^\d{6}\r?$", mail.get_content())) == 1


def test_it_waits_while_the_status_is_pending(probe):
    run, _ = probe(WAITING, WAITING, pending=2)
    assert run.code == 0, run.stdout
    assert enroll_events(run.payloads) == ["add", "show", "show", "revoke"]


@pytest.mark.parametrize(
    ("replies", "obstacle"),
    [
        ({"greeting": "554 Service unavailable"}, "SES takes no mail from this machine's address: 554"),
        ({"RCPT": "550 Blocked by spamhaus"}, "SES takes no mail from this machine's address: 550 Blocked"),
        ({"MAIL": "451 try later"}, "SES takes no mail from this machine's address: 451 try later"),
    ],
)
def test_if_ses_takes_no_mail_from_here_the_mail_is_stored_and_receive_invoked(probe, replies, obstacle):
    run, servers = probe(replies=replies)
    assert run.code == 0, run.stdout + run.stderr
    assert obstacle in run.stdout
    assert "It works, from the bucket on; ./deploy.sh --check eu-west-1 mfa looks at the way to it" in run.stdout
    assert "X-SES-Virus-Verdict: PASS\r\n" in servers.stored.read_bytes().decode()
    [put], [deleted] = (run.calls_of("aws", "s3api", f"{verb}-object") for verb in ("put", "delete"))
    key = put[put.index("--key") + 1]
    assert deleted[deleted.index("--key") + 1] == key
    [event] = [payload for payload in run.payloads if "Records" in payload]
    ses = event["Records"][0]["ses"]
    assert f"inbox/{ses['mail']['messageId']}" == key
    assert ses["receipt"]["recipients"] == [ENROLLED["relay_address"]]


def test_a_closed_port_25_is_named(deploy, tmp_path):
    with serving(tmp_path) as servers, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{taken.getsockname()[1]}"
        environment = servers.environment | {"MFA_RELAY_TEST_SMTP": closed}
        run = deploy(*TEST, answers=account(servers), **environment)
    assert run.code == 0, run.stdout + run.stderr
    assert f"Outgoing port {closed[10:]} is closed here" in run.stdout
    assert "It works, from the bucket on" in run.stdout


def test_spam_is_no_verdict_on_the_relay_because_the_mail_is_not_signed(probe):
    spam = SHOWN | {"last_refusal": "spam"}
    # The first look at the status is before the refusal, the second after the stored mail.
    run, _ = probe(spam, pending=1)
    assert run.code == 0, run.stdout
    assert "SES calls a mail that this machine sends in the provider's name spam." in run.stdout


@pytest.mark.parametrize(
    ("behaviour", "shown", "reason"),
    [
        ({"replies": {"RCPT": "550 5.1.1 mailbox unavailable"}}, [], "SES refuses the relay address: 550 5.1.1"),
        ({"replies": {"end of DATA": "554 no"}}, [], "SES refuses the mail: 554 no"),
        ({"replies": {"POST": '{"error": "not_enrolled"}'}}, [], "prestage answers 403"),
        ({"pending": 9}, [SHOWN], "stale. Prestage first, then log in."),
    ],
    ids=["no rule", "no mail", "no request", "refused"],
)
def test_what_does_not_work_is_the_verdict_and_the_enrolment_ends_all_the_same(probe, behaviour, shown, reason):
    run, _ = probe(*shown, **behaviour)
    assert run.code == 1
    verdict = run.stdout.splitlines()[-1]
    assert verdict.startswith("It does not work: ")
    assert reason in verdict
    assert enroll_events(run.payloads)[-1] == "revoke"


def test_an_enrolment_that_cannot_be_ended_is_named_with_the_command(deploy, tmp_path):
    with serving(tmp_path) as servers:
        answers = account(servers) | {ENROLL: [ENROLLED | {"prestage_url": servers.prestage_url}, None]}
        run = deploy(*TEST, answers=answers, **servers.environment)
    assert re.search(r"\./deploy\.sh --revoke test-[0-9a-f]{8}@mfa-relay\.invalid eu-west-1 mfa", run.stdout)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_enrolment_ends_if_the_test_is_stopped(tmp_path, end):
    with serving(tmp_path, pending=10**6) as servers:
        fakes = Fakes(
            tmp_path, account(servers) | {ENROLL: [ENROLLED | {"prestage_url": servers.prestage_url}, WAITING]}
        )
        command = [fakes.folder / "bash", PROJECT / "deploy.sh", *TEST]
        environment = fakes.environment() | servers.environment
        with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as test:
            for line in test.stdout:
                if "SES has accepted" in line:
                    test.send_signal(end)
                    break
            test.stdout.read()
    assert test.returncode == 1
    assert enroll_events(fakes.recorded("payloads"))[-1] == "revoke"


def test_the_enrolment_ends_if_the_reader_of_the_output_is_gone(tmp_path):
    with serving(tmp_path) as servers:
        fakes = Fakes(tmp_path, account(servers))
        command = [fakes.folder / "bash", PROJECT / "deploy.sh", *TEST]
        environment = fakes.environment() | servers.environment
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, cwd=tmp_path, text=True, **pipes) as test:
            test.stdout.readline()
            test.stdout.close()
            errors = test.stderr.read()
    assert (errors, test.returncode) == ("", 1)
    assert json.loads((tmp_path / "payloads").read_text().splitlines()[-1])["action"] == "revoke"
