"""deploy.sh as a person starts it: what it checks, what it runs, and what it prints at the end."""

import json
import os
import re
import shlex
import subprocess

import pytest
from stand_ins import EMPTY, GOOD, ISSUED, NEW, PROJECT, REFUSED, TOOLS, described, place_stand_in

ZONE = {
    "aws route53 get-hosted-zone": {"HostedZone": {"Name": "example.com."}},
    "aws route53 list-resource-record-sets": {"ResourceRecordSets": []},
}
IN_ZONE = (*GOOD, "--hosted-zone-id", "Z1")


def active(name: str) -> dict:
    return {"aws ses describe-active-receipt-rule-set": {"Metadata": {"Name": name}, "Rules": []}}


def parameters(run) -> dict[str, str]:
    [call] = run.did("sam", "deploy")
    return dict(word.split("=") for word in call[call.index("--parameter-overrides") + 1 :])


def test_it_builds_then_makes_its_bucket_then_deploys(deploy):
    run = deploy(*GOOD, answers=NEW)
    assert (run.code, run.complaints) == (0, "")
    assert run.changed() == ["cargo lambda build", "aws s3api create-bucket", "sam deploy --region"]
    [build] = run.did("cargo")
    assert build[3:] == ["--package", "functions", "--release", "--locked", "--x86-64", "--lambda-dir", "target/lambda"]
    assert parameters(run) == {
        "RelayAddress": "arlo@mfa.example.com",
        "Architecture": "x86_64",
        "DomainIdentity": "create",
    }


def test_the_bucket_it_makes_is_the_same_each_time_and_recorded(deploy):
    run = deploy(*GOOD, answers=NEW)
    [made] = run.did("aws", "s3api", "create-bucket")
    bucket = made[made.index("--bucket") + 1]
    assert re.fullmatch(r"mfa-relay-[0-9a-f]{32}", bucket)
    assert "LocationConstraint=eu-west-1" in made
    [call] = run.did("sam")
    assert call[call.index("--s3-bucket") + 1] == bucket
    assert f"mfa-relay:artifacts={bucket}" in call


def test_a_bucket_that_is_there_is_not_made_again(deploy):
    run = deploy(*GOOD, answers=NEW | {"aws s3api get-bucket-location": {"LocationConstraint": "eu-west-1"}})
    assert run.did("aws", "s3api", "create-bucket") == []


def test_a_bucket_that_is_given_is_used(deploy):
    run = deploy(*GOOD, "my-artifacts", answers=NEW)
    [call] = run.did("sam")
    assert call[call.index("--s3-bucket") + 1] == "my-artifacts"
    assert run.did("aws", "s3api", "create-bucket") == []


def test_every_option_reaches_the_template(deploy):
    options = (
        "--owner-email",
        "me@example.com",
        "--window",
        "120",
        "--log-days",
        "30",
        "--arm64",
        "--rule-set",
        "mail",
    )
    run = deploy(*IN_ZONE, *options, answers=NEW | ZONE | active("mail"))
    assert run.code == 0, run.complaints
    assert parameters(run) == {
        "RelayAddress": "arlo@mfa.example.com",
        "Architecture": "arm64",
        "DomainIdentity": "create",
        "HostedZoneId": "Z1",
        "RuleSetName": "mail",
        "OwnerEmail": "me@example.com",
        "WindowSeconds": "120",
        "LogRetentionDays": "30",
    }
    assert "--arm64" in run.did("cargo")[0]
    assert "alarms come only after it" in run.told


