"""CloudFormation's intrinsic functions, as far as the template uses them.

An unknown function or reference is an error here: a value that this module guessed
would be a test of the guess.
"""

import re
from typing import Any

from moto_server import ACCOUNT, REGION

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
STACK_NAME = "relay"
STACK_UUID = "5b8f0c5e-6a4d-4c58-9a4e-2f1d3c7b9e10"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK_NAME}/{STACK_UUID}",
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()  # AWS::NoValue

# The property that names a resource. Ref returns that name.
NAMED_BY = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SES::ReceiptRuleSet": "RuleSetName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::ScheduleGroup": "Name",
}
ARN = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{{}}",
}


class Intrinsics:
    """Values of one template with one set of parameters."""

    def __init__(self, template: dict, parameters: dict[str, str]):
        self.template = template
        self.resources = template["Resources"]
        defaults = {
            name: declared["Default"]
            for name, declared in template.get("Parameters", {}).items()
            if "Default" in declared
        }
        self.parameters = PSEUDO_PARAMETERS | defaults | parameters

    def value(self, node: Any) -> Any:
        """The node with every intrinsic function in it replaced by its value."""
        match node:
            case {"Ref": name}:
                return str(self.reference(name))
            case {"Condition": str(name)} if len(node) == 1:
                return self.condition(name)
            case dict() if len(node) == 1 and next(iter(node)).startswith("Fn::"):
                ((name, argument),) = node.items()
                return self.function(name, argument)
            case dict():
                resolved = {key: self.value(child) for key, child in node.items()}
                return {key: child for key, child in resolved.items() if child is not NO_VALUE}
            case list():
                return [child for child in map(self.value, node) if child is not NO_VALUE]
            case _:
                return node

    def function(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Fn::GetAtt", [resource, attribute]:
                return self.attribute(resource, attribute)
            case "Fn::GetAtt", str():
                return self.attribute(*argument.split(".", 1))
            case "Fn::Sub", str():
                return self.substitute(argument, {})
            case "Fn::Sub", [text, variables]:
                return self.substitute(text, self.value(variables))
            case "Fn::Join", [separator, parts]:
                return separator.join(self.value(parts))
            case "Fn::Split", [separator, text]:
                return self.value(text).split(separator)
            case "Fn::Select", [index, items]:
                return self.value(items)[int(index)]
            case "Fn::FindInMap", keys:
                outer, middle, inner = self.value(keys)
                return self.template["Mappings"][outer][middle][inner]
            case "Fn::If", [name, then, otherwise]:
                return self.value(then if self.condition(name) else otherwise)
            case "Fn::Equals", sides:
                left, right = self.value(sides)
                return left == right
            case "Fn::Not", [inner]:
                return not self.value(inner)
            case "Fn::And", conditions:
                return all(map(self.value, conditions))
            case "Fn::Or", conditions:
                return any(map(self.value, conditions))
        raise NotImplementedError(f"{name} of {argument}")

    def condition(self, name: str) -> bool:
        return self.value(self.template["Conditions"][name])

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.parameters:
            return self.parameters[name]
        return self.physical_name(name)

    def physical_name(self, logical: str) -> str:
        """The name that the template gives, or one as CloudFormation would generate it."""
        resource = self.resources[logical]
        named = resource.get("Properties", {}).get(NAMED_BY.get(resource["Type"]))
        return self.value(named) if named else f"{STACK_NAME}-{logical}".lower()

    def attribute(self, logical: str, attribute: str) -> str:
        kind = self.resources[logical]["Type"]
        if attribute == "Arn":
            return ARN[kind].format(self.physical_name(logical))
        if attribute == NAMED_BY.get(kind):
            return self.physical_name(logical)
        raise NotImplementedError(f"GetAtt {logical}.{attribute} ({kind})")

    def substitute(self, text: str, variables: dict[str, str]) -> str:
        def replacement(found: re.Match) -> str:
            name = found[1]
            if name in variables:
                return variables[name]
            if "." in name:
                return self.attribute(*name.split(".", 1))
            return str(self.reference(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", replacement, text).replace("${!", "${")
