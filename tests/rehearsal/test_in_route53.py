"""The first deployment with the domain in Route 53, by one command, and the logins at the stack that it makes.

The mails come by SMTP, as SES takes them.
"""

import json
import smtplib
from pathlib import Path

import pytest

import logins
from mail_builder import CODE, MAILBOX
from stack import Deployed
from world import World

STRANGER = "stranger@elsewhere.example"


@pytest.fixture(scope="module")
def in_route53(world: World) -> Deployed:
    """In us-east-1, with the domain in Route 53, deployed and enrolled by one command."""
    account = world.create_account()
    stack = world.stack(world.terminal(account), "us-east-1")
    zone = account.create_zone(stack.domain)
    return Deployed(stack, stack.deploy("--hosted-zone-id", zone, "--enroll", MAILBOX, "--owner-email", MAILBOX))


def test_with_a_hosted_zone_one_command_leads_to_a_code(in_route53: Deployed) -> None:
    stack = in_route53.stack
    assert f"SES has verified {stack.domain}." in in_route53.output.stdout
    status = stack.log_in(in_route53.enrolment)
    assert (status["status"], status["code"]) == ("complete", CODE)
    checked = stack.check()
    assert (checked.code, checked.stdout.splitlines()[-1]) == (0, "Everything is in order."), checked


def test_the_program_mfa_relay_prints_the_code_of_a_signed_mail(in_route53: Deployed, program: Path) -> None:
    stack, enrolment = in_route53.stack, in_route53.enrolment
    mails = stack.world.mail_servers
    with logins.mfa_relay(program, enrolment.prestage) as login:
        login.wait_for("The login may now ask for its code.")
        mails.forward(mails.code_mail("135790"), enrolment.relay_address)
        assert login.wait() == 0
        assert login.other() == "135790\n"


def test_an_unsigned_mail_counts_if_the_mailbox_s_own_provider_forwards_it(in_route53: Deployed) -> None:
    enrolment, mails = in_route53.enrolment, in_route53.stack.world.mail_servers
    # Another code than the earlier ones: the same one again would be an old mail's.
    status = logins.log_in(
        enrolment.prestage, lambda: mails.forward(mails.code_mail("246802", signed=False), enrolment.relay_address)
    )
    assert (status["status"], status["code"]) == ("complete", "246802")


def test_a_mail_that_nobody_vouches_for_is_refused_and_the_check_says_why(in_route53: Deployed) -> None:
    stack, enrolment = in_route53.stack, in_route53.enrolment
    mails = stack.world.mail_servers
    url = logins.open_request(enrolment.prestage)
    mails.forward(mails.code_mail(signed=False), enrolment.relay_address, STRANGER)
    stack.wait_until_handled()
    assert logins.status(url)["status"] == "pending"
    assert "refused: not_forwarded" in stack.check().stdout


@pytest.mark.parametrize("recipient", ["nobody@{domain}", "arlo@elsewhere.example"])
def test_a_mail_for_another_recipient_is_refused_during_smtp(in_route53: Deployed, recipient: str) -> None:
    stack = in_route53.stack
    mails = stack.world.mail_servers
    address = recipient.format(domain=stack.domain)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        mails.hand_in(mails.code_mail(), address, stack.world.port_of(f"inbound-smtp.{stack.region}.amazonaws.com"))
    assert refusal.value.recipients[address][0] == 550


def test_a_mail_without_tls_is_refused_during_smtp(in_route53: Deployed) -> None:
    stack = in_route53.stack
    port = stack.world.port_of(f"inbound-smtp.{stack.region}.amazonaws.com")
    with smtplib.SMTP("127.0.0.1", port) as server, pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        server.sendmail("me@gmail.com", [stack.address], "Subject: in the clear\r\n\r\n")
    assert b"Encryption needed" in refusal.value.recipients[stack.address][1]


def test_a_flood_pauses_receiving_until_the_pause_ends(in_route53: Deployed) -> None:
    stack = in_route53.stack
    alarms = stack.account.client("cloudwatch", stack.region).describe_alarms()["MetricAlarms"]
    [flood] = [alarm for alarm in alarms if alarm["MetricName"] == "Received"]
    assert any(stack.outputs()["SetupFunctionName"] in action for action in flood["AlarmActions"])
    assert stack.takes_mail()
    # As CloudWatch invokes an alarm's action:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
    stack.invoke("SetupFunctionName", {"source": "aws.cloudwatch", "alarmData": {"state": {"value": "ALARM"}}})
    assert not stack.takes_mail()
    paused = stack.check().stdout
    assert f"✗ the rule {stack.name} exists and is enabled" in paused
    assert "a flood of mail has paused it until" in paused
    schedules = stack.account.client("scheduler", stack.region)
    schedule = schedules.get_schedule(GroupName=stack.name, Name="resume-receiving")
    stack.invoke("SetupFunctionName", json.loads(schedule["Target"]["Input"]))
    assert stack.takes_mail()
    stack.invoke("SetupFunctionName", {"source": "aws.cloudwatch", "alarmData": {"state": {"value": "ALARM"}}})
    stack.resume()
    assert stack.takes_mail()
    assert f"✓ the rule {stack.name} exists and is enabled" in stack.check().stdout
