"""The records that the hosted zone has already: equal ones are left to it, others prevent the deployment."""

import pytest
from accounts import ARGUMENTS, EMPTY, NEW, ZONE, deletable, described, healthy
from test_deploy import IN_ZONE, parameters

MX = ("mfa.example.com.", "MX", "10 inbound-smtp.eu-west-1.amazonaws.com")
DKIM = [(f"k{n}._domainkey.mfa.example.com.", "CNAME", f"k{n}.dkim.amazonses.com") for n in (1, 2, 3)]
WITHOUT_ZONE = EMPTY | {"aws cloudformation describe-stacks": described()}
ADOPTED = {"HostedZoneId": "Z1", "DnsRecords": "existing,create,existing,create"}


def records(*rows: tuple[str, str, str]) -> dict:
    """The hosted zone with these records. Route 53 lists from the name that it is asked for."""
    listed = {}
    for name, *_ in rows:
        start = f"--start-record-name {name.rstrip('.')}"
        at = rows[next(place for place, row in enumerate(rows) if row[0] == name) :]
        sets = [{"Name": n, "Type": t, "ResourceRecords": [{"Value": v}]} for n, t, v in at]
        listing = f"aws route53 list-resource-record-sets --region eu-west-1 --hosted-zone-id Z1 {start}"
        listed[listing] = {"ResourceRecordSets": sets}
    return ZONE | listed


def owned(resource: str, name: str) -> dict:
    target = f"--region eu-west-1 --stack-name mfa --logical-resource-id {resource}"
    answer = {"StackResourceDetail": {"PhysicalResourceId": name}}
    return {f"aws cloudformation describe-stack-resource {target}": answer}


def test_without_records_in_the_zone_the_stack_creates_all_four(deploy):
    run = deploy(*IN_ZONE, answers=NEW | ZONE)
    assert parameters(run)["DnsRecords"] == "create,create,create,create"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([MX, *DKIM], "existing,existing,existing,existing"),
        ([MX], "existing,create,create,create"),
        ([DKIM[1]], "create,create,existing,create"),
        ([(MX[0], "MX", "5 INBOUND-SMTP.eu-west-1.amazonaws.com.")], "existing,create,create,create"),
        ([(MX[0], "TXT", '"v=spf1 -all"')], "create,create,create,create"),
        ([("mfa.example.com.zone.example.com.", "MX", "10 mail.example.com")], "create,create,create,create"),
    ],
    ids=["all", "MX", "one of DKIM", "another spelling", "another type", "another name"],
)
def test_a_record_that_is_equal_is_left_to_the_zone(deploy, rows, expected):
    run = deploy(*IN_ZONE, answers=WITHOUT_ZONE | records(*rows))
    assert run.code == 0, run.stderr
    assert parameters(run)["DnsRecords"] == expected


@pytest.mark.parametrize(
    ("row", "theirs", "wanted"),
    [
        (
            (MX[0], "MX", "10 mail.example.com"),
            "MX '10 mail.example.com'",
            "MX '10 inbound-smtp.eu-west-1.amazonaws.com'",
        ),
        ((MX[0], "CNAME", "www.example.com"), "CNAME 'www.example.com'", "MX '10 inbound-smtp.eu-west-1."),
        ((*DKIM[2][:2], "k9.dkim.amazonses.com"), "CNAME 'k9.dkim.amazonses.com'", "CNAME 'k3.dkim.amazonses.com'"),
        ((DKIM[0][0], "TXT", '"p=abc"'), "TXT '\"p=abc\"'", "CNAME 'k1.dkim.amazonses.com'"),
    ],
    ids=["another mail server", "an alias in place of mail", "another key", "a key of the owner's"],
)
def test_a_record_that_differs_is_named_with_both_values_and_nothing_is_deployed(deploy, row, theirs, wanted):
    run = deploy(*IN_ZONE, answers=WITHOUT_ZONE | records(row))
    assert f"{row[0].rstrip('.')} is {theirs}, and the relay needs {wanted}" in run.stderr
    assert (run.code, run.changes()) == (2, [])


def test_every_record_that_differs_is_named(deploy):
    rows = [(name, kind, "other.example.com") for name, kind, _ in (MX, *DKIM)]
    run = deploy(*IN_ZONE, answers=WITHOUT_ZONE | records(*rows))
    assert run.stderr.count("other.example.com") == 4


def test_a_new_stack_uses_an_mx_record_that_is_there(deploy):
    run = deploy(*IN_ZONE, answers=NEW | records(MX))
    assert parameters(run)["DnsRecords"] == "existing,create,create,create"


def test_the_stack_keeps_the_records_that_it_has_created(deploy):
    mine = {"aws cloudformation describe-stacks": described(parameters={"HostedZoneId": "Z1"})}
    answers = EMPTY | mine | records(MX, *DKIM) | owned("MxRecord", "mfa.example.com")
    assert parameters(deploy(*IN_ZONE, answers=answers))["DnsRecords"] == "create,existing,existing,existing"


def test_a_record_that_the_stack_created_in_another_zone_is_not_its_own_in_this_one(deploy):
    mine = {"aws cloudformation describe-stacks": described(parameters={"HostedZoneId": "Z2"})}
    answers = EMPTY | mine | records(MX) | owned("MxRecord", "mfa.example.com")
    assert parameters(deploy(*IN_ZONE, answers=answers))["DnsRecords"] == "existing,create,create,create"


def test_a_rerun_without_the_option_looks_at_the_zone_of_the_stack(deploy):
    mine = {"aws cloudformation describe-stacks": described(parameters=ADOPTED)}
    run = deploy(*ARGUMENTS, answers=EMPTY | mine | records(MX))
    assert parameters(run)["DnsRecords"] == "existing,create,create,create", "what is gone is created"
    assert "Create these DNS records" not in run.stdout


def test_a_deletion_names_the_records_that_stay(deploy):
    answers = deletable() | {"aws cloudformation describe-stacks": described(parameters=ADOPTED)}
    run = deploy("--delete", *ARGUMENTS[:2], answers=answers)
    assert run.code == 0
    [_, stay] = run.stdout.split("so they stay:")
    assert "mfa.example.com. MX 10 inbound-smtp" in stay
    assert "k2._domainkey" in stay
    assert "k1._domainkey" not in stay


@pytest.mark.parametrize(("row", "line"), [(MX, "✓"), ((MX[0], "MX", "10 mail.example.com"), "✗")])
def test_the_check_looks_at_the_records_that_were_left_to_the_zone(deploy, row, line):
    mine = {"aws cloudformation describe-stacks": described(parameters=ADOPTED)}
    run = deploy("--check", *ARGUMENTS[:2], answers=healthy() | mine | records(row, DKIM[1]))
    assert f"{line} the hosted zone still has the MX record that it had before the stack" in run.stdout
    assert "✓ the hosted zone still has the CNAME record that it had before the stack" in run.stdout
