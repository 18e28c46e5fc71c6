"""Who may do what: every right that the stack gives, and no other."""

import pytest

from translate import translate

RESOURCES = translate({"RelayAddress": "arlo@mfa.example.com"})["Resources"]
RULE = (
    "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:receipt-rule-set/${Set}:receipt-rule/${AWS::StackName}"
)
RULE_SET = {"Fn::If": ["OwnRuleSet", {"Ref": "RuleSet"}, {"Ref": "RuleSetName"}]}
SCHEDULES = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/*"
RESUME = SCHEDULES.removesuffix("*") + "resume-receiving"
FUNCTIONS = ["Prestage", "Receive", "Expire", "Enroll", "Setup"]

# The action, what it may be done to, and the leading keys or the service that the condition demands.
RIGHTS = {
    "Prestage": {
        ("logs:CreateLogStream", "PrestageLogs.Arn"),
        ("logs:PutLogEvents", "PrestageLogs.Arn"),
        ("dynamodb:GetItem", "Table.Arn", "enrolment#*", "tag#*", "request#*"),
        ("dynamodb:PutItem", "Table.Arn", "request#*"),
        ("dynamodb:UpdateItem", "Table.Arn", "request#*", "arrival#*"),
        ("s3:PutObject", "${Bucket.Arn}/status/*"),
        ("s3:GetObject", "${Bucket.Arn}/status/*"),
        ("scheduler:CreateSchedule", SCHEDULES),
        ("iam:PassRole", "ScheduleRole.Arn", "scheduler.amazonaws.com"),
    },
    "Receive": {
        ("logs:CreateLogStream", "ReceiveLogs.Arn"),
        ("logs:PutLogEvents", "ReceiveLogs.Arn"),
        ("dynamodb:GetItem", "Table.Arn", "enrolment#*", "tag#*", "request#*"),
        ("dynamodb:PutItem", "Table.Arn", "request#*"),
        ("dynamodb:UpdateItem", "Table.Arn", "arrival#*"),
        ("s3:GetObject", "${Bucket.Arn}/inbox/*"),
        ("s3:DeleteObject", "${Bucket.Arn}/inbox/*"),
        ("s3:ListBucket", "Bucket.Arn"),
        ("s3:PutObject", "${Bucket.Arn}/status/*"),
        ("sqs:SendMessage", "DeadLetters.Arn"),
    },
    "Expire": {
        ("logs:CreateLogStream", "ExpireLogs.Arn"),
        ("logs:PutLogEvents", "ExpireLogs.Arn"),
        ("dynamodb:GetItem", "Table.Arn", "request#*"),
        ("dynamodb:PutItem", "Table.Arn", "request#*"),
        ("s3:PutObject", "${Bucket.Arn}/status/*"),
        ("sqs:SendMessage", "DeadLetters.Arn"),
    },
    "Enroll": {
        ("logs:CreateLogStream", "EnrollLogs.Arn"),
        ("logs:PutLogEvents", "EnrollLogs.Arn"),
        ("dynamodb:GetItem", "Table.Arn", "enrolment#*", "tag#*", "request#*", "arrival#*"),
        ("dynamodb:PutItem", "Table.Arn", "enrolment#*", "tag#*", "request#*"),
        ("dynamodb:DeleteItem", "Table.Arn", "enrolment#*", "tag#*", "arrival#*"),
        ("dynamodb:Scan", "Table.Arn"),
        ("s3:PutObject", "${Bucket.Arn}/status/*"),
    },
    "Setup": {
        ("logs:CreateLogStream", "SetupLogs.Arn"),
        ("logs:PutLogEvents", "SetupLogs.Arn"),
        ("s3:ListBucketVersions", "Bucket.Arn"),
        ("s3:DeleteObject", "${Bucket.Arn}/*"),
        ("s3:DeleteObjectVersion", "${Bucket.Arn}/*"),
        ("ses:DescribeActiveReceiptRuleSet", "*"),
        ("ses:SetActiveReceiptRuleSet", "*"),
        ("ses:DescribeReceiptRule", "*"),
        ("ses:UpdateReceiptRule", "*"),
        ("scheduler:CreateSchedule", RESUME),
        ("scheduler:UpdateSchedule", RESUME),
        ("iam:PassRole", "ResumeScheduleRole.Arn", "scheduler.amazonaws.com"),
        ("sqs:SendMessage", "DeadLetters.Arn"),
    },
    "Schedule": {("lambda:InvokeFunction", "Expire.Arn")},
    "ResumeSchedule": {("lambda:InvokeFunction", "Setup.Arn")},
}


def properties(name: str) -> dict:
    return RESOURCES[name]["Properties"]


def statements(role: str) -> list[dict]:
    attached = [
        resource["Properties"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]
    ]
    policies = [*properties(role).get("Policies", []), *attached]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def spoken(node) -> str:
    """An intrinsic function in a word: `Table.Arn` for a GetAtt, the pattern of a Sub, the name of a Ref."""
    match node:
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": [str(word), {"Set": names}]} if names == RULE_SET:
            return word
        case {"Fn::Sub": str(word)} | {"Ref": word} | str(word):
            return word
    raise NotImplementedError(node)


def demanded(statement: dict) -> list[str]:
    """The values that the statement's condition lists, whatever it tests them with."""
    conditions = [values for test in statement.get("Condition", {}).values() for values in test.values()]
    return [spoken(value) for values in conditions for value in listed(values)]


def rights(role: str) -> set[tuple]:
    return {
        (action, spoken(statement["Resource"]), *demanded(statement))
        for statement in statements(role)
        for action in listed(statement["Action"])
    }


@pytest.mark.parametrize("name", RIGHTS)
def test_a_role_may_do_exactly_this(name):
    assert rights(f"{name}Role") == RIGHTS[name]
    assert {statement["Effect"] for statement in statements(f"{name}Role")} == {"Allow"}
    assert "ManagedPolicyArns" not in properties(f"{name}Role")


def test_each_function_has_a_role_of_its_own_and_there_is_no_other():
    assert [spoken(properties(name)["Role"]) for name in FUNCTIONS] == [f"{name}Role.Arn" for name in FUNCTIONS]
    roles = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::IAM::Role"}
    assert roles == {f"{name}Role" for name in RIGHTS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_kinds_of_items_are_told_apart_by_their_leading_keys(name):
    tests = [s["Condition"] for s in statements(f"{name}Role") if "dynamodb:LeadingKeys" in str(s)]
    assert [list(test) for test in tests] == [["ForAllValues:StringLike"]] * len(tests)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_lambda_takes_a_function_s_role(name):
    [trust] = properties(f"{name}Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize("role", ["ScheduleRole", "ResumeScheduleRole"])
def test_only_this_stack_s_schedules_take_the_role_of_a_schedule(role):
    [trust] = properties(role)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert set(demanded(trust)) == {"AWS::AccountId", "ScheduleGroup.Arn"}


def test_only_this_rule_stores_mail_and_only_in_the_inbox():
    _, store = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert (store["Effect"], store["Action"]) == ("Allow", "s3:PutObject")
    assert store["Principal"] == {"Service": "ses.amazonaws.com"}
    assert spoken(store["Resource"]) == "${Bucket.Arn}/inbox/*"
    assert store["Condition"].keys() == {"StringEquals"}
    assert demanded(store) == ["AWS::AccountId", RULE]


def test_nobody_reaches_the_bucket_without_tls():
    deny, _ = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
    assert [spoken(resource) for resource in deny["Resource"]] == ["Bucket.Arn", "${Bucket.Arn}/*"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_this_rule_calls_receive():
    permission = properties("ReceivePermission")
    assert (permission["Principal"], permission["FunctionName"]) == ("ses.amazonaws.com", {"Ref": "Receive"})
    assert (spoken(permission["SourceAccount"]), spoken(permission["SourceArn"])) == ("AWS::AccountId", RULE)


def test_only_the_alarm_of_a_flood_calls_setup():
    permission = properties("MailFloodPermission")
    assert permission["FunctionName"] == {"Ref": "Setup"}
    assert permission["Principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    assert (spoken(permission["SourceAccount"]), spoken(permission["SourceArn"])) == ("AWS::AccountId", "MailFlood.Arn")


def test_the_rule_bears_the_name_that_the_rights_speak_of():
    assert properties("Rule")["RuleSetName"] == RULE_SET
    assert properties("Rule")["Rule"]["Name"] == {"Ref": "AWS::StackName"}
