"""What earlier deployments have uploaded is deleted when a deployment has succeeded."""

import json

from accounts import ARGUMENTS, NEW
from fakes import DENIED

USED, OLD, TEMPLATE = "mfa/" + "a" * 32, "mfa/" + "b" * 32, "mfa/" + "c" * 32 + ".template"
PACKAGED = {"aws cloudformation package": f"CodeUri: s3://artifacts/{USED}\n"}


def listing(*keys: str) -> dict:
    return {
        "aws s3api list-objects-v2": {"Contents": [{"Key": key} for key in keys]},
        "aws s3api delete-objects": "",
    }


def deleted(run) -> list[str]:
    calls = run.calls_of("aws", "s3api", "delete-objects")
    deletions = [json.loads(call[call.index("--delete") + 1]) for call in calls]
    return [entry["Key"] for deletion in deletions for entry in deletion["Objects"]]


def test_what_the_deployed_template_does_not_name_is_deleted_at_the_end(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | PACKAGED | listing(USED, OLD, TEMPLATE))
    assert (run.code, deleted(run)) == (0, [OLD, TEMPLATE])
    assert run.changes()[-2:] == ["aws cloudformation deploy", "aws s3api delete-objects"]


def test_what_the_aws_cli_has_not_uploaded_stays(deploy):
    foreign = ["mfa/notes.txt", "mfa/more/" + "b" * 32, "mfa-2/" + "b" * 32]
    run = deploy(*ARGUMENTS, "mine", answers=NEW | PACKAGED | listing(USED, *foreign))
    assert (run.code, deleted(run)) == (0, [])


def test_many_are_deleted_by_several_calls(deploy):
    old = [f"mfa/{number:032x}" for number in range(1200)]
    run = deploy(*ARGUMENTS, answers=NEW | PACKAGED | listing(*old))
    assert deleted(run) == old
    assert max(len(call[-1]) for call in run.calls_of("aws", "s3api", "delete-objects")) < 100_000


def test_only_a_bucket_of_this_account_is_swept(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | PACKAGED | listing(OLD))
    calls = [*run.calls_of("aws", "s3api", "list-objects-v2"), *run.calls_of("aws", "s3api", "delete-objects")]
    assert [call[call.index("--expected-bucket-owner") + 1] for call in calls] == ["123456789012"] * 2


def test_a_deployment_whose_old_programs_cannot_be_deleted_has_succeeded(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | PACKAGED | {"aws s3api list-objects-v2": DENIED})
    assert run.code == 0
    assert "The programs of earlier deployments stay in the bucket" in run.stdout
