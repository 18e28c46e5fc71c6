"""Deploys the stack: looks at everything first, builds, deploys, then sees it through to the first enrolment."""

import hashlib
import re
import shlex
import shutil
import sys
from argparse import Namespace

from deploy import domain, enrolment, stack, tools
from deploy.programs import Failed, account, ask, run

PATTERNS = {
    "hosted_zone_id": (r"Z[A-Z0-9]{1,31}", "--hosted-zone-id '{}': aws route53 list-hosted-zones tells the id, Z..."),
    "rule_set": (r"[A-Za-z0-9_-]{1,64}", "--rule-set '{}': must be the name of a rule set in SES"),
    "owner_email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "--owner-email '{}': must be a mail address"),
    "artifacts": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "artifact bucket '{}': must be the name of a bucket"),
}
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 180, 365)


def launch(asked: Namespace) -> int:
    problems = wrong_words(asked)
    packages = tools.missing()
    if not problems and packages:
        if asked.dry_run:
            print(f"These tools would be installed into .deploy-tools first: {' '.join(packages)}")
            return 0
        tools.install(packages)
    if not problems:
        problems = wrong_in_account(asked)
    if problems:
        print(
            "deploy.sh has deployed nothing yet:",
            *(f"  - {problem}" for problem in problems),
            sep="\n",
            file=sys.stderr,
        )
        return 2
    bucket = artifact_bucket(asked)
    commands = [build_command(asked), *bucket_command(asked, bucket), deploy_command(asked, bucket)]
    if asked.dry_run:
        print("These commands would run:", *(f"  {shlex.join(command)}" for command in commands), sep="\n")
        if asked.enroll:
            print(f"Then {asked.enroll} would be enrolled.")
        return 0
    for command in commands:
        run(*command)
    return see_through(asked)


def wrong_words(asked: Namespace) -> list[str]:
    """What can be told without asking anybody."""
    problems = []
    if not stack.receives_mail(asked.region):
        problems.append(f"region '{asked.region}': must be one in which SES receives mail; template.yaml lists them")
    # SES allows 64 characters to the rule set's name, which CloudFormation makes from the stack's.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,39}", asked.stack):
        problems.append(f"stack '{asked.stack}': must be letters, digits and hyphens, a letter first, 40 at most")
    if not re.fullmatch(stack.address_pattern(), asked.address):
        problems.append(f"relay address '{asked.address}': lower case and without a +, e.g. arlo@mfa.example.com")
    for name, (pattern, complaint) in PATTERNS.items():
        given = getattr(asked, name)
        if given is not None and not re.fullmatch(pattern, given):
            problems.append(complaint.format(given))
    if asked.window is not None and not 60 <= asked.window <= 900:
        problems.append(f"--window {asked.window}: must be 60 to 900 seconds")
    if asked.log_days is not None and asked.log_days not in LOG_DAYS:
        problems.append(f"--log-days {asked.log_days}: must be one of {', '.join(map(str, LOG_DAYS))}")
    if not shutil.which("cargo"):
        problems.append("cargo is missing: install Rust as https://rustup.rs says")
    return problems


def wrong_in_account(asked: Namespace) -> list[str]:
    """What AWS tells, before minutes go into a build."""
    try:
        account()
    except Failed as failure:
        return [str(failure)]
    problems = []
    active = ask("ses", "describe-active-receipt-rule-set", "--region", asked.region) or {}
    active = active.get("Metadata", {}).get("Name")
    own = stack.resource(asked.region, asked.stack, "RuleSet")
    deployed = stack.find(asked.region, asked.stack)
    joined = deployed.outputs.get("RuleSetName") if deployed else None
    # CloudFormation updates everything but what never came to be.
    if deployed and deployed.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        problems.append(
            f"the stack {asked.stack} is {deployed.status}: remove it with "
            f"./deploy.sh --delete {asked.region} {asked.stack}"
        )
    if active and not asked.rule_set and active not in (own, joined):
        problems.append(
            f"SES receives mail by the rule set '{active}' already, which stays as it is. "
            f"Join it: add --rule-set {active}"
        )
    if asked.rule_set and asked.rule_set != active:
        problems.append(
            f"the rule set '{asked.rule_set}' is not the active one ({active or 'none is'}): leave out --rule-set, or "
            f"aws ses set-active-receipt-rule-set --region {asked.region} --rule-set-name {asked.rule_set}"
        )
    return problems + domain.wrong_in_zone(asked, deployed is None)


