"""SES as the rehearsal plays it: whom a rule applies to, and what it proves of a mail."""

from datetime import UTC, datetime

import pytest

from mail_builder import MAILBOX, forwarded_by_gmail
from processes import LOOPBACK
from receiving import header_fields, rules
from receiving.authentication import Results, authenticate
from world import World

ENVELOPE_FROM = forwarded_by_gmail(MAILBOX)


@pytest.mark.parametrize(
    ("conditions", "recipient", "applies"),
    [
        (["arlo@mfa.example.com"], "arlo@mfa.example.com", True),
        (["arlo@mfa.example.com"], "Arlo+k7f3q2m4x5z6a7b2@MFA.example.com", True),
        (["arlo@mfa.example.com"], "arlo2@mfa.example.com", False),
        (["arlo+a@mfa.example.com"], "arlo@mfa.example.com", False),
        (["mfa.example.com"], "anybody@mfa.example.com", True),
        (["example.com"], "arlo@mfa.example.com", False),
        ([".example.com"], "arlo@mfa.example.com", True),
        ([], "anybody@mfa.example.com", True),
    ],
)
def test_a_rule_applies_to_its_recipients_with_any_label(conditions: list, recipient: str, applies: bool) -> None:
    assert rules.applies(conditions, recipient) is applies


def test_rules_apply_in_order_until_one_stops() -> None:
    listed = [
        {"Name": "off", "Enabled": False},
        {"Name": "first", "Enabled": True, "Actions": [{"S3Action": {}}]},
        {"Name": "last", "Enabled": True, "Actions": [{"StopAction": {"Scope": "RuleSet"}}]},
        {"Name": "never", "Enabled": True},
    ]
    assert [rule["Name"] for rule in rules.applying(listed, "arlo@mfa.example.com")] == ["first", "last"]


def of(world: World, raw: bytes, client: str = LOOPBACK, envelope_from: str = ENVELOPE_FROM) -> Results:
    return authenticate(raw, client, "mail-sor-f41.google.com", envelope_from, world.elsewhere.dns)


def test_a_signed_mail_from_a_permitted_client_passes_every_check(world: World) -> None:
    results = of(world, world.mail_servers.code_mail())
    assert (results.spf, results.dkim_pass, results.dmarc) == ("pass", ("@arlo.com",), "pass")


def test_a_changed_mail_fails_dkim_and_dmarc(world: World) -> None:
    results = of(world, world.mail_servers.code_mail().replace(b"Your code", b"My code"))
    assert (results.dkim, results.dkim_pass, results.dmarc, results.dmarc_policy) == ("fail", (), "fail", "reject")


def test_another_client_fails_spf_and_a_domain_without_a_record_has_none(world: World) -> None:
    mail = world.mail_servers.code_mail()
    assert of(world, mail, client="192.0.2.1").spf == "fail"
    assert of(world, mail, envelope_from="me@elsewhere.example").spf == "none"


def test_the_report_names_what_passed(world: World) -> None:
    results = of(world, world.mail_servers.code_mail())
    top = header_fields.on_top(
        results,
        envelope_from=ENVELOPE_FROM,
        recipient="arlo@mfa.example.com",
        client=LOOPBACK,
        helo="mail-sor-f41.google.com",
        region="us-east-1",
        at=datetime.now(UTC),
        scan=False,
    ).decode()
    assert " dkim=pass header.i=@arlo.com;\r\n dmarc=pass header.from=arlo.com;\r\n" in top
    assert "Spam-Verdict" not in top
