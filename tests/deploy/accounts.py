"""What AWS answers in an account: tables for the fake programs. What has no entry does not exist."""

import json

from fakes import PROJECT

ADDRESS = "arlo@mfa.example.com"
ARGUMENTS = ("eu-west-1", "mfa", ADDRESS)
FACTS = json.loads((PROJECT / "deploy" / "facts.json").read_text())

# Nothing is deployed.
EMPTY = {
    "cargo lambda build": "",
    "aws --version": "aws-cli/2.34.0 Python/3.13.11 Linux/6.1 exe/x86_64.amzn.2023",
    "aws cloudformation package": "CodeUri: s3://artifacts/mfa/0123456789abcdef0123456789abcdef\n",
    "aws cloudformation deploy": "",
    "aws sts get-caller-identity": {"Account": "123456789012"},
    "aws ses describe-active-receipt-rule-set": "",
    "aws s3api create-bucket": {"Location": "/"},
}
ZONE = {
    "aws route53 get-hosted-zone": {"HostedZone": {"Name": "example.com."}},
    "aws route53 list-resource-record-sets": {"ResourceRecordSets": []},
}
ENROLLED = {
    "relay_address": "arlo+k7f3@mfa.example.com",
    "prestage_url": "https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_secret",
    "token": "mfar_secret",
    "trust": "forwarded",
    "label": "garden",
    "senders": ["do_not_reply@arlo.com", "no-reply@blinkforhome.com"],
}
ENROLMENT = {
    "created_at": "2026-11-20T08:00:00Z",
    "programs": [
        {"label": "garden", "created_at": "2026-11-20T08:00:00Z", "rotated_at": None, "last_used_at": None},
        {
            "label": "recorder",
            "created_at": "2026-11-20T08:00:00Z",
            "rotated_at": "2026-11-22T09:00:00Z",
            "last_used_at": "2026-11-23T10:00:00Z",
        },
    ],
    "mail_arrived_at": "2026-11-21T20:01:12Z",
    "last_refusal": None,
    "gmail_confirmation": None,
}
SHOWN = {
    "relay_address": "arlo+k7f3@mfa.example.com",
    "trust": "forwarded",
    "trust_means": "mails that the provider signed or your mailbox forwarded",
    "created_at": "2026-11-20T08:00:00Z",
    "programs": ENROLMENT["programs"],
    "mail_arrived_at": "2026-11-21T20:01:12Z",
    "last_refusal": "stale",
    "advice": "Prestage first, then log in.",
    "gmail_confirmation": {"link": "https://mail.google.com/mail/vf-x", "code": "99427480"},
}
FUNCTION = {"Configuration": {"State": "Active"}, "Tags": {"mfa-relay:version": FACTS["version"]}}


def outputs(region: str = "eu-west-1", stack: str = "mfa") -> dict[str, str]:
    """The outputs of the deployed stack."""
    return {
        "PrestageUrl": f"https://a1b2.execute-api.{region}.amazonaws.com/prestage",
        "RelayAddress": ADDRESS,
        "MxRecord": f"mfa.example.com. MX 10 inbound-smtp.{region}.amazonaws.com.",
        **{f"DkimRecord{n}": f"k{n}._domainkey.mfa.example.com. CNAME k{n}.dkim.amazonses.com." for n in (1, 2, 3)},
        "RuleSetName": f"{stack}-RuleSet",
        "EnrollFunctionName": f"{stack}-Enroll",
        "SetupFunctionName": f"{stack}-Setup",
        "Bucket": f"{stack}-bucket",
        "DeadLetterQueue": f"https://sqs.{region}.amazonaws.com/1/{stack}-DeadLetters",
    }


def described(
    tags: dict[str, str] | None = None,
    status: str = "CREATE_COMPLETE",
    parameters: dict[str, str] | None = None,
    **outputs_of: str,
) -> dict:
    """CloudFormation's description of the stack."""
    rows = [{"OutputKey": key, "OutputValue": value} for key, value in outputs(**outputs_of).items()]
    tagged = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    chosen = [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()]
    return {"Stacks": [{"StackStatus": status, "Outputs": rows, "Parameters": chosen, "Tags": tagged}]}


def active(*rules: dict, name: str = "mfa-RuleSet") -> dict:
    """An active rule set of SES."""
    return {"aws ses describe-active-receipt-rule-set": {"Metadata": {"Name": name}, "Rules": list(rules)}}


def rule(stack: str = "mfa") -> dict:
    """The relay's own receipt rule."""
    return {"Name": stack, "Enabled": True, "Recipients": [ADDRESS], "Actions": []}


def new(region: str = "eu-west-1", stack: str = "mfa") -> dict:
    """The stack does not exist at the first look, and exists after its deployment."""
    return EMPTY | {"aws cloudformation describe-stacks": [None, described(region=region, stack=stack)]}


def healthy(region: str = "eu-west-1", stack: str = "mfa") -> dict:
    """The stack is deployed, and everything is in order."""
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Condition": {
            "StringEquals": {
                "aws:SourceArn": f"arn:aws:ses:{region}:1:receipt-rule-set/{stack}-RuleSet:receipt-rule/{stack}"
            }
        },
    }
    physical_id = {"StackResourceDetail": {"PhysicalResourceId": f"{stack}-Function"}}
    return EMPTY | {
        **active(rule(stack), name=f"{stack}-RuleSet"),
        "aws lambda invoke": {"enrolments": [ENROLMENT]},
        "aws cloudformation describe-stacks": described(region=region, stack=stack),
        "aws cloudformation describe-stack-resource": physical_id,
        "dig": f"10 inbound-smtp.{region}.amazonaws.com.",
        "aws sesv2 get-email-identity": {"VerifiedForSendingStatus": True},
        "aws s3api get-bucket-policy": {"Policy": json.dumps({"Statement": [policy]})},
        "aws lambda get-function": FUNCTION,
        "aws sqs get-queue-attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
    }


def deletable(region: str = "eu-west-1", stack: str = "mfa") -> dict:
    """The stack and its artifact bucket exist, and AWS deletes what it is asked to delete."""
    return EMPTY | {
        "aws cloudformation describe-stacks": described(region=region, stack=stack),
        "aws cloudformation delete-stack": "",
        "aws cloudformation wait stack-delete-complete": "",
        "aws s3api get-bucket-location": {"LocationConstraint": region},
        "aws s3 rb --force": "",
        "aws s3 rm": "",
    }


NEW = new()
