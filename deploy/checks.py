"""What must hold of a deployed stack, one function for each."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deploy import domain, stack
from deploy.programs import Failed, ask, invoke
from deploy.stack import Stack

FUNCTIONS = ("Prestage", "Receive", "Expire", "Enroll", "Setup")


@dataclass(frozen=True)
class Line:
    """What was looked at, whether it holds, and what to do where it does not."""

    holds: bool
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"✓ {self.what}" if self.holds else f"✗ {self.what}\n    {self.mend}"


def all_of(region: str, name: str, found: Stack) -> Iterator[Line]:
    outputs = found.outputs
    address = outputs["RelayAddress"]
    yield deployed(found)
    yield mx(domain.of(address), outputs["MxRecord"])
    yield from looked(verified, region, domain.of(address), outputs)
    yield from looked(receiving, region, name, address, outputs["RuleSetName"])
    yield from looked(may_store, region, name, outputs["Bucket"])
    for function in FUNCTIONS:
        yield from looked(runs, region, name, function)
    yield from looked(nothing_failed, region, outputs["DeadLetterQueue"])
    yield from looked(enrolments, region, outputs["EnrollFunctionName"])


def looked(look: Callable[..., Line | Iterator[Line]], *arguments: object) -> Iterator[Line]:
    """The lines of one look; where AWS refuses it, that is a line as well, and the others are still told."""
    try:
        lines = look(*arguments)
        yield from [lines] if isinstance(lines, Line) else lines
    except Failed as failure:
        yield Line(False, f"{look.__name__.replace('_', ' ')}: AWS does not tell", str(failure))


def deployed(found: Stack) -> Line:
    done = found.status.endswith("_COMPLETE") and "ROLLBACK" not in found.status
    return Line(done, f"the stack is {found.status}", "run ./deploy.sh again, as it was deployed")


def mx(name: str, record: str) -> Line:
    """What the world's DNS says, by whichever program asks it here."""
    server = record.rsplit(" ", 1)[1].rstrip(".").lower()
    if shutil.which("dig"):
        question = ["dig", "+short", "MX", name]
    elif shutil.which("nslookup"):
        question = ["nslookup", "-type=MX", name]
    else:
        return Line(
            False, "the MX record was not looked at", "install dig or nslookup, or look for yourself: " + record
        )
    said = subprocess.run(question, capture_output=True, text=True, check=False).stdout.lower()
    return Line(server in said, f"the MX record of {name} leads to SES", f"put this into its DNS: {record}")


def verified(region: str, name: str, outputs: dict[str, str]) -> Line:
    records = domain.dkim_records(region, name, outputs)
    mend = "\n    ".join(["put these into its DNS, and wait some minutes:", *records])
    return Line(domain.is_verified(region, name), f"SES knows that {name} is yours", mend)


def receiving(region: str, name: str, address: str, rule_set: str) -> Iterator[Line]:
    """The rule set, the rule in it, and what stands before that."""
    active = ask("ses", "describe-active-receipt-rule-set", "--region", region) or {}
    in_force = active.get("Metadata", {}).get("Name")
    is_active = in_force == rule_set
    # To activate ours would switch off what receives mail by theirs.
    join = f"{in_force} is active: join it, by ./deploy.sh {region} {name} {address} --rule-set {in_force}"
    switch = f"aws ses set-active-receipt-rule-set --region {region} --rule-set-name {rule_set}"
    yield Line(is_active, f"the rule set {rule_set} is active", join if in_force else switch)
    if not is_active:
        return
    rules = active.get("Rules", [])
    own = next((place for place, rule in enumerate(rules) if rule["Name"] == name), None)
    on = own is not None and rules[own].get("Enabled", False)
    yield Line(on, f"the rule {name} is there and on", "somebody took it away or off: put it back in SES's console")
    if own is None:
        return
    in_the_way = [rule["Name"] for rule in rules[:own] if rule.get("Enabled") and stops(rule, address)]
    mend = f"in SES's console, move {name} before {', '.join(in_the_way)}"
    yield Line(not in_the_way, f"no rule before {name} keeps its mail", mend)


def stops(rule: dict, address: str) -> bool:
    """Whether a rule takes mail for the address and ends there.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-receipt-rules-console-walkthrough.html
    """
    host = domain.of(address)
    recipients = rule.get("Recipients", [])
    takes = not recipients or any(
        recipient in (address, host) or (recipient.startswith(".") and host.endswith(recipient))
        for recipient in recipients
    )
    return takes and any("StopAction" in action for action in rule.get("Actions", []))


def may_store(region: str, name: str, bucket: str) -> Line:
    told = ask("s3api", "get-bucket-policy", "--bucket", bucket, "--region", region)
    statements = json.loads(told["Policy"])["Statement"] if told else []
    rule = f":receipt-rule/{name}"
    allowed = any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") == {"Service": "ses.amazonaws.com"}
        and statement.get("Condition", {}).get("StringEquals", {}).get("aws:SourceArn", "").endswith(rule)
        for statement in statements
    )
    return Line(allowed, "the bucket takes the rule's mails", "its policy was changed: run ./deploy.sh again")


def runs(region: str, name: str, function: str) -> Line:
    mend = "run ./deploy.sh again, as it was deployed"
    physical = stack.resource(region, name, function)
    told = ask("lambda", "get-function", "--region", region, "--function-name", physical) if physical else None
    if not told:
        return Line(False, f"the function {function.lower()} is gone", mend)
    state = told["Configuration"].get("State")
    version = told.get("Tags", {}).get("mfa-relay:version")
    wanted = stack.version()
    what = f"the function {function.lower()} is {state}, version {version}"
    return Line((state, version) == ("Active", wanted), what, f"{wanted} is here: {mend}")


def nothing_failed(region: str, queue: str) -> Line:
    asked = ("--queue-url", queue, "--attribute-names", "ApproximateNumberOfMessages", "--region", region)
    told = ask("sqs", "get-queue-attributes", *asked)
    if not told:
        return Line(False, "the dead-letter queue does not answer", "run ./deploy.sh again, as it was deployed")
    waiting = int(told["Attributes"]["ApproximateNumberOfMessages"])
    mend = "a mail or an end of a request failed three times; the logs of receive and expire say why"
    return Line(waiting == 0, f"{waiting} events in the dead-letter queue", mend)


def enrolments(region: str, function: str) -> Iterator[Line]:
    """Of each mailbox by its label: the last mail, and Gmail's question."""
    try:
        known = invoke(region, function, {"action": "list"})["enrolments"]
    except (Failed, KeyError):
        yield Line(False, "the function enroll does not answer", "its log says why")
        return
    yield Line(bool(known), f"{len(known)} mailboxes are enrolled", "run ./deploy.sh again with --enroll me@gmail.com")
    for enrolment in known:
        label = enrolment["label"] or "without a label"
        arrived, refusal = enrolment["mail_arrived_at"], enrolment["last_refusal"]
        mend = "README, Forward the code mails" if not arrived else "README, When no code comes, tells what to do"
        said = f"last mail at {arrived}" + (f", refused: {refusal}" if refusal else "") if arrived else "no mail yet"
        yield Line(bool(arrived) and not refusal, f"{label}: {said}", mend)
        if confirmation := enrolment["gmail_confirmation"]:
            mend = f"open {confirmation['link'] or ''}".rstrip()
            mend += f" (code {confirmation['code']})" if confirmation["code"] else ""
            yield Line(False, f"{label}: Gmail waits for your confirmation", mend)
