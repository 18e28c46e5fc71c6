"""The health checks of a deployed stack, one function each."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deploy import aws, ci, domain, facts, flood, rule_sets, stack, zone
from deploy.errors import DeployError
from deploy.stack import Stack

AGAIN = "run ./deploy.sh again, with the arguments of the deployment"


@dataclass(frozen=True)
class Result:
    """What was checked, whether it holds, and how to fix it if not."""

    passed: bool
    subject: str
    fix: str = ""

    def __str__(self) -> str:
        return f"✓ {self.subject}" if self.passed else f"✗ {self.subject}\n    {self.fix}"


def results(region: str, name: str, found: Stack) -> Iterator[Result]:
    outputs = found.outputs
    address = outputs["RelayAddress"]
    yield aws_cli()
    yield deployed(region, name, found)
    yield mx(domain.of(address), outputs["MxRecord"])
    yield from guarded(dns_records, region, found)
    yield from guarded(verified, region, domain.of(address), outputs)
    yield from guarded(receiving, region, name, address, outputs["RuleSetName"])
    yield from guarded(no_filter, region)
    yield from guarded(may_store, region, name, outputs["Bucket"])
    for function in facts.FUNCTIONS:
        yield from guarded(function_runs, region, name, function)
    yield from guarded(nothing_failed, region, outputs["DeadLetterQueue"])
    yield from guarded(enrolments, region, name, outputs["EnrollFunctionName"])


def guarded(check: Callable[..., Result | Iterator[Result]], *arguments: object) -> Iterator[Result]:
    """The results of one check. If AWS refuses to answer it, that is a failed result, and the next check still runs."""
    try:
        answer = check(*arguments)
        yield from [answer] if isinstance(answer, Result) else answer
    except DeployError as error:
        yield Result(False, f"{check.__name__.replace('_', ' ')}: AWS refused to answer", str(error))


def aws_cli() -> Result:
    version = aws.version()
    return Result(version.startswith("2."), f"the AWS CLI is version {version or 'unknown'}", aws.INSTALL)


def deployed(region: str, name: str, found: Stack) -> Result:
    done = found.status.endswith("_COMPLETE") and "ROLLBACK" not in found.status
    return Result(done, f"the stack is {found.status}", stack.way_out(region, name, found.status) or AGAIN)


def mx(name: str, record: str) -> Result:
    """What the public DNS says, asked with dig or nslookup."""
    server = record.rsplit(" ", 1)[1].rstrip(".").lower()
    if shutil.which("dig"):
        command = ["dig", "+short", "MX", name]
    elif shutil.which("nslookup"):
        command = ["nslookup", "-type=MX", name]
    else:
        return Result(False, "the MX record was not checked", f"install dig or nslookup, or compare it with: {record}")
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.lower()
    return Result(server in answer, f"the MX record of {name} points to SES", f"create this DNS record: {record}")


def dns_records(region: str, found: Stack) -> Iterator[Result]:
    """The records that the hosted zone had before the stack. CloudFormation does not look after these."""
    for record in zone.left_out(found):
        kept = record.is_set_by(zone.standing(region, found.parameters["HostedZoneId"], record))
        subject = f"the hosted zone still has the {record.type} record that it had before the stack"
        yield Result(kept, subject, f"{AGAIN}, which creates it, or create it yourself: {record}")


def verified(region: str, name: str, outputs: dict[str, str]) -> Result:
    records = domain.dkim_records(region, name, outputs)
    fix = "\n    ".join(["create these DNS records, and wait some minutes:", *records])
    return Result(domain.is_verified(region, name), f"SES has verified {name}", fix)


def receiving(region: str, name: str, address: str, rule_set: str) -> Iterator[Result]:
    """The rule set, the rule in it, and the rules before that one."""
    answer = rule_sets.active(region)
    active = answer.get("Metadata", {}).get("Name")
    again = f"./deploy.sh {region} {name} {address}"
    if active == rule_set:
        fix = ""
    elif active:
        # Activating ours would switch off the mail that arrives by theirs.
        fix = f"{active} is active; join it: {again} --rule-set {active}"
    elif rule_sets.exists(region, rule_set):
        fix = rule_sets.activation(region, rule_set)
    else:
        fix = f"it was deleted; let the stack make one of its own: {again} --rule-set ''"
    yield Result(active == rule_set, f"the rule set {rule_set} is active", fix)
    if active != rule_set:
        return
    rules = answer.get("Rules", [])
    own = next((place for place, rule in enumerate(rules) if rule["Name"] == name), None)
    enabled = own is not None and rules[own].get("Enabled", False)
    end = None if enabled or own is None else flood.paused_until(region, name)
    fix = (
        f"a flood of mail has paused it until {end} UTC; to receive mail earlier: ./deploy.sh --resume {region} {name}"
        if end
        else "somebody changed it: restore it in SES's console"
    )
    yield Result(enabled, f"the rule {name} exists and is enabled", fix)
    if own is None:
        return
    before = [rule["Name"] for rule in rules[:own] if rule.get("Enabled") and stops(rule, address)]
    fix = f"in SES's console, move {name} before {', '.join(before)}"
    yield Result(not before, f"no earlier rule keeps mail from {name}", fix)


def no_filter(region: str) -> Result:
    """SES refuses the mails of an address that the account itself has blocked, before any rule is asked."""
    filters = (aws.find("ses", "list-receipt-filters", "--region", region) or {}).get("Filters", [])
    blocked = [one["IpFilter"]["Cidr"] for one in filters if one["IpFilter"]["Policy"] == "Block"]
    fix = (
        f"if your mailbox's provider sends from there, allow it in SES's console, Email receiving: {', '.join(blocked)}"
    )
    return Result(not blocked, "no IP address filter of the account blocks senders", fix)


def stops(rule: dict, address: str) -> bool:
    """Whether a rule applies to the address and ends the processing of its mail.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-receipt-rules-console-walkthrough.html
    """
    host = domain.of(address)
    recipients = rule.get("Recipients", [])
    applies = not recipients or any(
        recipient in (address, host) or (recipient.startswith(".") and host.endswith(recipient))
        for recipient in recipients
    )
    return applies and any("StopAction" in action for action in rule.get("Actions", []))


def may_store(region: str, name: str, bucket: str) -> Result:
    answer = aws.find("s3api", "get-bucket-policy", "--bucket", bucket, "--region", region)
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    rule = f":receipt-rule/{name}"
    allowed = any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") == {"Service": "ses.amazonaws.com"}
        and statement.get("Condition", {}).get("StringEquals", {}).get("aws:SourceArn", "").endswith(rule)
        for statement in statements
    )
    return Result(allowed, "SES may store mail in the bucket", f"somebody changed the bucket's policy: {AGAIN}")


def function_runs(region: str, name: str, function: str) -> Result:
    physical = stack.physical_id(region, name, function)
    answer = aws.find("lambda", "get-function", "--region", region, "--function-name", physical) if physical else None
    if not answer:
        return Result(False, f"the function {function.lower()} does not exist", AGAIN)
    state = answer["Configuration"].get("State")
    version = answer.get("Tags", {}).get("mfa-relay:version")
    subject = f"the function {function.lower()} is {state}, version {version}"
    return Result(
        (state, version) == ("Active", facts.VERSION), subject, f"this checkout has version {facts.VERSION}: {AGAIN}"
    )


def nothing_failed(region: str, queue: str) -> Result:
    attributes = ("--queue-url", queue, "--attribute-names", "ApproximateNumberOfMessages", "--region", region)
    answer = aws.find("sqs", "get-queue-attributes", *attributes)
    if not answer:
        return Result(False, "the dead-letter queue does not exist", AGAIN)
    waiting = int(answer["Attributes"]["ApproximateNumberOfMessages"])
    fix = "a mail, or the end of a request, failed three times; the logs of receive and expire say why"
    return Result(waiting == 0, f"{waiting} events in the dead-letter queue", fix)


def enrolments(region: str, name: str, function: str) -> Iterator[Result]:
    """For each enrolment, by the labels of its programs: the last mail, and Gmail's confirmation if one is pending."""
    try:
        known = aws.invoke(region, function, {"action": "list"})["enrolments"]
    except (DeployError, KeyError):
        yield Result(False, "the function enroll does not answer", "its log says why")
        return
    yield Result(bool(known), f"enrolled mailboxes: {len(known)}", f"./deploy.sh --enroll me@gmail.com {region} {name}")
    for enrolment in known:
        label = ", ".join(program["label"] for program in enrolment["programs"])
        arrived, refusal = enrolment["mail_arrived_at"], enrolment["last_refusal"]
        chapter = "When no code comes" if arrived else "No mail at all"
        subject = f"last mail at {arrived}" + (f", refused: {refusal}" if refusal else "") if arrived else "no mail yet"
        yield Result(bool(arrived) and not refusal, f"{label}: {subject}", f"see '{chapter}' in README.md")
        if confirmation := enrolment["gmail_confirmation"]:
            fix = f"open {confirmation['link'] or ''}".rstrip()
            fix += f" (code {confirmation['code']})" if confirmation["code"] else ""
            fix = "run this from your own machine, which prints the link" if ci.is_log() else fix
            yield Result(False, f"{label}: Gmail waits for your confirmation", fix)
