"""The hosted zone of Route 53: what it holds at the names of the relay's four DNS records.

CloudFormation creates a record only if its name is free. It cannot take over one that exists: resource import does not
support AWS::Route53::RecordSet (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560), and
between the deletion of a record and its creation by the stack no mail would arrive. So the stack leaves out a record
that the zone has with the right value (parameter DnsRecords). That record works as it is: `--check` looks at it,
`--delete` leaves it and says so, and if it is gone, the next deployment creates it.
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy import aws, domain, stack
from deploy.stack import Stack

# The order of the parameter DnsRecords.
RESOURCES = ("MxRecord", "DkimRecord1", "DkimRecord2", "DkimRecord3")


@dataclass(frozen=True)
class Record:
    """A DNS record that the relay needs; name and value without their final dots."""

    resource: str
    name: str
    type: str
    value: str

    @classmethod
    def parse(cls, resource: str, line: str) -> Record:
        """Parses an output of the stack: `mfa.example.com. MX 10 inbound-smtp.us-east-1.amazonaws.com.`"""
        name, kind, value = line.split(" ", 2)
        return cls(resource, name.rstrip("."), kind, value.rstrip("."))

    def __str__(self) -> str:
        return f"{self.name}. {self.type} {self.value}."

    def is_set_by(self, sets: list[dict]) -> bool:
        """Whether these record sets of the zone say the same."""
        return [one["Type"] for one in sets] == [self.type] and self.target(shown(sets)) == self.target(self.value)

    def target(self, value: str) -> str:
        # The preference of the only mail server changes nothing (RFC 5321 section 5.1).
        return value.lower().split()[-1] if self.type == "MX" else value.lower()


def conflict(region: str, zone: str, name: str) -> str:
    """Why the domain's records cannot be created in this zone. Empty if they can."""
    found = aws.find("route53", "get-hosted-zone", "--region", region, "--id", zone)
    if not found:
        return (
            f"--hosted-zone-id must be a zone of this account (got '{zone}'). List them: aws route53 list-hosted-zones"
        )
    of = found["HostedZone"]["Name"].rstrip(".")
    if found["HostedZone"].get("Config", {}).get("PrivateZone"):
        return f"--hosted-zone-id must be a public zone, because mail servers do not see '{zone}', a private zone."
    if name != of and not name.endswith(f".{of}"):
        return f"--hosted-zone-id must be the zone of {name} (got '{zone}', the zone of {of})."
    return ""


def examine(region: str, name: str, zone: str, host: str, deployed: Stack | None) -> tuple[list[str], str]:
    """The records of the zone that contradict those of stack `name`, and the value of the parameter DnsRecords."""
    differences, states = [], dict.fromkeys(RESOURCES, "create")
    for record in needed(region, host, deployed):
        sets = standing(region, zone, record)
        if not sets or owns(region, name, zone, record, deployed):
            continue
        if record.is_set_by(sets):
            states[record.resource] = "existing"
        else:
            differences.append(difference(record, sets))
    return differences, ",".join(states.values())


def needed(region: str, host: str, deployed: Stack | None) -> list[Record]:
    """The records of a domain. SES makes the names of the DKIM records together with the stack's identity."""
    records = [Record("MxRecord", host, "MX", f"10 inbound-smtp.{region}.amazonaws.com")]
    outputs = deployed.outputs if deployed else {}
    if domain.of(outputs.get("RelayAddress", "")) == host:
        records += [Record.parse(resource, outputs[resource]) for resource in RESOURCES[1:] if resource in outputs]
    return records


def standing(region: str, zone: str, record: Record) -> list[dict]:
    """The zone's record sets that leave no room for the record: of its type, and a CNAME excludes all others."""
    listing = ("--hosted-zone-id", zone, "--start-record-name", record.name, "--max-items", "20")
    answer = aws.find("route53", "list-resource-record-sets", "--region", region, *listing) or {}
    sets = [one for one in answer.get("ResourceRecordSets", []) if one["Name"].rstrip(".").lower() == record.name]
    return [one for one in sets if "CNAME" in (one["Type"], record.type) or one["Type"] == record.type]


def shown(sets: list[dict]) -> str:
    values = [row["Value"].rstrip(".") for one in sets for row in one.get("ResourceRecords", [])]
    return ", ".join(values) or "an alias"


def owns(region: str, name: str, zone: str, record: Record, deployed: Stack | None) -> bool:
    """Whether the stack has created the record itself."""
    if not deployed or deployed.parameters.get("HostedZoneId") != zone:
        return False
    return (stack.physical_id(region, name, record.resource) or "").rstrip(".").lower() == record.name


def difference(record: Record, sets: list[dict]) -> str:
    theirs = f"{' and '.join(one['Type'] for one in sets)} '{shown(sets)}'"
    if record.resource == "MxRecord":
        subject, advice = (
            f"{record.name} already receives mail",
            "Choose a subdomain without mail, or change that record",
        )
    else:
        subject, advice = "The hosted zone has another DKIM record", "Change or delete that record"
    return f"{subject}: {record.name} is {theirs}, and the relay needs {record.type} '{record.value}'. {advice}."


def left_out(found: Stack) -> list[Record]:
    """The records that the zone had before the stack, which therefore does not own them."""
    if not found.parameters.get("HostedZoneId"):
        return []
    states = found.parameters.get("DnsRecords", "").split(",")
    names = [RESOURCES[place] for place, state in enumerate(states) if state == "existing"]
    return [Record.parse(name, found.outputs[name]) for name in names if name in found.outputs]
