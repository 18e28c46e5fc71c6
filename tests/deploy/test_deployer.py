"""deploy/deployer.yaml: who may deploy may do what a deployment needs, in one stack of one region, and nothing else."""

import json
import re
from functools import cache
from pathlib import Path

import cfnlint
import pytest
from accounts import ARGUMENTS, ENROLLED, NEW, ZONE, active, deletable, healthy, rule
from cfnlint import ManualArgs, lint_file
from fakes import PROJECT
from rights import ACCOUNT, REGION, TEMPLATE, Resolver, grants, needed, policy

from translate import translate

FILE = PROJECT / "deploy" / "deployer.yaml"
ZONED = {"HostedZoneId": "Z1"}
STACK = {
    "RelayAddress": "arlo@mfa.example.com",
    "OwnerEmail": "me@example.com",
    "HostedZoneId": "Z1",
}
RESOURCE_TYPES = {
    resource["Type"] for resource in translate(STACK)["Resources"].values() if resource["Type"].startswith("AWS::")
}
# What the schemas name and template.yaml does not use: keys, networks, streams, replicas, imports and so on.
UNUSED_SERVICES = {"billing", "ec2", "elasticfilesystem", "firehose", "kinesis", "kms", "s3files", "s3tables"}
UNUSED = re.compile(
    "|".join(
        (
            # These are in schemas, and no actions of IAM.
            r"apigateway:(Untag|Tag)Resource|s3:REST.PUT.OBJECT|s3:GetObjectMetadata",
            r"s3:(DeleteBucket(Tagging|Analytics.*|Cors|Metrics.*|Encryption|Lifecycle|Replication))",
            # No replica, import, stream, policy or item is made with the table.
            r"dynamodb:(.*(Replica|Import.*|KinesisStreamingDestination|ContributorInsights|ContinuousBackups)|Query)",
            r"dynamodb:((Put|Delete)ResourcePolicy|BatchWriteItem|Scan|(Get|Put|Update|Delete)Item)",
            # A policy is of roles, not of users or groups.
            r"iam:(Get|Put|Delete)(User|Group)Policy",
            r"iam:(CreateServiceLinkedRole|(Attach|Detach)RolePolicy|(Put|Delete)RolePermissionsBoundary)",
            r"lambda:(Put|Delete)FunctionConcurrency|lambda:.*(CodeSigningConfig|CapacityProvider|LayerVersion)",
            r"lambda:(Put(RuntimeManagement|FunctionRecursion|FunctionScaling)Config|PublishVersion|AssociateRuntimeAlias)",
            r"logs:(Put|Delete)(DataProtection|Index|Resource)Policy|logs:.*(KmsKey|LogDelivery|DeletionProtection)",
            r"logs:(PutBearerTokenAuthentication|CreateLogStream|DescribeLogStreams|PutLogEvents)",
            r"s3:(Put|Create|Update|Delete)(.*(MetadataTable|Journal|Inventory|Annotation).*|BucketWebsite|BucketAbac)",
            r"s3:Put(Analytics|Metrics|Replication|Accelerate|ObjectLock|BucketObjectLock|IntelligentTiering)Configuration",
            r"s3:PutBucket(CORS|Notification|Replication|Website|Logging|Versioning|Acl)|s3:(PutObjectAcl|DeleteObject)",
            r"s3:(GetObject|GetObjectVersion)",
            r"ses:PutEmailIdentity.*|sns:PutDataProtectionPolicy",
        )
    ),
    re.IGNORECASE,
)


@cache
def schemas() -> dict[str, dict]:
    """The schema of each resource type, as cfn-lint brings it; the one that names most handlers."""
    found: dict[str, dict] = {}
    for path in (Path(cfnlint.__file__).parent / "data" / "schemas" / "resources").glob("*.json"):
        schema = json.loads(path.read_text())
        known = found.get(schema["typeName"], {})
        if len(schema.get("handlers", {})) >= len(known.get("handlers", {})):
            found[schema["typeName"]] = schema
    return found


def rights_of(resource_type: str) -> set[str]:
    """What CloudFormation does to create, change and delete a resource of template.yaml of this type."""
    schema = schemas()[resource_type]
    handlers = [schema["handlers"].get(name, {}) for name in ("create", "read", "update", "delete")]
    named = {right for handler in handlers for right in handler.get("permissions", ())}
    named |= set(schema.get("tagging", {}).get("permissions", ()))
    return {right for right in named if right.partition(":")[0] not in UNUSED_SERVICES and not UNUSED.fullmatch(right)}


def allowed(*policies: str) -> list[str]:
    return [grant.action for name in policies for grant in grants(name, **ZONED)]


def is_allowed(action: str, *policies: str) -> bool:
    return any(grant.covers(action, grant.resource) for name in policies for grant in grants(name, **ZONED))


@pytest.mark.parametrize("resource_type", sorted(RESOURCE_TYPES))
def test_cloudformation_may_make_change_and_delete_every_resource_of_the_stack(resource_type):
    rights = rights_of(resource_type)
    assert rights
    assert {right for right in rights if not is_allowed(right, "Resources")} == set()


def test_the_policy_of_the_resources_allows_nothing_that_none_of_them_needs():
    used = set().union(*map(rights_of, RESOURCE_TYPES))
    unused = [
        action
        for action in allowed("Resources")
        if not any(re.fullmatch(action.replace("*", ".*"), right, re.IGNORECASE) for right in used)
    ]
    assert unused == []


