"""A deployment: the commands that it runs, in order, with their arguments, and what it prints at the end."""

import os
import re
import subprocess
import tomllib

import pytest
from accounts import ARGUMENTS, EMPTY, NEW, ZONE, active, described
from fakes import COMPILER, PROJECT, TOOLS

IN_ZONE = (*ARGUMENTS, "--hosted-zone-id", "Z1")
IDENTITY = (
    "aws cloudformation describe-stack-resource --region eu-west-1 --stack-name mfa --logical-resource-id Identity"
)


def parameters(run) -> dict[str, str]:
    [call] = run.calls_of("aws", "cloudformation", "deploy")
    return dict(word.split("=") for word in call[call.index("--parameter-overrides") + 1 :])


def bucket_of(run) -> str:
    [call] = run.calls_of("aws", "cloudformation", "deploy")
    return option(call, "--s3-bucket")


def option(call: list[str], name: str) -> str:
    return call[call.index(name) + 1]


def test_it_creates_its_bucket_then_uploads_then_deploys(deploy):
    run = deploy(*ARGUMENTS, answers=NEW)
    assert (run.code, run.stderr) == (0, "")
    assert run.changes() == ["aws s3api create-bucket", "aws cloudformation package", "aws cloudformation deploy"]
    assert parameters(run) == {
        "RelayAddress": "arlo@mfa.example.com",
        "Architecture": "x86_64",
        "DomainIdentity": "create",
    }


def test_the_template_that_was_uploaded_is_deployed(deploy):
    run = deploy(*ARGUMENTS, answers=NEW)
    [upload] = run.calls_of("aws", "cloudformation", "package")
    assert option(upload, "--template-file") == "template.yaml"
    assert (option(upload, "--s3-bucket"), option(upload, "--s3-prefix")) == (bucket_of(run), "mfa")
    [deployment] = run.calls_of("aws", "cloudformation", "deploy")
    assert option(deployment, "--template-file") == option(upload, "--output-template-file")
    assert "--no-fail-on-empty-changeset" in deployment
    assert option(deployment, "--capabilities") == "CAPABILITY_IAM"


def test_with_build_it_compiles_first(deploy):
    run = deploy(*ARGUMENTS, "--build", answers=NEW, tools=[*TOOLS, *COMPILER])
    assert run.changes()[0] == "cargo lambda build"
    [build] = run.calls_of("cargo")
    assert build[3:] == ["--package", "functions", "--release", "--locked", "--x86-64", "--lambda-dir", "target/lambda"]


def test_every_option_reaches_the_template(deploy):
    options = ("--owner-email", "me@example.com", "--window", "120", "--log-days", "30", "--rule-set", "mail")
    tools = [*TOOLS, *COMPILER]
    run = deploy(*IN_ZONE, *options, "--arm64", "--build", answers=NEW | ZONE | active(name="mail"), tools=tools)
    assert run.code == 0, run.stderr
    assert parameters(run) == {
        "RelayAddress": "arlo@mfa.example.com",
        "Architecture": "arm64",
        "DomainIdentity": "create",
        "HostedZoneId": "Z1",
        "DnsRecords": "create,create,create,create",
        "RuleSetName": "mail",
        "OwnerEmail": "me@example.com",
        "WindowSeconds": "120",
        "LogRetentionDays": "30",
    }
    assert "--arm64" in run.calls_of("cargo")[0]
    assert "Alarms come only after you open the link" in run.stdout


@pytest.mark.parametrize(
    ("deployed", "option", "processor"),
    [
        ("arm64", (), "arm64"),
        ("x86_64", (), "x86_64"),
        ("arm64", ("--x86-64",), "x86_64"),
        ("x86_64", ("--arm64",), "arm64"),
    ],
)
def test_a_rerun_builds_and_deploys_for_the_processor_of_the_stack(deploy, deployed, option, processor):
    known = {"aws cloudformation describe-stacks": described(parameters={"Architecture": deployed})}
    run = deploy(*ARGUMENTS, "--build", *option, answers=EMPTY | known, tools=[*TOOLS, *COMPILER])
    assert parameters(run)["Architecture"] == processor
    assert f"--{processor.replace('_', '-')}" in run.calls_of("cargo")[0]


def test_a_domain_alone_gives_an_address_that_nobody_guesses_and_that_stays(deploy, tmp_path):
    def address(number: int, answers: dict) -> str:
        run = deploy(*ARGUMENTS[:2], "mfa.example.com", answers=answers, folder=tmp_path / str(number))
        return parameters(run)["RelayAddress"]

    made = address(1, NEW)
    assert re.fullmatch(r"relay-[a-z2-7]{8}@mfa\.example\.com", made)
    assert address(2, NEW) != made
    for number, (known, is_kept) in enumerate([(made, True), ("arlo@other.example.com", False)], start=3):
        deployed = {"aws cloudformation describe-stacks": described(parameters={"RelayAddress": known})}
        assert (address(number, EMPTY | deployed) == known) is is_kept


def test_a_limit_reaches_the_template_and_others_keep_their_value(deploy):
    given = parameters(deploy(*ARGUMENTS, "--limit", "FloodMails=500", "--limit", "ApiRate=20", answers=NEW))
    assert (given["FloodMails"], given["ApiRate"]) == ("500", "20")
    assert "ApiBurst" not in given