def own_bucket(region: str, name: str) -> str:
    """The stack's own artifact bucket. Bucket names are the whole world's, so its name is a digest."""
    return "mfa-relay-" + hashlib.sha256(f"{account()} {region} {name}".encode()).hexdigest()[:32]


def artifact_bucket(asked: Namespace) -> str:
    """The one that is given, else the one that the stack was deployed from, else its own."""
    deployed = stack.find(asked.region, asked.stack)
    recorded = deployed.tags.get(stack.ARTIFACTS) if deployed else None
    return asked.artifacts or recorded or own_bucket(asked.region, asked.stack)


def bucket_command(asked: Namespace, bucket: str) -> list[list[str]]:
    """Makes the stack's own bucket where it is not there yet."""
    if bucket != own_bucket(asked.region, asked.stack) or stack.has_bucket(asked.region, bucket):
        return []
    # us-east-1 is the one region that may not be named.
    place = ["--create-bucket-configuration", f"LocationConstraint={asked.region}"]
    command = ["aws", "s3api", "create-bucket", "--bucket", bucket, "--region", asked.region]
    return [command + (place if asked.region != "us-east-1" else [])]


def build_command(asked: Namespace) -> list[str]:
    processor = "--arm64" if asked.arm64 else "--x86-64"
    command = ["cargo", "lambda", "build", "--package", "functions", "--release", "--locked", processor]
    # Where template.yaml looks, wherever else cargo's own target folder may be.
    return [*command, "--lambda-dir", "target/lambda"]


def deploy_command(asked: Namespace, bucket: str) -> list[str]:
    parameters = {
        "RelayAddress": asked.address,
        "Architecture": "arm64" if asked.arm64 else "x86_64",
        "DomainIdentity": domain.identity(asked),
        "HostedZoneId": asked.hosted_zone_id,
        "RuleSetName": asked.rule_set,
        "OwnerEmail": asked.owner_email,
        "WindowSeconds": asked.window,
        "LogRetentionDays": asked.log_days,
    }
    # What is not given stays as the stack has it.
    given = [f"{name}={value}" for name, value in parameters.items() if value is not None]
    where = ["--region", asked.region, "--stack-name", asked.stack, "--s3-bucket", bucket, "--s3-prefix", asked.stack]
    return ["sam", "deploy", *where, "--tags", f"{stack.ARTIFACTS}={bucket}", "--parameter-overrides", *given]


def see_through(asked: Namespace) -> int:
    deployed = stack.find(asked.region, asked.stack)
    if not deployed:
        raise Failed("The stack is deployed, and CloudFormation does not tell its outputs: run deploy.sh --check.")
    outputs = deployed.outputs
    print(f"\nThe stack {asked.stack} stands. Its clients open their requests at\n  {outputs['PrestageUrl']}")
    domain.see_verified(asked, outputs)
    if asked.enroll:
        enrolment.add(asked.region, asked.stack, outputs, asked.enroll, asked.label)
    else:
        again = f"./deploy.sh {asked.region} {asked.stack} {asked.address}"
        print(f"\nEnrol a mailbox:\n  {again} --enroll me@gmail.com")
    if asked.owner_email:
        print(f"\nOpen the link in the mail that AWS has sent to {asked.owner_email}: alarms come only after it.")
    return 0
