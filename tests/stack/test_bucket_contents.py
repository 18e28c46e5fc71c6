"""`setup` empties the stack's bucket when the stack is deleted, and no other bucket."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import processes
from fake_cloudformation import CloudFormation
from fault_injection import Kind, always
from moto_server import S3_PAGE_SIZE
from relay import Relay

CONTENTS = "BucketContents"


@contextmanager
def versioned(relay: Relay, bucket: str) -> Iterator[None]:
    """The bucket stores versions for the block."""

    def set_versioning(status: str) -> None:
        relay.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    set_versioning("Enabled")
    try:
        yield
    finally:
        set_versioning("Suspended")


def fill(relay: Relay, bucket: str, keys: list[str]) -> None:
    for key in keys:
        relay.s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def is_empty(relay: Relay, bucket: str) -> bool:
    found = relay.s3.list_object_versions(Bucket=bucket)
    return not found.get("Versions") and not found.get("DeleteMarkers")


def assert_emptied(cloudformation: CloudFormation) -> None:
    assert cloudformation.send("Delete", CONTENTS)["Status"] == "SUCCESS"
    assert is_empty(cloudformation.relay, cloudformation.stack.bucket)


def test_deleting_empties_every_page_of_this_bucket_and_no_other(relay: Relay, cloudformation: CloudFormation) -> None:
    ours, other = relay.stack.bucket, "somebody-elses"
    relay.s3.create_bucket(Bucket=other)
    fill(relay, other, ["inbox/theirs"])
    with versioned(relay, ours):
        numbers = range(S3_PAGE_SIZE * 2 + 1)
        fill(relay, ours, [f"inbox/{number}" for number in numbers])
        fill(relay, ours, ["inbox/AMAZON_SES_SETUP_NOTIFICATION", "inbox/0", "status/a b+c&<ü>"])
        markers = {"Objects": [{"Key": f"inbox/{number}"} for number in numbers[::2]]}
        relay.s3.delete_objects(Bucket=ours, Delete=markers)
        assert_emptied(cloudformation)
        assert_emptied(cloudformation)
    assert not is_empty(relay, other)
    relay.s3.delete_object(Bucket=other, Key="inbox/theirs")
    relay.s3.delete_bucket(Bucket=other)


def test_an_object_that_arrives_after_the_bucket_was_emptied_is_deleted_too(
    relay: Relay, cloudformation: CloudFormation
) -> None:
    fill(relay, relay.stack.bucket, ["inbox/early"])
    start = len(relay.proxy.record.calls)

    def looked() -> bool:
        """Whether `setup` has found the bucket empty once."""
        return relay.proxy.calls_since(start).count(("setup", "ListObjectVersions")) == 2

    with ThreadPoolExecutor(1) as pool:
        deletion = pool.submit(cloudformation.send, "Delete", CONTENTS)
        processes.wait_until(looked, "the bucket found empty")
        fill(relay, relay.stack.bucket, ["inbox/late"])
        assert deletion.result()["Status"] == "SUCCESS"
    assert is_empty(relay, relay.stack.bucket)


def test_the_bucket_keeps_its_objects_until_it_is_deleted(relay: Relay, cloudformation: CloudFormation) -> None:
    relay.ses.store("stored", b"mail")
    for request_type in ("Create", "Update"):
        assert cloudformation.send(request_type, CONTENTS)["Status"] == "SUCCESS"
    assert relay.ses.inbox() == {"stored"}
    assert_emptied(cloudformation)


def test_a_bucket_that_cannot_be_listed_is_a_failure_with_its_cause(
    relay: Relay, cloudformation: CloudFormation
) -> None:
    with relay.proxy.faults.inject(always("setup", "ListObjectVersions", Kind.RESPONSE_LOST)):
        response = cloudformation.send("Delete", CONTENTS)
    assert response["Status"] == "FAILED"
    assert "s3:ListObjectVersions failed: no connection" in response["Reason"]


def test_objects_that_cannot_be_deleted_are_counted_and_not_named(relay: Relay, cloudformation: CloudFormation) -> None:
    bucket = relay.stack.bucket
    fill(relay, bucket, ["inbox/protected", "inbox/deleted"])
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject"}
    policy = {"Version": "2012-10-17", "Statement": [deny | {"Resource": f"arn:aws:s3:::{bucket}/inbox/protected"}]}
    relay.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    response = cloudformation.send("Delete", CONTENTS)
    relay.s3.delete_bucket_policy(Bucket=bucket)
    assert response["Status"] == "FAILED"
    assert "AccessDenied for 1 of" in response["Reason"]
    assert "inbox" not in response["Reason"]
    assert relay.ses.inbox() == {"protected"}
    assert_emptied(cloudformation)