def test_an_empty_owner_email_unsets_the_alarms(deploy):
    run = deploy(*ARGUMENTS, "--owner-email", "", answers=NEW)
    assert (run.code, parameters(run)["OwnerEmail"]) == (0, "")
    assert "Alarms come" not in run.stdout


def test_the_bucket_it_creates_has_the_same_name_each_time_and_is_recorded(deploy):
    run = deploy(*ARGUMENTS, answers=NEW)
    [created] = run.calls_of("aws", "s3api", "create-bucket")
    bucket = created[created.index("--bucket") + 1]
    assert re.fullmatch(r"mfa-relay-[0-9a-f]{32}", bucket)
    assert "LocationConstraint=eu-west-1" in created
    assert bucket_of(run) == bucket
    assert f"mfa-relay:artifacts={bucket}" in run.calls_of("aws", "cloudformation", "deploy")[0]


def test_in_us_east_1_the_bucket_has_no_location_constraint(deploy):
    run = deploy("us-east-1", *ARGUMENTS[1:], answers=NEW)
    [created] = run.calls_of("aws", "s3api", "create-bucket")
    assert not [word for word in created if "LocationConstraint" in word]


def test_a_bucket_that_exists_is_not_created_again(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | {"aws s3api get-bucket-location": {"LocationConstraint": "eu-west-1"}})
    assert run.calls_of("aws", "s3api", "create-bucket") == []


def test_a_given_bucket_is_used(deploy):
    run = deploy(*ARGUMENTS, "my-artifacts", answers=NEW)
    assert bucket_of(run) == "my-artifacts"
    assert run.calls_of("aws", "s3api", "create-bucket") == []


def test_a_stack_keeps_the_bucket_that_it_was_deployed_from(deploy):
    recorded = {"aws cloudformation describe-stacks": described({"mfa-relay:artifacts": "mine"})}
    run = deploy(*ARGUMENTS, answers=EMPTY | recorded)
    assert bucket_of(run) == "mine"
    assert run.calls_of("aws", "s3api", "create-bucket") == []


@pytest.mark.parametrize(
    ("owned", "parameter"), [(None, "existing"), ("old.example.com", "existing"), ("mfa.example.com", "create")]
)
def test_an_identity_that_the_stack_did_not_create_is_left_alone(deploy, owned, parameter):
    known = {"aws sesv2 get-email-identity": {"VerifiedForSendingStatus": True}}
    resource = owned and {"StackResourceDetail": {"PhysicalResourceId": owned}}
    run = deploy(*ARGUMENTS, answers=NEW | known | {IDENTITY: resource})
    assert parameters(run)["DomainIdentity"] == parameter


@pytest.mark.parametrize(
    ("step", "following"),
    [("cargo lambda build", "s3api"), ("aws s3api create-bucket", "package"), ("aws cloudformation package", "deploy")],
)
def test_the_first_failure_stops_it(deploy, step, following):
    run = deploy(*ARGUMENTS, "--build", answers=NEW | {step: None}, tools=[*TOOLS, *COMPILER])
    assert run.code == 1
    assert step in run.stderr
    assert [call for call in run.changes() if following in call.split()] == []


def test_a_dry_run_prints_each_command_as_it_can_be_pasted_and_changes_nothing(deploy):
    options = ("--build", "--dry-run", "--enroll", "me@gmail.com")
    run = deploy(*ARGUMENTS, *options, answers=NEW, tools=[*TOOLS, *COMPILER])
    assert [line.split()[:3] for line in run.stdout.splitlines()[1:-1]] == [
        ["cargo", "lambda", "build"],
        ["aws", "s3api", "create-bucket"],
        ["aws", "cloudformation", "package"],
        ["aws", "cloudformation", "deploy"],
    ]
    assert "me@gmail.com would be enrolled" in run.stdout
    assert (run.code, run.changes()) == (0, [])


def test_without_a_zone_the_records_are_printed(deploy):
    printed = deploy(*ARGUMENTS, answers=NEW).stdout
    assert "mfa.example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com." in printed
    assert all(f"k{n}._domainkey.mfa.example.com. CNAME" in printed for n in (1, 2, 3))
    assert "./deploy.sh --check eu-west-1 mfa" in printed


def test_with_a_zone_it_waits_until_ses_has_verified_the_domain(deploy):
    verified = {"aws sesv2 get-email-identity": [None, None, {"VerifiedForSendingStatus": True}]}
    run = deploy(*IN_ZONE, answers=NEW | ZONE | verified, MFA_RELAY_PATIENCE_SECONDS="6")
    assert "Waiting until SES has verified" in run.stdout
    assert run.code == 0
    assert "SES has verified mfa.example.com." in run.stdout


def test_a_domain_that_is_not_verified_in_time_is_no_failure(deploy):
    run = deploy(*IN_ZONE, answers=NEW | ZONE)
    assert run.code == 0
    assert "The stack is deployed; check it later:\n  ./deploy.sh --check eu-west-1 mfa" in run.stdout


def test_a_python_that_is_too_old_is_refused(tmp_path):
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    command = ["/bin/bash", str(PROJECT / "deploy.sh"), *ARGUMENTS]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:27]) == (2, "Python 3.9 or newer is need")


def test_a_deployment_that_changes_nothing_is_a_success():
    settings = tomllib.loads((PROJECT / "samconfig.toml").read_text())
    assert settings["default"]["deploy"]["parameters"]["fail_on_empty_changeset"] is False


def test_it_can_be_called_as_a_program():
    assert os.access(PROJECT / "deploy.sh", os.X_OK)
