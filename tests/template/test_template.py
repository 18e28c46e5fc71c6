"""What the stack is made of: its order, its limits, and what it asks of the person who deploys it."""

import re
from graphlib import TopologicalSorter

import boto3
import pytest
from cfnlint import ManualArgs, lint_file

from translate import TEMPLATE, translate

STACK = translate({"RelayAddress": "arlo@mfa.example.com"})
RESOURCES, PARAMETERS, OUTPUTS = STACK["Resources"], STACK["Parameters"], STACK["Outputs"]
REGIONS, REGION_ASKED = STACK["Rules"]["RegionReceivesMail"]["Assertions"][0]["Assert"]["Fn::Contains"]

ENVIRONMENT = {
    "Prestage": {
        *("RELAY_ADDRESS", "WINDOW_SECONDS", "ADDRESS_KEY"),
        *("EXPIRE_FUNCTION_ARN", "SCHEDULE_ROLE_ARN", "SCHEDULE_GROUP"),
    },
    "Receive": {"RELAY_ADDRESS", "ADDRESS_KEY"},
    "Expire": set(),
    "Setup": {"RULE_SET", "PAUSE_HOURS", "SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "FUNCTION_ARN_PREFIX"},
    "Enroll": {"RELAY_ADDRESS", "ADDRESS_KEY", "PRESTAGE_URL"},
}
CEILINGS = {
    "FloodMails": 100,
    "FloodPauseHours": 24,
    "ApiRate": 5,
    "ApiBurst": 10,
    "TableReadUnits": 25,
    "TableWriteUnits": 15,
    "FunctionMemory": 128,
}
ENVIRONMENT_OF_ALL = {"STACK", "TABLE", "BUCKET", "SMITHY_CLIENT_SDK_CUSTOM_PARTITION"}


def properties(name: str) -> dict:
    return RESOURCES[name]["Properties"]


def mentioned(node) -> set[str]:
    """The names that a Ref, GetAtt, Sub or DependsOn in this node speaks of."""
    match node:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return {name}
        case {"Fn::Sub": str(pattern)}:
            return set(re.findall(r"\$\{(\w+)[.}]", pattern))
        case {"Fn::If": [_, chosen, other]}:
            return mentioned(chosen) | mentioned(other)
        case {"Fn::Sub": [pattern, names]}:
            return mentioned({"Fn::Sub": pattern}) - names.keys() | mentioned(names)
        case dict():
            waits_for = node.get("DependsOn", [])
            return set([waits_for] if isinstance(waits_for, str) else waits_for).union(*map(mentioned, node.values()))
        case list():
            return set().union(*map(mentioned, node))
        case _:
            return set()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_function_is_small_and_is_told_only_what_it_needs(name):
    function = properties(name)
    assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap")
    assert (function["MemorySize"], function["Timeout"]) == ({"Ref": "FunctionMemory"}, 900 if name == "Setup" else 10)
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert function["Code"]["S3Key"] == f"target/lambda/{name.lower()}/"
    assert function["Environment"]["Variables"].keys() == ENVIRONMENT_OF_ALL | ENVIRONMENT[name]


def test_there_are_no_other_functions_and_none_reserves_concurrency():
    functions = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Lambda::Function"}
    assert functions == ENVIRONMENT.keys()
    assert not [name for name in functions if "ReservedConcurrentExecutions" in properties(name)]


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_function_logs_to_its_own_group_for_a_limited_time(name):
    assert properties(name)["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Logs"}}
    assert properties(f"{name}Logs") == {"RetentionInDays": {"Ref": "LogRetentionDays"}}


def test_the_key_of_the_addresses_is_in_no_name_that_a_client_sees():
    uuid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    keyed = [name for name, variables in ENVIRONMENT.items() if "ADDRESS_KEY" in variables]
    assert all(properties(name)["Environment"]["Variables"]["ADDRESS_KEY"] == uuid for name in keyed)
    assert "BucketName" not in properties("Bucket")
    assert [name for name in RESOURCES if "AWS::StackId" in mentioned(RESOURCES[name])] == keyed


def test_the_api_has_throttled_routes_to_one_function_and_no_access_log():
    assert {path: [*methods] for path, methods in properties("Api")["Body"]["paths"].items()} == {
        "/prestage": ["post"],
        "/pyaarlo/{proxy+}": ["post", "get"],
    }
    [stage] = [resource for resource in RESOURCES.values() if resource["Type"] == "AWS::ApiGatewayV2::Stage"]
    limits = {"ThrottlingBurstLimit": {"Ref": "ApiBurst"}, "ThrottlingRateLimit": {"Ref": "ApiRate"}}
    assert stage["Properties"]["DefaultRouteSettings"] == limits
    assert "AccessLogSettings" not in stage["Properties"]


def test_the_table_costs_by_use_up_to_a_ceiling_and_forgets():
    table = properties("Table")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    ceiling = {"MaxReadRequestUnits": {"Ref": "TableReadUnits"}, "MaxWriteRequestUnits": {"Ref": "TableWriteUnits"}}
    assert table["OnDemandThroughput"] == ceiling
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_the_bucket_is_encrypted_closed_and_emptied_after_a_day():
    bucket = properties("Bucket")
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert [*bucket["PublicAccessBlockConfiguration"].values()] == [True] * 4
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 1)
    assert not rule.keys() & {"Prefix", "Filter"}, "mails and status documents alike"


