"""The stack that template.yaml describes, deployed in moto.

Everything that a function knows or may do comes from the translated template: its environment, its timeout, its
role's policies. moto gets the table, the bucket, the schedule group and the roles.
"""

import json
from dataclasses import dataclass
from functools import cached_property

from intrinsics import Intrinsics
from moto_server import REGION, UNCHECKED, Credentials, Moto
from permissions import Grant, as_list, grants
from translate import translate

RELAY_ADDRESS = "arlo@mfa.example.com"
FUNCTIONS = ("prestage", "receive", "expire", "enroll", "setup")

# moto knows no resources of these services and would deny every policy that names one. The proxy judges the
# resources instead (see permissions.py).
NO_RESOURCES_IN_MOTO = ("dynamodb", "scheduler", "iam", "lambda", "sqs")


@dataclass(frozen=True)
class Function:
    """One function of the template."""

    name: str
    arn: str
    role: str
    environment: dict[str, str]
    timeout: float  # seconds


class Stack:
    """Names, values and policies of the stack under one set of parameters."""

    def __init__(self, parameters: dict[str, str]):
        self.intrinsics = Intrinsics(translate(parameters), parameters)
        self.functions = {name: self.function(name) for name in FUNCTIONS}

    def of_type(self, kind: str) -> dict[str, dict]:
        """The resources of one type by logical id, with their properties resolved."""
        return {
            logical: self.intrinsics.value(resource.get("Properties", {}))
            for logical, resource in self.intrinsics.resources.items()
            if resource["Type"] == kind and self.is_created(resource)
        }

    def is_created(self, resource: dict) -> bool:
        return "Condition" not in resource or self.intrinsics.condition(resource["Condition"])

    def only(self, kind: str) -> tuple[str, dict]:
        """Physical name and properties of the only resource of its type."""
        ((logical, properties),) = self.of_type(kind).items()
        return self.intrinsics.physical_name(logical), properties

    def custom_resource(self, logical: str) -> dict:
        """What CloudFormation tells `setup` of a custom resource in every event."""
        resource = self.intrinsics.resources[logical]
        return {
            "ResourceType": resource["Type"],
            "LogicalResourceId": logical,
            "StackId": self.intrinsics.value({"Ref": "AWS::StackId"}),
            "ResourceProperties": self.of_type(resource["Type"])[logical],
        }

    def function(self, name: str) -> Function:
        ((logical, properties),) = (
            found for found in self.of_type("AWS::Lambda::Function").items() if found[0].lower().startswith(name)
        )
        return Function(
            name=name,
            arn=self.intrinsics.attribute(logical, "Arn"),
            role=properties["Role"].rpartition("/")[2],
            environment={key: str(text) for key, text in properties["Environment"]["Variables"].items()},
            timeout=properties["Timeout"],
        )

    @cached_property
    def table(self) -> str:
        return self.only("AWS::DynamoDB::Table")[0]

    @cached_property
    def bucket(self) -> str:
        return self.only("AWS::S3::Bucket")[0]

    @cached_property
    def schedule_group(self) -> str:
        return self.only("AWS::Scheduler::ScheduleGroup")[0]

    @cached_property
    def roles(self) -> dict[str, dict]:
        """Properties of every role by its physical name."""
        return {
            self.intrinsics.physical_name(logical): properties
            for logical, properties in self.of_type("AWS::IAM::Role").items()
        }

    def policies(self, role: str) -> list[dict]:
        """The role's own policy documents. Managed policies are AWS's and only write logs."""
        attached = [policy for policy in self.of_type("AWS::IAM::Policy").values() if role in policy["Roles"]]
        return [policy["PolicyDocument"] for policy in (*self.roles[role].get("Policies", []), *attached)]

    def grants(self, role: str) -> tuple[Grant, ...]:
        return tuple(grants(self.policies(role)))

    def create_table(self, moto: Moto) -> None:
        """Creates the table as the template has it."""
        _, table = self.only("AWS::DynamoDB::Table")
        dynamodb = UNCHECKED.client("dynamodb", moto.endpoint)
        dynamodb.create_table(
            TableName=self.table,
            AttributeDefinitions=table["AttributeDefinitions"],
            KeySchema=table["KeySchema"],
            BillingMode=table["BillingMode"],
        )
        dynamodb.update_time_to_live(TableName=self.table, TimeToLiveSpecification=table["TimeToLiveSpecification"])

    def create_bucket(self, moto: Moto) -> None:
        UNCHECKED.client("s3", moto.endpoint).create_bucket(Bucket=self.bucket)

    def deploy(self, moto: Moto) -> None:
        """Creates every resource that the functions use."""
        self.create_table(moto)
        self.create_bucket(moto)
        UNCHECKED.client("scheduler", moto.endpoint).create_schedule_group(Name=self.schedule_group)
        iam = UNCHECKED.client("iam", moto.endpoint)
        for role, properties in self.roles.items():
            trust = json.dumps(properties["AssumeRolePolicyDocument"])
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
            for number, policy in enumerate(self.policies(role)):
                iam.put_role_policy(
                    RoleName=role,
                    PolicyName=f"policy-{number}",
                    PolicyDocument=json.dumps(policy_for_moto(policy)),
                )

    def credentials(self, function: Function, moto: Moto) -> Credentials:
        """Credentials of the function's role, as Lambda gives them to the function."""
        assumed = UNCHECKED.client("sts", moto.endpoint).assume_role(
            RoleArn=f"arn:aws:iam::{self.intrinsics.value({'Ref': 'AWS::AccountId'})}:role/" + function.role,
            RoleSessionName=function.name,
        )["Credentials"]
        return Credentials(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])

    def environment(self, function: Function, credentials: Credentials, endpoint: str) -> dict:
        """The environment of the function's process: the template's variables, and those that Lambda adds."""
        return function.environment | {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret,
            "AWS_SESSION_TOKEN": credentials.session_token,
            "AWS_LAMBDA_FUNCTION_NAME": function.arn.rpartition(":")[2],
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_ENDPOINT_URL": endpoint,
        }


def policy_for_moto(policy: dict) -> dict:
    """The policy without the resources that moto cannot judge."""
    return policy | {"Statement": [statement_for_moto(statement) for statement in as_list(policy["Statement"])]}


def statement_for_moto(statement: dict) -> dict:
    actions = as_list(statement["Action"])
    if any(action.split(":")[0] in NO_RESOURCES_IN_MOTO for action in actions):
        return statement | {"Resource": "*"}
    if "s3:DeleteObjectVersion" in actions:
        # To delete several objects, moto asks for the permission on their bucket. S3, like the proxy, asks for each.
        objects = as_list(statement["Resource"])
        return statement | {"Resource": objects + [resource.partition("/")[0] for resource in objects]}
    return statement
