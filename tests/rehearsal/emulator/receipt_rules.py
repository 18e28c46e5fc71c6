"""AWS::SES::ReceiptRuleSet and AWS::SES::ReceiptRule, which MiniStack's CloudFormation lacks; its SES keeps rule sets.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ses-receiptrule.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
"""

import json
import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, s3, ses

from emulator import resource_types

# What SES writes into the bucket when a rule with an S3 action is made.
SETUP_NOTIFICATION = "AMAZON_SES_SETUP_NOTIFICATION"


def install() -> None:
    resource_types.register("AWS::SES::ReceiptRuleSet", create=create_rule_set, delete=delete_rule_set)
    resource_types.register("AWS::SES::ReceiptRule", create=create_rule, update=update_rule, delete=delete_rule)


def create_rule_set(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
    name = properties.get("RuleSetName") or resource_types.physical_name(stack, logical_id)
    if name in ses._receipt_rule_sets:
        raise ValueError(f"Rule set already exists: {name}")
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ses._receipt_rule_sets[name] = {"Metadata": {"Name": name, "CreatedTimestamp": created}, "Rules": []}
    return name, {}


def delete_rule_set(name: str, properties: dict) -> None:
    if ses._active_receipt_rule_set.get("name") == name:
        raise ValueError(f"Cannot delete active rule set: {name}")
    ses._receipt_rule_sets.pop(name, None)


def create_rule(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
    """Like SES's CreateReceiptRule: the rule is the first one of its set if `After` names no other."""
    rules = rules_of(properties["RuleSetName"])
    rule = {"TlsPolicy": "Optional", "ScanEnabled": False, "Enabled": False} | properties["Rule"]
    rule.setdefault("Name", resource_types.physical_name(stack, logical_id))
    names = [known["Name"] for known in rules]
    if rule["Name"] in names:
        raise ValueError(f"Rule already exists: {rule['Name']}")
    try_actions(properties["RuleSetName"], rule)
    rules.insert(names.index(properties["After"]) + 1 if "After" in properties else 0, rule)
    return rule["Name"], {}


def update_rule(name: str, old: dict, new: dict, stack: str) -> tuple[str, dict]:
    """In place, or as another rule if it is to be in another set or to have another name.

    CloudFormation deletes the replaced rule only after the update; the rules of two sets are never in force together.
    """
    if old["RuleSetName"] != new["RuleSetName"] or old["Rule"].get("Name") != new["Rule"].get("Name"):
        created = create_rule("Rule", new, stack)
        delete_rule(name, old)
        return created
    try_actions(new["RuleSetName"], new["Rule"])
    rules = rules_of(new["RuleSetName"])
    rules[:] = [rule | new["Rule"] if rule["Name"] == name else rule for rule in rules]
    return name, {}


def delete_rule(name: str, properties: dict) -> None:
    found = ses._receipt_rule_sets.get(properties["RuleSetName"], {"Rules": []})
    found["Rules"][:] = [rule for rule in found["Rules"] if rule["Name"] != name]


def rules_of(rule_set: str) -> list[dict]:
    if rule_set not in ses._receipt_rule_sets:
        raise ValueError(f"Rule set does not exist: {rule_set}")
    return ses._receipt_rule_sets[rule_set]["Rules"]


def try_actions(rule_set: str, rule: dict) -> None:
    """SES writes to the bucket and asks Lambda before it accepts the rule."""
    place = f"{get_region()}:{get_account_id()}:receipt-rule-set/{rule_set}:receipt-rule/{rule['Name']}"
    source = {"aws:sourceaccount": get_account_id(), "aws:sourcearn": f"arn:aws:ses:{place}"}
    for action in rule.get("Actions", []):
        if stored := action.get("S3Action"):
            bucket, key = stored["BucketName"], stored.get("ObjectKeyPrefix", "") + SETUP_NOTIFICATION
            if not may("s3:PutObject", bucket_policy(bucket), source):
                raise ValueError(f"Could not write to bucket: {bucket}")
            s3._put_object(bucket, key, b"Amazon SES may write to this bucket.", {})
        if (invoked := action.get("LambdaAction")) and not may(
            "lambda:InvokeFunction", function_policy(invoked["FunctionArn"]), source
        ):
            raise ValueError(f"Could not invoke Lambda function: {invoked['FunctionArn']}")


def bucket_policy(bucket: str) -> dict:
    return json.loads(s3._bucket_policies.get(bucket, "{}"))


def function_policy(arn: str) -> dict:
    function = lambda_svc._functions.get(arn.rpartition(":")[2], {})
    return function.get("policy", {})


def may(action: str, policy: dict, source: dict[str, str]) -> bool:
    """Whether a statement of the policy allows the action to SES for the rule."""
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "ses.amazonaws.com"}
        and action in statement["Action"]
        and conditions(statement).items() <= source.items()
        for statement in policy.get("Statement", [])
    )


def conditions(statement: dict) -> dict[str, str]:
    """What the statement demands of SES, whatever the operator: each value is written out. Keys have no case."""
    comparisons = statement.get("Condition", {}).values()
    return {key.lower(): value for comparison in comparisons for key, value in comparison.items()}
