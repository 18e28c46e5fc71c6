"""Deploys the stack: checks everything first, builds, deploys, then waits for the domain and enrols a mailbox."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import sys
from argparse import Namespace

from deploy import aws, ci, conflicts, domain, enrolment, stack, tools, validation
from deploy.errors import DeployError


def deploy(given: Namespace) -> int:
    problems = validation.wrong_values(given)
    if not shutil.which("cargo"):
        problems.append("Rust is missing (cargo). Install it: https://rustup.rs")
    packages = tools.missing()
    if not problems and packages:
        if given.dry_run:
            print(f"These tools would be installed into .deploy-tools first: {' '.join(packages)}")
            return 0
        tools.install(packages)
    if not problems:
        problems = conflicts.of(given)
    if problems:
        print("Nothing was deployed:", *(f"  - {problem}" for problem in problems), sep="\n", file=sys.stderr)
        return 2
    bucket = artifact_bucket(given)
    commands = [build_command(given), *bucket_command(given, bucket), deploy_command(given, bucket)]
    if given.dry_run:
        print("These commands would run:", *(f"  {shlex.join(command)}" for command in commands), sep="\n")
        if given.enroll:
            print(f"Then {given.enroll} would be enrolled.")
        return 0
    for command in commands:
        tools.run(*command)
    return finish(given)


def own_bucket(region: str, name: str) -> str:
    """The stack's own artifact bucket. Bucket names are global, so its name is a digest."""
    return "mfa-relay-" + hashlib.sha256(f"{aws.account(region)} {region} {name}".encode()).hexdigest()[:32]


def artifact_bucket(given: Namespace) -> str:
    """The given bucket, else the one that the stack was deployed from, else the stack's own."""
    deployed = stack.find(given.region, given.stack)
    recorded = deployed.tags.get(stack.ARTIFACTS) if deployed else None
    return given.artifacts or recorded or own_bucket(given.region, given.stack)


def bucket_command(given: Namespace, bucket: str) -> list[list[str]]:
    """Creates the stack's own bucket if it does not exist yet."""
    if bucket != own_bucket(given.region, given.stack) or stack.owns_bucket(given.region, bucket):
        return []
    # S3 refuses us-east-1 as a LocationConstraint: it is the default.
    place = ["--create-bucket-configuration", f"LocationConstraint={given.region}"]
    command = ["aws", "s3api", "create-bucket", "--bucket", bucket, "--region", given.region]
    return [command + (place if given.region != "us-east-1" else [])]


def build_command(given: Namespace) -> list[str]:
    processor = "--arm64" if given.arm64 else "--x86-64"
    command = ["cargo", "lambda", "build", "--package", "functions", "--release", "--locked", processor]
    # template.yaml names this folder, whatever cargo's own target folder is.
    return [*command, "--lambda-dir", "target/lambda"]


def deploy_command(given: Namespace, bucket: str) -> list[str]:
    parameters = {parameter: getattr(given, name) for name, (_, parameter, _) in validation.PARAMETERS.items()} | {
        "Architecture": "arm64" if given.arm64 else "x86_64",
        "DomainIdentity": domain.identity_parameter(given),
        "DnsRecords": given.dns_records,
    }
    # A parameter that is not named keeps the value that it has in the stack. SAM CLI wants an empty value in quotes.
    named = [name + "=" + (value or '""') for name, value in parameters.items() if value is not None]
    target = ["--region", given.region, "--stack-name", given.stack, "--s3-bucket", bucket, "--s3-prefix", given.stack]
    return ["sam", "deploy", *target, "--tags", f"{stack.ARTIFACTS}={bucket}", "--parameter-overrides", *named]


def finish(given: Namespace) -> int:
    """Waits for the domain, enrols the mailbox, and prints what is left to do."""
    deployed = stack.find(given.region, given.stack)
    if not deployed:
        raise DeployError(
            f"The stack is deployed, but CloudFormation does not list it. Check it: "
            f"./deploy.sh --check {given.region} {given.stack}"
        )
    outputs = deployed.outputs
    print(f"\nThe stack {given.stack} is deployed.")
    if not ci.is_log():
        print(f"Clients open their requests at\n  {outputs['PrestageUrl']}")
    domain.wait_until_verified(given, outputs)
    if given.enroll:
        enrolment.add_once(given, outputs)
    else:
        print(f"\nEnrol a mailbox:\n  ./deploy.sh --enroll me@gmail.com {given.region} {given.stack}")
    if given.owner_email:
        to = "you" if ci.is_log() else given.owner_email
        print(f"\nAlarms come only after you open the link in the mail that AWS has sent to {to}.")
    return 0