def recorded(deploy, folder) -> list[list[str]]:
    """The calls of aws that every kind of run makes."""
    objects = {"aws s3api list-objects-v2": {"Contents": [{"Key": f"mfa/{'b' * 32}"}]}, "aws s3api delete-objects": ""}
    verified = {"aws sesv2 get-email-identity": [None, {"VerifiedForSendingStatus": True}]}
    enrolled = {"aws lambda invoke": ENROLLED}
    own_rule_set = {
        "aws cloudformation describe-stack-resource": {"StackResourceDetail": {"PhysicalResourceId": "mfa-RuleSet"}}
    }
    zone, delete = ("--hosted-zone-id", "Z1"), ("--delete", *ARGUMENTS[:2])
    runs = [
        ((*ARGUMENTS, *zone, "--enroll", "me@gmail.com"), NEW | ZONE | verified | enrolled | objects),
        (ARGUMENTS, NEW | {"aws cloudformation deploy": None}),
        (("--check", *ARGUMENTS[:2]), healthy()),
        (("--check", *ARGUMENTS[:2]), healthy() | active(rule() | {"Enabled": False}, name="mfa-RuleSet")),
        (delete, deletable()),
        (delete, deletable() | own_rule_set),
    ]
    calls = []
    for number, (arguments, answers) in enumerate(runs):
        calls += deploy(*arguments, answers=answers, folder=folder / str(number)).calls_of("aws")
    return calls


def test_the_policy_of_the_commands_allows_what_deploy_sh_calls_and_nothing_else(deploy, tmp_path):
    used = set().union(*map(needed, recorded(deploy, tmp_path)))
    assert {action for action in used if not is_allowed(action, "Commands")} == set()
    advised = {"cloudformation:ContinueUpdateRollback", "ses:SetActiveReceiptRuleSet"}
    # CloudFormation writes the records. GetFunction tells the tags only to those who may list them:
    # https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
    by_others = {"route53:ChangeResourceRecordSets", "lambda:ListTags"}
    assert set(allowed("Commands")) - used == advised | by_others


@pytest.mark.parametrize(
    ("action", "resource", "may"),
    [
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/mfa-relay/id", True),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/mfa-relay-2/id", False),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/mfa-relay/id", False),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/mfa-relay-Table-1", True),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders", False),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/mfa-relay-ReceiveRole-1", True),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/admin", False),
        ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:billing", False),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", True),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z2", False),
        ("s3:DeleteObject", "arn:aws:s3:::mfa-relay-0123456789abcdef/mfa-relay/0123", True),
        ("s3:DeleteObject", "arn:aws:s3:::photos/mfa-relay/0123", False),
    ],
)
def test_what_belongs_to_others_is_out_of_reach(action, resource, may):
    both = [*grants("Commands", **ZONED), *grants("Resources", **ZONED)]
    assert any(grant.covers(action, resource) for grant in both) is may


def test_without_a_zone_no_record_may_be_written():
    actions = [grant.action for name in ("Commands", "Resources") for grant in grants(name)]
    assert [action for action in actions if action.startswith("route53:")] == []


@pytest.mark.parametrize("name", ["Commands", "Resources"])
def test_everywhere_means_everywhere_in_the_region(name):
    everywhere = [statement for statement in policy(name, **ZONED)["Statement"] if statement["Resource"] == "*"]
    assert everywhere
    for statement in everywhere:
        global_service = {action.partition(":")[0] for action in statement["Action"]} == {"route53"}
        assert global_service or statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": REGION}}


@pytest.mark.parametrize("name", ["Commands", "Resources"])
def test_a_policy_has_the_size_that_iam_allows(name):
    # 6,144 characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    longest = policy(name, StackName="m" * 40, HostedZoneId="Z" + "1" * 31, ArtifactBucket="b" * 63)
    assert len(json.dumps(longest, separators=(",", ":"))) <= 6144


def trust(subject: str, provider: str = "create") -> dict:
    role = TEMPLATE["Resources"]["Workflow"]["Properties"]["AssumeRolePolicyDocument"]
    [statement] = Resolver({"GithubSubject": subject, "GithubProvider": provider}).value(role)["Statement"]
    return statement


@pytest.mark.parametrize("subject", ["repo:me/relay", "repo:me@123456/relay@456789"])
def test_only_the_environment_of_the_repository_takes_the_role(subject):
    assert re.fullmatch(TEMPLATE["Parameters"]["GithubSubject"]["AllowedPattern"], subject)
    assert trust(subject)["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": f"{subject}:environment:production",
    }


@pytest.mark.parametrize(
    "subject", ["me/relay", "repo:me/*", "repo:*", "repo:me/relay:environment:production", "repo:me@1/relay", "null"]
)
def test_a_subject_of_any_other_form_is_refused(subject):
    assert not re.fullmatch(TEMPLATE["Parameters"]["GithubSubject"]["AllowedPattern"], subject)


def test_the_provider_that_is_there_already_is_used():
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    assert trust("repo:me/relay", "existing")["Principal"] == {"Federated": provider}
    assert trust("repo:me/relay")["Principal"] == {"Federated": "<Github>"}


def test_without_a_repository_there_is_neither_role_nor_provider():
    conditions = {name: TEMPLATE["Resources"][name]["Condition"] for name in ("Workflow", "Github")}
    nobody = Resolver({})
    assert not any(nobody.holds({"Condition": condition}) for condition in conditions.values())


def test_cfn_lint_finds_nothing():
    assert lint_file(FILE, config=ManualArgs(regions=[REGION])) == []


def test_it_can_be_uploaded_as_it_stands():
    # CloudFormation reads no YAML alias, and takes 51,200 bytes without a bucket.
    text = FILE.read_text()
    assert re.findall(r"^[^#]*\s[&*][a-z-]+$", text, re.MULTILINE) == []
    assert len(text.encode()) < 51200
