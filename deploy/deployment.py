"""Deploys the stack: checks everything, gets the programs, deploys, waits for the domain and enrols a mailbox."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import sys
from argparse import Namespace

from deploy import artifacts, aws, ci, conflicts, domain, enrolment, events, programs, release, stack, tools, validation
from deploy.errors import DeployError


def deploy(given: Namespace) -> int:
    problems = [*validation.wrong_values(given), *missing_programs(given)]
    if not problems:
        packages = tools.missing(*(("cargo-lambda", "zig") if given.build else ()))
        if packages and given.dry_run:
            print(f"These tools would be installed into .deploy-tools first: {' '.join(packages)}")
            return 0
        if packages:
            tools.install(packages)
        problems = conflicts.of(given)
    if problems:
        print("Nothing was deployed:", *(f"  - {problem}" for problem in problems), sep="\n", file=sys.stderr)
        return 2
    bucket = artifact_bucket(given)
    # All of them are put together before the first one runs, because that asks AWS too.
    create_bucket, package = bucket_command(given, bucket), artifacts.package_command(given.region, given.stack, bucket)
    deployment = deploy_command(given, bucket)
    if given.dry_run:
        describe(given, [*create_bucket, package, deployment])
        return 0
    get_programs(given)
    for command in create_bucket:
        tools.run(*command, quiet=True)
    artifacts.upload(package)
    deploy_stack(given, deployment)
    artifacts.sweep(given.region, given.stack, bucket)
    return finish(given)


def missing_programs(given: Namespace) -> list[str]:
    """What prevents getting the functions' programs."""
    if given.build:
        return [] if shutil.which("cargo") else ["--build needs Rust (cargo). Install it: https://rustup.rs"]
    try:
        release.current()
    except DeployError as error:
        return [str(error)]
    return []


def describe(given: Namespace, commands: list[list[str]]) -> None:
    """What a dry run prints."""
    if given.build:
        commands = [programs.build_command(given.arm64), *commands]
    else:
        known = release.current()
        files = [known.url(name) for name in programs.archives(given.arm64).values()]
        print("These programs would be downloaded and verified:", *(f"  {file}" for file in files), sep="\n")
    print("These commands would run:", *(f"  {shlex.join(command)}" for command in commands), sep="\n")
    if given.enroll:
        print(f"Then {given.enroll} would be enrolled.")


def get_programs(given: Namespace) -> None:
    if given.build:
        tools.run(*programs.build_command(given.arm64))
    else:
        programs.install(release.current(), given.arm64)
    programs.fix_times()


def deploy_stack(given: Namespace, command: list[str]) -> None:
    """Has CloudFormation deploy, and if it fails says which resource failed and why."""
    before = events.latest(given.region, given.stack)
    try:
        tools.run(*command)
    except DeployError as error:
        failed = [f"  - {line}" for line in events.failures(given.region, given.stack, before)]
        if not failed:
            raise
        advice = events.advice(given.region, given.stack)
        raise DeployError("\n".join(["CloudFormation could not deploy the stack:", *failed, advice])) from error


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


def deploy_command(given: Namespace, bucket: str) -> list[str]:
    parameters = {parameter: getattr(given, name) for name, (_, parameter, _) in validation.PARAMETERS.items()} | {
        "Architecture": "arm64" if given.arm64 else "x86_64",
        "DomainIdentity": domain.identity_parameter(given),
        "DnsRecords": given.dns_records,
    }
    # A parameter that is not named keeps the value that it has in the stack.
    named = [f"{name}={value}" for name, value in parameters.items() if value is not None] + (given.limit or [])
    target = ["--region", given.region, "--stack-name", given.stack, "--s3-bucket", bucket, "--s3-prefix", given.stack]
    # As samconfig.toml has it: the stack creates a role for each function, and an update that changes nothing succeeds.
    settings = ["--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset"]
    command = ["aws", "cloudformation", "deploy", *target, *settings, "--template-file", artifacts.PACKAGED]
    return [*command, "--tags", f"{stack.ARTIFACTS}={bucket}", "--parameter-overrides", *named]


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