@pytest.mark.parametrize(("owned", "parameter"), [(None, "existing"), ("mfa.example.com", "create")])
def test_an_identity_that_another_made_is_left_alone(deploy, owned, parameter):
    known = {"aws sesv2 get-email-identity": {"VerifiedForSendingStatus": True}}
    physical = owned and {"StackResourceDetail": {"PhysicalResourceId": owned}}
    where = (
        "aws cloudformation describe-stack-resource --region eu-west-1 --stack-name mfa --logical-resource-id Identity"
    )
    run = deploy(*GOOD, answers=NEW | known | {where: physical})
    assert parameters(run)["DomainIdentity"] == parameter


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["eu-west-9", "mfa", "arlo@mfa.example.com"], "region 'eu-west-9'"),
        (["eu-central-2", "mfa", "arlo@mfa.example.com"], "region 'eu-central-2'"),
        (["x86_64", "mfa", "arlo@mfa.example.com"], "region 'x86_64'"),
        (["eu-west-.", "mfa", "arlo@mfa.example.com"], "region 'eu-west-.'"),
        (["eu-west-1", "my stack", "arlo@mfa.example.com"], "stack 'my stack'"),
        (["eu-west-1", "m" * 41, "arlo@mfa.example.com"], "stack 'mmm"),
        (["eu-west-1", "mfa", "Arlo@mfa.example.com"], "relay address 'Arlo@mfa.example.com'"),
        (["eu-west-1", "mfa", "arlo+tag@mfa.example.com"], "relay address 'arlo+tag@mfa.example.com'"),
        ([*GOOD, "s3://my-artifacts"], "artifact bucket 's3://my-artifacts'"),
        ([*GOOD, "--hosted-zone-id", "example.com"], "--hosted-zone-id 'example.com'"),
        ([*GOOD, "--rule-set", "my set"], "--rule-set 'my set'"),
        ([*GOOD, "--owner-email", "me"], "--owner-email 'me'"),
        ([*GOOD, "--window", "59"], "--window 59"),
        ([*GOOD, "--log-days", "2"], "--log-days 2"),
    ],
)
def test_a_wrong_word_is_named_before_anything_is_asked(deploy, arguments, complaint):
    run = deploy(*arguments, answers=NEW)
    assert complaint in run.complaints
    assert (run.code, run.calls, run.told) == (2, [], "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required: region, stack"),
        (GOOD[:2], "the relay address is missing"),
        ([*GOOD, "my-artifacts", "more"], "unrecognized arguments: more"),
        (["--check", "--delete", *GOOD[:2]], "do not go together"),
        (["--delete", *GOOD], "take a region and a stack only"),
    ],
)
def test_wrong_usage_is_told(deploy, arguments, complaint):
    run = deploy(*arguments, answers=NEW)
    assert complaint in run.complaints
    assert (run.code, run.calls) == (2, [])


def test_all_problems_are_told_at_once(deploy):
    run = deploy("mars-1", "1", "arlo", "--window", "1", answers=NEW, tools=[])
    assert run.complaints.count("  - ") == 5


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"aws sts get-caller-identity": None}, "aws configure"),
        (active("company"), "add --rule-set company"),
        ({"aws route53 get-hosted-zone": None}, "has no such zone"),
        ({"aws route53 get-hosted-zone": {"HostedZone": {"Name": "ample.com."}}}, "it is the zone of ample.com"),
        (
            {"aws route53 list-": {"ResourceRecordSets": [{"Name": "mfa.example.com.", "Type": "MX"}]}},
            "receives mail elsewhere",
        ),
    ],
)
def test_what_is_in_the_way_in_the_account_is_told_before_the_build(deploy, answers, complaint):
    # The longer start would win over the one of this case.
    zone = {call: answer for call, answer in ZONE.items() if not any(call.startswith(case) for case in answers)}
    run = deploy(*IN_ZONE, answers=NEW | zone | answers)
    assert complaint in run.complaints
    assert (run.code, run.did("cargo"), run.did("sam")) == (2, [], [])


def test_a_rule_set_that_is_not_active_cannot_be_joined(deploy):
    run = deploy(*GOOD, "--rule-set", "mail", answers=NEW | active("other"))
    assert "set-active-receipt-rule-set --region eu-west-1 --rule-set-name mail" in run.complaints
    assert run.code == 2


def test_the_stack_s_own_rule_set_is_in_nobody_s_way(deploy):
    run = deploy(*GOOD, answers=EMPTY | {"aws cloudformation describe-stacks": described()} | active("mfa-RuleSet"))
    assert run.code == 0


