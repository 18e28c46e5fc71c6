"""An AWS account in the emulator: its owner's credentials, its hosted zones, and everything that is in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import boto3
from botocore.config import Config

from dns_client import Dns
from emulated_aws import Aws


class Account:
    """An account by its number, which is its access key too: so the emulator tells one from another."""

    def __init__(self, aws: Aws, number: str):
        self.aws, self.number = aws, number
        self.dns = Dns(aws.dns_port)
        # Boto3 takes a tenth of a second to make one.
        self.client = cache(self.create_client)

    @property
    def credentials(self) -> dict[str, str]:
        """As environment variables."""
        return {"AWS_ACCESS_KEY_ID": self.number, "AWS_SECRET_ACCESS_KEY": "secret"}

    def create_client(self, service: str, region: str = "us-east-1"):
        return boto3.client(
            service,
            endpoint_url=self.aws.endpoint,
            region_name=region,
            aws_access_key_id=self.credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.credentials["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def paste_records(self, zone: str, printed: str) -> None:
        """Creates the records that deploy.sh has printed, each in a line such as `mfa.example.com. MX 10 host.`"""
        lines = (line.split(maxsplit=2) for line in printed.splitlines())
        self.create_records(zone, *(words for words in lines if len(words) == 3 and words[1] in ("MX", "CNAME")))

    def zones(self) -> list[str]:
        """The ids of the account's hosted zones."""
        listed = self.client("route53").list_hosted_zones()["HostedZones"]
        return [zone["Id"].rpartition("/")[2] for zone in listed]

    def has_verified(self, domain: str, region: str) -> bool:
        """Whether SES knows that the domain is this account's."""
        identities = self.client("sesv2", region)
        try:
            return identities.get_email_identity(EmailIdentity=domain)["VerifiedForSendingStatus"]
        except identities.exceptions.NotFoundException:
            return False

    def create_zone(self, domain: str) -> str:
        """Creates a public hosted zone, and returns its id."""
        created = self.client("route53").create_hosted_zone(Name=domain, CallerReference=domain)
        return created["HostedZone"]["Id"].rpartition("/")[2]

    def create_records(self, zone: str, *records: Sequence[str]) -> None:
        """Creates records, each with name, type and value, as in a zone file."""
        changes = [
            {
                "Action": "CREATE",
                "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]},
            }
            for name, kind, value in records
        ]
        self.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def contents(self, region: str) -> set[str]:
        """What lies in the account, in the services that a deployment uses. Of a hosted zone, its records count."""
        found = set()
        for service, operation, path in LISTINGS:
            of_account = {"AccountId": self.number} if service == "budgets" else {}
            answer = getattr(self.client(service, region), operation)(**of_account)
            found |= {f"{service} {name}" for name in names(answer, path)}
        return found | {f"route53 {record}" for record in self.records()}

    def records(self) -> set[str]:
        """Type and name of every record of the account's zones that is not the zone's own."""
        route53 = self.client("route53")
        return {
            f"{record['Type']} {record['Name']}"
            for zone in self.zones()
            for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
            if record["Type"] not in ("NS", "SOA")
        }


# How each service lists what it holds: client, operation, and where the answer has the names.
LISTINGS = (
    ("cloudformation", "describe_stacks", ("Stacks", "StackName")),
    ("s3", "list_buckets", ("Buckets", "Name")),
    ("dynamodb", "list_tables", ("TableNames",)),
    ("lambda", "list_functions", ("Functions", "FunctionName")),
    ("iam", "list_roles", ("Roles", "RoleName")),
    ("logs", "describe_log_groups", ("logGroups", "logGroupName")),
    ("sqs", "list_queues", ("QueueUrls",)),
    ("sns", "list_topics", ("Topics", "TopicArn")),
    ("scheduler", "list_schedules", ("Schedules", "Name")),
    ("scheduler", "list_schedule_groups", ("ScheduleGroups", "Name")),
    ("budgets", "describe_budgets", ("Budgets", "BudgetName")),
    ("apigatewayv2", "get_apis", ("Items", "ApiId")),
    ("cloudwatch", "describe_alarms", ("MetricAlarms", "AlarmName")),
    ("cloudwatch", "list_dashboards", ("DashboardEntries", "DashboardName")),
    ("ses", "list_receipt_rule_sets", ("RuleSets", "Name")),
    ("sesv2", "list_email_identities", ("EmailIdentities", "IdentityName")),
)


def names(answer: dict, path: tuple[str, ...]) -> list[str]:
    rows = answer.get(path[0], [])
    return [row[path[1]] for row in rows] if len(path) == 2 else rows
