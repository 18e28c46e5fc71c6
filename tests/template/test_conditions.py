"""Every way to deploy the stack: the conditions evaluated as CloudFormation does, and what is then left linted."""

import itertools
import json
import re
import tomllib

import pytest
from cfnlint import ManualArgs, lint_file

from test_template import mentioned
from translate import TEMPLATE, translate

HERE = {
    "RelayAddress": "arlo@mfa.example.com",
    "AWS::Region": "us-east-1",
    "DnsRecords": "create,create,create,create",
}
CHOICES = {
    "HostedZoneId": ["", "Z0123456789ABCDEFGHIJ"],
    "RuleSetName": ["", "company-mail"],
    "OwnerEmail": ["", "me@example.com"],
    "DomainIdentity": ["create", "existing"],
    "AWS::Region": ["us-east-1", "eu-north-1"],
}
COMBINATIONS = [dict(zip(CHOICES, values, strict=True)) for values in itertools.product(*CHOICES.values())]
STACK = translate({"RelayAddress": "arlo@mfa.example.com"})

DKIM = {"DkimRecord1", "DkimRecord2", "DkimRecord3"}
ALARMS = {
    *("Alarms", "FunctionErrors", "DeadLettersWaiting", "MailNotStored"),
    *("RequestFlood", "RequestPendingPastEnd", "SlowDelivery"),
}


def truth(node, given: dict) -> bool:
    """A condition's value."""
    match node:
        case {"Fn::Equals": [one, other]}:
            return value(one, given) == value(other, given)
        case {"Fn::Not": [inner]}:
            return not truth(inner, given)
        case {"Fn::And": inner}:
            return all(truth(one, given) for one in inner)
        case {"Fn::Or": inner}:
            return any(truth(one, given) for one in inner)
        case {"Condition": name}:
            return truth(STACK["Conditions"][name], given)
    raise NotImplementedError(node)


def value(node, given: dict):
    match node:
        case {"Fn::Select": [index, {"Ref": name}]}:
            return given[name].split(",")[index]
        case {"Ref": name}:
            return given[name]
    return node


def left(node, given: dict):
    """The node with each If replaced by the side that its condition takes."""
    match node:
        case {"Fn::If": [name, chosen, other]}:
            return left(chosen if truth({"Condition": name}, given) else other, given)
        case dict():
            return {key: left(inner, given) for key, inner in node.items()}
        case list():
            return [left(inner, given) for inner in node]
    return node


def stack(given: dict) -> dict:
    """The template as it stands with these parameters: what a condition leaves out is gone."""
    given = HERE | given

    def section(name: str) -> dict:
        kept = {
            key: entry
            for key, entry in STACK[name].items()
            if "Condition" not in entry or truth({"Condition": entry["Condition"]}, given)
        }
        return left({key: {k: v for k, v in e.items() if k != "Condition"} for key, e in kept.items()}, given)

    rest = {key: part for key, part in STACK.items() if key not in ("Conditions", "Resources", "Outputs")}
    return rest | {"Resources": section("Resources"), "Outputs": section("Outputs")}


def name_of(given: dict) -> str:
    return " ".join(word or "-" for word in given.values())


@pytest.mark.parametrize("given", COMBINATIONS, ids=name_of)
def test_nothing_speaks_of_what_a_condition_leaves_out(given):
    stands = stack(given)
    known = stands["Resources"].keys() | STACK["Parameters"].keys()
    spoken = mentioned(stands["Resources"]) | mentioned(stands["Outputs"])
    assert {name for name in spoken if not name.startswith("AWS")} - known == set()


@pytest.mark.parametrize("given", COMBINATIONS, ids=name_of)
def test_what_is_left_lints(given, tmp_path):
    path = tmp_path / "template.json"
    path.write_text(json.dumps(stack(given)))
    found = lint_file(path, config=ManualArgs(regions=[given["AWS::Region"]]))
    # A parameter that only conditions ask for is unused once they are decided.
    assert [str(match) for match in found if match.rule.id != "W2001"] == []