def test_missing_tools_are_installed_at_their_pins(deploy, tmp_path):
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    place_stand_in(tmp_path / "tools" / "bin" / "pip")
    run = deploy(*GOOD, answers=NEW | {"pip install": ""}, tools=["cargo", "aws"])
    [call] = run.did("pip", "install")
    packages = [word for word in call if "==" in word]
    assert [package.split("==")[0] for package in packages] == ["cargo-lambda", "ziglang", "aws-sam-cli"]
    assert set(packages) <= set((PROJECT / "deploy" / "requirements.txt").read_text().split())


def test_rust_is_the_one_tool_that_is_left_to_the_owner(deploy):
    run = deploy(*GOOD, answers=NEW, tools=[tool for tool in TOOLS if tool != "cargo"])
    assert "https://rustup.rs" in run.complaints
    assert run.code == 2


@pytest.mark.parametrize(("step", "done"), [("cargo lambda build", []), ("sam deploy", ["sam"])])
def test_the_first_failure_stops_it(deploy, step, done):
    run = deploy(*GOOD, answers=NEW | {step: None})
    assert run.code == 1
    assert f"{step}" in run.complaints
    assert [call[0] for call in run.did("sam")] == done


def test_a_dry_run_tells_its_commands_and_changes_nothing(deploy):
    run = deploy(*GOOD, "--dry-run", "--enroll", "me@gmail.com", answers=NEW)
    assert "cargo lambda build" in run.told
    assert "sam deploy --region eu-west-1" in run.told
    assert (run.code, run.changed()) == (0, [])


def test_without_a_zone_the_records_are_printed(deploy):
    told = deploy(*GOOD, answers=NEW).told
    assert "mfa.example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com." in told
    assert all(f"k{n}._domainkey.mfa.example.com. CNAME" in told for n in (1, 2, 3))
    assert "./deploy.sh --check eu-west-1 mfa" in told


def test_with_a_zone_it_waits_for_ses(deploy):
    verified = {"aws sesv2 get-email-identity": [None, None, {"VerifiedForSendingStatus": True}]}
    run = deploy(*IN_ZONE, answers=NEW | ZONE | verified, MFA_RELAY_PATIENCE_SECONDS="6")
    assert "Waiting until SES sees" in run.told
    assert run.code == 0
    assert "SES knows that mfa.example.com is yours" in run.told


def test_a_domain_that_stays_unknown_is_no_failure(deploy):
    run = deploy(*IN_ZONE, answers=NEW | ZONE)
    assert run.code == 0
    assert "Nothing is lost: ./deploy.sh --check eu-west-1 mfa" in run.told


def test_it_enrols_and_prints_what_to_paste(deploy):
    run = deploy(*GOOD, "--enroll", "me@gmail.com", "--label", "garden", answers=NEW | {"aws lambda invoke": ISSUED})
    assert run.code == 0
    assert "arlo+k7f3@mfa.example.com" in run.told
    assert (
        "export MFA_RELAY_URL='https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_secret'" in run.told
    )


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"error": "already_enrolled", "message": "-"}, 0, "its token stays"),
        ({"error": "invalid_request", "message": "Give in an address."}, 1, "Give in an address."),
    ],
)
def test_an_enrolment_that_is_refused_is_told(deploy, answer, code, said):
    run = deploy(*GOOD, "--enroll", "me@gmail.com", answers=NEW | {"aws lambda invoke": answer})
    assert run.code == code
    assert said in run.told + run.complaints


def test_a_python_that_is_too_old_is_told(tmp_path):
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    command = ["/bin/bash", str(PROJECT / "deploy.sh"), *GOOD]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:27]) == (2, "Python 3.11 or newer is nee")


def test_a_deployment_that_changes_nothing_is_a_success():
    assert re.search(r"^fail_on_empty_changeset = false$", (PROJECT / "samconfig.toml").read_text(), re.MULTILINE)


def test_it_can_be_called_as_a_program():
    assert os.access(PROJECT / "deploy.sh", os.X_OK)


def test_a_dry_run_never_deletes(deploy):
    run = deploy("--delete", *GOOD[:2], "--dry-run", answers=NEW)
    assert "--delete deletes" in run.complaints
    assert (run.code, run.calls) == (2, [])