def test_the_rule_stores_the_mail_and_then_calls_receive():
    rule = properties("Rule")["Rule"]
    store, call = rule["Actions"]
    assert store["S3Action"] == {"BucketName": {"Ref": "Bucket"}, "ObjectKeyPrefix": "inbox/"}, "and no KmsKeyArn"
    assert call["LambdaAction"] == {"FunctionArn": {"Fn::GetAtt": ["Receive", "Arn"]}, "InvocationType": "Event"}
    assert rule["Recipients"] == [{"Ref": "RelayAddress"}]
    assert (rule["Enabled"], rule["ScanEnabled"], rule["TlsPolicy"]) == (True, True, "Require")


def test_the_rule_waits_for_the_rights_that_ses_tries_when_it_is_made():
    assert set(RESOURCES["Rule"]["DependsOn"]) == {"BucketPolicy", "ReceivePermission"}


def test_a_mail_event_is_retried_while_its_code_is_good_and_then_kept_for_a_day():
    handling = properties("ReceiveEventInvokeConfig")
    assert (handling["MaximumEventAgeInSeconds"], handling["MaximumRetryAttempts"]) == (300, 2)
    assert handling["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}}
    assert properties("DeadLetters") == {"MessageRetentionPeriod": 86400, "SqsManagedSseEnabled": True}


def test_nothing_waits_for_itself():
    TopologicalSorter({name: mentioned(resource) & RESOURCES.keys() for name, resource in RESOURCES.items()}).prepare()


@pytest.mark.parametrize("name", [*PARAMETERS, *OUTPUTS])
def test_every_parameter_and_output_is_described(name):
    assert all(len(section[name]["Description"]) > 20 for section in (PARAMETERS, OUTPUTS) if name in section)


def test_the_window_is_between_one_and_fifteen_minutes():
    window = PARAMETERS["WindowSeconds"]
    assert (window["MinValue"], window["Default"], window["MaxValue"]) == (60, 300, 900)


def test_the_ceilings_are_a_household_s_unless_asked_otherwise():
    assert {name: PARAMETERS[name]["Default"] for name in CEILINGS} == CEILINGS
    for limits in (PARAMETERS[name] for name in CEILINGS):
        assert limits["MinValue"] <= limits["Default"] <= limits["MaxValue"]


def test_a_pause_outlasts_the_alarm_s_window_so_that_the_alarm_can_go_off_again():
    assert PARAMETERS["FloodPauseHours"]["MinValue"] * 3600 > properties("MailFlood")["Period"]


def test_the_alarm_of_a_flood_watches_the_stack_s_own_rule():
    alarm = properties("MailFlood")
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/SES", "Received", "Sum")
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": properties("Rule")["Rule"]["Name"]}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == ({"Ref": "FloodMails"}, "GreaterThanThreshold")


def test_a_pause_that_fails_for_good_reaches_the_dead_letter_queue():
    handling = properties("SetupEventInvokeConfig")
    assert handling["MaximumRetryAttempts"] == 2
    assert handling["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}}


def test_the_architecture_is_x86_unless_asked_otherwise():
    assert (PARAMETERS["Architecture"]["Default"], PARAMETERS["Architecture"]["AllowedValues"]) == (
        "x86_64",
        ["x86_64", "arm64"],
    )


@pytest.mark.parametrize("address", ["arlo@mfa.example.com", "a.b-c_1@example.co.uk", "a" * 30 + "@example.com"])
def test_a_plain_address_can_be_the_relay_address(address):
    assert re.fullmatch(PARAMETERS["RelayAddress"]["AllowedPattern"], address)


@pytest.mark.parametrize("address", ["Arlo@example.com", "arlo+a@example.com", "arlo@host", "a" * 31 + "@example.com"])
def test_any_other_address_cannot(address):
    assert not re.fullmatch(PARAMETERS["RelayAddress"]["AllowedPattern"], address)


def test_the_region_must_be_one_that_receives_mail():
    assert REGION_ASKED == {"Ref": "AWS::Region"}
    assert {"us-east-1", "us-west-2", "eu-west-1"} <= set(REGIONS) <= set(boto3.Session().get_available_regions("ses"))
    assert len(REGIONS) == len(set(REGIONS))


def test_the_mx_record_can_be_pasted():
    pattern, names = OUTPUTS["MxRecord"]["Value"]["Fn::Sub"]
    assert pattern == "${Domain}. MX 10 inbound-smtp.${AWS::Region}.amazonaws.com."
    assert names == {"Domain": {"Fn::Select": [1, {"Fn::Split": ["@", {"Ref": "RelayAddress"}]}]}}


def test_cfn_lint_finds_nothing_in_any_of_the_regions():
    assert lint_file(TEMPLATE, config=ManualArgs(regions=REGIONS)) == []
