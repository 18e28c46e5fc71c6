"""deploy.sh from the outside: stand-ins for the tools write down how they are called and answer as they would."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TOOLS = ["cargo", "cargo-lambda", "zig", "sam", "aws"]
SYSTEM = ["bash", "cat", "dirname", "grep"]
GOOD = ["eu-west-1", "mfa", "arlo@mfa.example.com"]

# Each notes its call, answers what the script asks of aws, and fails where FAIL names the start of the call.
STAND_IN = """#!/bin/sh
call="${0##*/} $*"
echo "$call" >> "$CALLS"
case $call in
  "${FAIL:-nothing}"*) exit 1 ;;
  *MxRecord*) echo "mfa.example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com." ;;
  *RuleSetName*) echo "mfa-RuleSet-8wYzXq3Lr5Tn" ;;
  *PrestageUrl*) echo "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prestage" ;;
esac
"""


class Run:
    """One run of deploy.sh: its exit code, what it printed, and the calls it made after checking the tools."""

    def __init__(self, folder: Path, arguments: list[str], tools: list[str], **environment: str):
        calls = folder / "calls"
        calls.touch()
        for tool in tools:
            (folder / tool).write_text(STAND_IN)
            (folder / tool).chmod(0o755)
        for name in SYSTEM:
            (folder / name).symlink_to(shutil.which(name))
        done = subprocess.run(
            [folder / "bash", PROJECT / "deploy.sh", *arguments],
            env={"PATH": str(folder), "CALLS": str(calls), **environment},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.code, self.told, self.complaints = done.returncode, done.stdout, done.stderr
        checks = ("zig version", "python3 -m ziglang version", "aws sts get-caller-identity")
        self.calls = [call for call in calls.read_text().splitlines() if call not in checks]

    def call(self, start: str) -> str:
        [found] = [call for call in self.calls if call.startswith(start)]
        return found


@pytest.fixture
def deploy(tmp_path):
    def run(*arguments: str, tools=TOOLS, **environment: str) -> Run:
        return Run(tmp_path, list(arguments), tools, **environment)

    return run


def test_it_builds_then_deploys_then_asks_for_the_outputs(deploy):
    run = deploy(*GOOD)
    assert (run.code, run.complaints) == (0, "")
    assert [call.split()[0] for call in run.calls] == ["cargo", "sam", "aws", "aws", "aws"]
    assert (
        run.call("cargo")
        == "cargo lambda build --package functions --release --locked --x86-64 --lambda-dir target/lambda"
    )
    assert "--region eu-west-1 --stack-name mfa " in run.call("sam")
    assert run.call("sam").endswith("--parameter-overrides RelayAddress=arlo@mfa.example.com Architecture=x86_64")


def test_without_a_bucket_sam_finds_one(deploy):
    call = deploy(*GOOD).call("sam")
    assert "--resolve-s3" in call
    assert "--s3-bucket" not in call


def test_a_bucket_that_is_given_is_used(deploy):
    call = deploy(*GOOD, "my-artifacts").call("sam")
    assert "--s3-bucket my-artifacts --s3-prefix mfa" in call
    assert "--resolve-s3" not in call


def test_the_functions_are_built_for_the_architecture_that_is_deployed(deploy):
    run = deploy(*GOOD, ARCHITECTURE="arm64")
    assert "--arm64" in run.call("cargo")
    assert "Architecture=arm64" in run.call("sam")


def test_other_parameters_come_from_the_environment(deploy):
    call = deploy(*GOOD, WINDOW_SECONDS="120", LOG_RETENTION_DAYS="30").call("sam")
    assert call.endswith("WindowSeconds=120 LogRetentionDays=30")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "usage: ./deploy.sh"),
        (GOOD[:2], "usage: ./deploy.sh"),
        ([*GOOD, "my-artifacts", "more"], "usage: ./deploy.sh"),
        (["eu-west-9", "mfa", "arlo@mfa.example.com"], "region 'eu-west-9'"),
        (["eu-central-2", "mfa", "arlo@mfa.example.com"], "region 'eu-central-2'"),
        (["x86_64", "mfa", "arlo@mfa.example.com"], "region 'x86_64'"),
        (["eu-west-.", "mfa", "arlo@mfa.example.com"], "region 'eu-west-.'"),
        (["eu-west-1", "my stack", "arlo@mfa.example.com"], "stack 'my stack'"),
        (["eu-west-1", "m" * 41, "arlo@mfa.example.com"], "stack 'mmm"),
        (["eu-west-1", "mfa", "Arlo@mfa.example.com"], "relay address 'Arlo@mfa.example.com'"),
        (["eu-west-1", "mfa", "arlo+tag@mfa.example.com"], "relay address 'arlo+tag@mfa.example.com'"),
        ([*GOOD, "s3://my-artifacts"], "artifact bucket 's3://my-artifacts'"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_done(deploy, arguments, complaint):
    run = deploy(*arguments)
    assert complaint in run.complaints
    assert (run.code, run.calls, run.told) == (2, [], "")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_missing_tool_is_named_with_the_way_to_get_it(deploy, tool):
    run = deploy(*GOOD, tools=[other for other in TOOLS if other != tool])
    [line] = [line for line in run.complaints.splitlines() if "missing" in line]
    assert re.match(rf"  - {tool}\b.* (pip install \S+|install Rust .*)$", line)
    assert (run.code, run.calls) == (2, [])


def test_zig_may_have_come_with_python(deploy):
    assert deploy(*GOOD, tools=["python3", *(tool for tool in TOOLS if tool != "zig")]).code == 0


def test_all_problems_are_told_at_once(deploy):
    run = deploy("mars-1", "mfa", "arlo", tools=[], ARCHITECTURE="sparc")
    assert run.complaints.count("  - ") == 3 + len(TOOLS)


def test_who_is_not_signed_in_learns_it_before_the_build(deploy):
    run = deploy(*GOOD, FAIL="aws sts")
    assert "aws configure" in run.complaints
    assert (run.code, run.calls) == (2, [])


@pytest.mark.parametrize(("step", "done"), [("cargo lambda build", 1), ("sam deploy", 2), ("aws cloudformation", 3)])
def test_the_first_failure_stops_it(deploy, step, done):
    run = deploy(*GOOD, FAIL=step)
    assert run.code != 0
    assert len(run.calls) == done
    assert run.told == ""


def test_it_ends_with_the_steps_that_are_left_and_their_real_values(deploy):
    told = deploy(*GOOD).told
    for step in [
        "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prestage",
        "aws ses verify-domain-identity --region eu-west-1 --domain mfa.example.com ",
        '_amazonses.mfa.example.com. TXT "',
        "mfa.example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
        "aws ses set-active-receipt-rule-set --region eu-west-1 --rule-set-name mfa-RuleSet-8wYzXq3Lr5Tn",
        "sam remote invoke Enroll --region eu-west-1 --stack-name mfa ",
    ]:
        assert step in told
    assert "$" not in told


def test_it_asks_for_a_relay_address_as_the_template_does():
    pattern = re.search(r"AllowedPattern: '(.*@.*)'", (PROJECT / "template.yaml").read_text())[1]
    assert f"'{pattern}'" in (PROJECT / "deploy.sh").read_text()


def test_a_deployment_that_changes_nothing_is_a_success():
    assert re.search(r"^fail_on_empty_changeset = false$", (PROJECT / "samconfig.toml").read_text(), re.MULTILINE)


def test_it_can_be_called_as_a_program():
    assert os.access(PROJECT / "deploy.sh", os.X_OK)
