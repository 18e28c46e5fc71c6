"""`setup` empties the stack's bucket when the stack is deleted, and no other bucket."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

from cloudformation import CloudFormation
from faults import Fault, Kind, for_ever
from relay_client import Relay

CONTENTS = "BucketContents"


@contextmanager
def versioned(relay: Relay, bucket: str) -> Iterator[None]:
    """The bucket keeps versions for the block."""

    def keep(status: str) -> None:
        relay.objects.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    keep("Enabled")
    try:
        yield
    finally:
        keep("Suspended")


def fill(relay: Relay, bucket: str, keys: list[str]) -> None:
    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda key: relay.objects.put_object(Bucket=bucket, Key=key, Body=b"x"), keys))


def left(relay: Relay, bucket: str) -> int:
    found = relay.objects.list_object_versions(Bucket=bucket)
    return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))


def test_deleting_empties_this_bucket_and_no_other(relay: Relay, formation: CloudFormation) -> None:
    ours, other = relay.stack.bucket, "somebody-elses"
    relay.objects.create_bucket(Bucket=other)
    fill(relay, other, ["inbox/theirs"])
    with versioned(relay, ours):
        fill(relay, ours, [f"inbox/{number}" for number in range(2500)])
        fill(relay, ours, ["inbox/AMAZON_SES_SETUP_NOTIFICATION", "inbox/0", "status/a b+c&<ü>"])
        markers = {"Objects": [{"Key": f"inbox/{number}"} for number in range(0, 1000, 2)]}
        relay.objects.delete_objects(Bucket=ours, Delete=markers)
        assert_emptied(formation)
        assert_emptied(formation)
    assert left(relay, other) == 1
    relay.objects.delete_object(Bucket=other, Key="inbox/theirs")
    relay.objects.delete_bucket(Bucket=other)


@pytest.mark.parametrize("asked", ["Create", "Update"])
def test_the_bucket_keeps_what_it_holds_until_it_goes(relay: Relay, formation: CloudFormation, asked: str) -> None:
    relay.store("kept", b"mail")
    assert formation.ask(asked, CONTENTS)["Status"] == "SUCCESS"
    assert "kept" in relay.inbox()
    relay.objects.delete_object(Bucket=relay.stack.bucket, Key="inbox/kept")


def test_a_bucket_that_cannot_be_listed_is_told_and_emptied_later(relay: Relay, formation: CloudFormation) -> None:
    relay.store("left", b"mail")
    with relay.front.faults.cause(for_ever("setup", ("ListObjectVersions", 1), Kind.LOST)):
        told = formation.ask("Delete", CONTENTS)
    assert told["Status"] == "FAILED"
    assert "s3:ListObjectVersions failed: no connection" in told["Reason"]
    assert_emptied(formation)


def test_objects_that_cannot_be_deleted_are_counted_and_not_named(relay: Relay, formation: CloudFormation) -> None:
    bucket = relay.stack.bucket
    fill(relay, bucket, ["inbox/left", "inbox/goes"])
    refused = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject"}
    policy = {"Version": "2012-10-17", "Statement": [refused | {"Resource": f"arn:aws:s3:::{bucket}/inbox/left"}]}
    relay.objects.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    told = formation.ask("Delete", CONTENTS)
    relay.objects.delete_bucket_policy(Bucket=bucket)
    assert told["Status"] == "FAILED"
    assert "AccessDenied for 1 of" in told["Reason"]
    assert "inbox" not in told["Reason"]
    assert relay.inbox() == {"left"}
    assert_emptied(formation)


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.LOST], ids=lambda kind: kind.name.lower())
def test_trouble_that_passes_leaves_nothing_in_the_bucket(relay: Relay, formation: CloudFormation, kind: Kind) -> None:
    relay.store("left", b"mail")
    with relay.front.faults.cause(Fault("setup", "ListObjectVersions", kind, times=1)):
        assert_emptied(formation)


def assert_emptied(formation: CloudFormation) -> None:
    assert formation.ask("Delete", CONTENTS)["Status"] == "SUCCESS"
    assert left(formation.relay, formation.stack.bucket) == 0


def test_setup_may_empty_no_other_bucket(relay: Relay) -> None:
    (role,) = (role for role in relay.front.roles.values() if role.function == "setup")
    relay.objects.create_bucket(Bucket="not-the-relays")
    with pytest.raises(ClientError, match="AccessDenied"):
        role.credentials.client("s3", relay.moto.endpoint).list_object_versions(Bucket="not-the-relays")
    relay.objects.delete_bucket(Bucket="not-the-relays")