def test_a_dry_run_tells_every_command_as_it_can_be_pasted(deploy):
    run = deploy(*GOOD, "--dry-run", answers=NEW)
    lines = run.told.splitlines()[1:]
    assert [line.split()[:3] for line in lines] == [
        ["cargo", "lambda", "build"],
        ["aws", "s3api", "create-bucket"],
        ["sam", "deploy", "--region"],
    ]


def test_a_dry_run_names_the_tools_that_it_lacks_and_installs_none(deploy):
    run = deploy(*GOOD, "--dry-run", answers=NEW, tools=["cargo"])
    assert re.search(r"cargo-lambda==\S+ ziglang==\S+ aws-sam-cli==\S+ awscli==", run.told)
    assert (run.code, run.calls) == (0, [])


def test_a_first_deployment_that_was_rolled_back_has_to_go_first(deploy):
    rolled_back = {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}
    run = deploy(*GOOD, answers=EMPTY | {"aws cloudformation describe-stacks": rolled_back})
    assert "./deploy.sh --delete eu-west-1 mfa" in run.complaints
    assert (run.code, run.changed()) == (2, [])


@pytest.mark.parametrize(
    "call", ["aws cloudformation describe-stacks", "aws ses describe-active-receipt-rule-set", "aws sesv2 get-"]
)
def test_what_aws_refuses_to_tell_is_not_taken_for_absent(deploy, call):
    run = deploy(*GOOD, answers=NEW | {call: REFUSED})
    assert "AccessDenied" in run.complaints
    assert (run.code, run.changed()) == (1, [])


def test_a_bucket_of_another_account_gets_no_programs(deploy):
    run = deploy(*GOOD, answers=NEW | {"aws s3api get-bucket-location": REFUSED})
    assert (run.code, run.changed()) == (1, [])


def test_a_stack_keeps_the_bucket_that_it_was_deployed_from(deploy):
    there = {"aws cloudformation describe-stacks": described({"mfa-relay:artifacts": "mine"})}
    run = deploy(*GOOD, answers=EMPTY | there)
    [call] = run.did("sam", "deploy")
    assert call[call.index("--s3-bucket") + 1] == "mine"
    assert run.did("aws", "s3api", "create-bucket") == []


def test_an_identity_of_the_new_domain_is_left_alone_when_the_address_moves(deploy):
    known = {"aws sesv2 get-email-identity": {"VerifiedForSendingStatus": True}}
    where = "aws cloudformation describe-stack-resource --region eu-west-1 --stack-name mfa --logical-resource-id "
    owned = {where + "Identity": {"StackResourceDetail": {"PhysicalResourceId": "old.example.com"}}}
    assert parameters(deploy(*GOOD, answers=NEW | known | owned))["DomainIdentity"] == "existing"


def test_a_private_zone_is_refused(deploy):
    private = {"HostedZone": {"Name": "example.com.", "Config": {"PrivateZone": True}}}
    run = deploy(*IN_ZONE, answers=NEW | ZONE | {"aws route53 get-hosted-zone": private})
    assert "it is a private zone" in run.complaints
    assert run.code == 2


def test_zig_alone_is_installed_where_it_alone_is_missing(deploy, tmp_path):
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    place_stand_in(tmp_path / "tools" / "bin" / "pip")
    run = deploy(*GOOD, answers=NEW | {"pip install": ""}, tools=[tool for tool in TOOLS if tool != "zig"])
    [call] = run.did("pip", "install")
    assert [word.split("==")[0] for word in call if "==" in word] == ["ziglang"]


def test_an_enrolled_mailbox_can_be_given_a_new_token_by_pasting(deploy):
    refused = {"aws lambda invoke": {"error": "already_enrolled", "message": "-"}}
    run = deploy(*GOOD, "--enroll", "o'hara@gmail.com", answers=NEW | refused)
    [line] = [line for line in run.told.splitlines() if "sam remote invoke" in line]
    event = json.loads(shlex.split(line)[-1])
    assert event == {"action": "rotate", "mailbox": "o'hara@gmail.com"}