@pytest.mark.parametrize(
    ("given", "there", "gone"),
    [
        ({}, {"RuleSet", "Identity", "MailFlood"}, {"MxRecord", "Budget", *DKIM, *ALARMS}),
        ({"HostedZoneId": "Z1"}, {"MxRecord", *DKIM}, set()),
        ({"HostedZoneId": "Z1", "DomainIdentity": "existing"}, {"MxRecord"}, {"Identity", *DKIM}),
        ({"HostedZoneId": "Z1", "DnsRecords": "existing,create,create,create"}, DKIM, {"MxRecord"}),
        ({"HostedZoneId": "Z1", "DnsRecords": "create,existing,existing,existing"}, {"MxRecord"}, DKIM),
        (
            {"HostedZoneId": "Z1", "DnsRecords": "create,create,existing,create"},
            DKIM - {"DkimRecord2"},
            {"DkimRecord2"},
        ),
        ({"RuleSetName": "company-mail"}, {"Rule", "Receiving"}, {"RuleSet"}),
        ({"OwnerEmail": "me@example.com"}, {"Budget", *ALARMS}, set()),
        ({"OwnerEmail": "me@example.com", "AWS::Region": "eu-north-1"}, ALARMS, {"Budget"}),
    ],
)
def test_a_parameter_brings_what_it_is_for_and_nothing_else(given, there, gone):
    defaults = {name: choices[0] for name, choices in CHOICES.items()}
    resources = stack(defaults | given)["Resources"].keys()
    assert there <= resources
    assert not gone & resources


@pytest.mark.parametrize(("given", "belongs"), [("", "stack"), ("company-mail", "account")])
def test_setup_is_told_whose_rule_set_it_is(given, belongs):
    resources = stack({name: choices[0] for name, choices in CHOICES.items()} | {"RuleSetName": given})["Resources"]
    asked = resources["Receiving"]["Properties"]
    assert asked["Belongs"] == belongs
    assert asked["RuleSet"] == ({"Ref": "RuleSetName"} if given else {"Ref": "RuleSet"})
    assert asked["RuleSet"] == resources["Rule"]["Properties"]["RuleSetName"]


def test_the_bucket_is_emptied_after_everything_that_writes_to_it_is_gone():
    resources = STACK["Resources"]
    for writer in ("Prestage", "Receive", "Expire", "Enroll"):
        assert "BucketContents" in mentioned(resources[writer])
    assert "ReceivePermission" in mentioned(resources["Rule"])
    assert "Receive" in mentioned(resources["ReceivePermission"])
    # And SES, which retries what it accepted before, may store no more mail.
    assert "BucketContents" in mentioned(resources["BucketPolicy"])


def test_the_rule_set_is_active_only_while_the_rule_stands():
    assert "Rule" in mentioned(STACK["Resources"]["Receiving"])


def test_the_alarms_are_within_what_is_free_for_ever():
    alarms = [r["Properties"] for r in STACK["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    watched = [sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1 for alarm in alarms]
    assert (len(alarms), sum(watched)) == (7, 10)
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in alarms)


@pytest.mark.parametrize("owner", ["", "me@example.com"])
def test_every_alarm_tells_the_owner_and_a_flood_calls_setup_in_any_case(owner):
    resources = stack({name: choices[0] for name, choices in CHOICES.items()} | {"OwnerEmail": owner})["Resources"]
    alarms = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    setup, tell = {"Fn::GetAtt": ["Setup", "Arn"]}, [{"Ref": "Alarms"}] if owner else []
    assert alarms.pop("MailFlood")["AlarmActions"] == [setup, *tell]
    assert [alarm["AlarmActions"] for alarm in alarms.values()] == [tell] * len(alarms)


def test_the_dashboard_is_json_and_speaks_of_this_stack_alone():
    body = STACK["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    assert len(widgets) == 5
    for widget in widgets:
        assert widget["properties"]["region"] == "${AWS::Region}"
        for metric in widget["properties"]["metrics"]:
            assert "${" in json.dumps(metric), "a metric of the whole account"


def test_a_search_quotes_every_name_that_is_no_plain_word():
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    body = STACK["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    searches = re.findall(r"SEARCH\('\{([^}]*)\}", json.dumps(json.loads(body)).replace(r"\"", '"'))
    assert searches
    for names in searches:
        for name in names.split(","):
            assert re.fullmatch(r'\w+|"[^"]+"', name), name


def test_every_function_is_tagged_with_the_version_of_the_workspace():
    manifest = tomllib.loads((TEMPLATE.parent / "Cargo.toml").read_text())
    version = manifest["workspace"]["package"]["version"]
    assert STACK["Metadata"]["mfa-relay"]["Version"] == version
    functions = [r["Properties"] for r in STACK["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    tags = [{tag["Key"]: tag["Value"] for tag in function["Tags"]} for function in functions]
    assert [tag["mfa-relay:version"] for tag in tags] == [version] * len(functions)
