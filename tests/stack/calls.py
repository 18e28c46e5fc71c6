"""What a program asks of AWS, read from the HTTP request that its SDK makes.

Requests that no function of the relay makes are errors, so that nothing is judged by accident.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

from moto_server import ACCOUNT, REGION
from rights import Right


@dataclass(frozen=True)
class Call:
    """One request to AWS: who makes it, what it is called, and every right that it needs."""

    access_key: str
    service: str
    operation: str
    needs: tuple[Right, ...]
    record: str = ""  # the key of the DynamoDB item or of the S3 object


def read(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """The call behind a request that is signed in its Authorization header."""
    signed = re.search(r"Credential=(\w+)/\d+/[\w-]+/(\w+)/", headers.get("Authorization", ""))
    if not signed:
        raise ValueError(f"unsigned request: {method} {target}")
    access_key, service = signed.groups()
    match service:
        case "dynamodb":
            return dynamodb(access_key, headers["X-Amz-Target"], json.loads(body))
        case "s3":
            return s3(access_key, method, target, body)
        case "scheduler":
            return scheduler(access_key, method, target, json.loads(body or b"{}"))
        case "ses":
            return ses(access_key, body)
    raise ValueError(f"a service that the relay has no business with: {service}")


def dynamodb(access_key: str, target: str, body: dict) -> Call:
    operation = target.rpartition(".")[2]
    # An expression can name other keys only in operations that this module does not know.
    if operation not in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan"):
        raise ValueError(f"unknown operation {target}")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{body['TableName']}"
    item = body.get("Key") or body.get("Item")
    if not item:
        return Call(access_key, "dynamodb", operation, (Right(f"dynamodb:{operation}", table),))
    key = item["pk"]["S"]
    right = Right(f"dynamodb:{operation}", table, {"dynamodb:LeadingKeys": (key,)})
    return Call(access_key, "dynamodb", operation, (right,), key)


# HEAD needs the right to get: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
OBJECT_OPERATIONS = {
    "GET": ("GetObject", "s3:GetObject"),
    "HEAD": ("HeadObject", "s3:GetObject"),
    "PUT": ("PutObject", "s3:PutObject"),
    "DELETE": ("DeleteObject", "s3:DeleteObject"),
}


def s3(access_key: str, method: str, target: str, body: bytes) -> Call:
    url = urlsplit(target)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    # The SDKs name the operation in the query (`x-id=GetObject`); other fields change its meaning.
    asked = set(parse_qs(url.query, keep_blank_values=True)) - {"x-id"}
    if not key and (method, asked) == ("GET", {"versions"}):
        right = Right("s3:ListBucketVersions", f"arn:aws:s3:::{bucket}")
        return Call(access_key, "s3", "ListObjectVersions", (right,))
    if not key and (method, asked) == ("POST", {"delete"}):
        return Call(access_key, "s3", "DeleteObjects", tuple(deleted(bucket, body)))
    if not key or asked:
        raise ValueError(f"not a plain request for an object: {method} {target}")
    operation, action = OBJECT_OPERATIONS[method]
    right = Right(action, f"arn:aws:s3:::{bucket}/{key}")
    return Call(access_key, "s3", operation, (right,), key)


def deleted(bucket: str, body: bytes) -> Iterator[Right]:
    """The rights to delete several objects; a version needs one more.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html, Permissions
    """
    for named in ElementTree.fromstring(body).iterfind("{*}Object"):
        arn = f"arn:aws:s3:::{bucket}/{named.findtext('{*}Key')}"
        yield Right("s3:DeleteObject", arn)
        if named.findtext("{*}VersionId"):
            yield Right("s3:DeleteObjectVersion", arn)


def ses(access_key: str, body: bytes) -> Call:
    (operation,) = parse_qs(body.decode())["Action"]
    # No resource can be named: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html
    if operation not in ("DescribeActiveReceiptRuleSet", "SetActiveReceiptRuleSet"):
        raise ValueError(f"unknown operation of SES: {operation}")
    return Call(access_key, "ses", operation, (Right(f"ses:{operation}", "*"),))


def scheduler(access_key: str, method: str, target: str, body: dict) -> Call:
    path = re.fullmatch(r"/schedules/([\w.-]+)", urlsplit(target).path)
    if method != "POST" or not path:
        raise ValueError(f"unknown operation of the scheduler: {method} {target}")
    schedule = f"{body.get('GroupName', 'default')}/{path[1]}"
    create = Right("scheduler:CreateSchedule", f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{schedule}")
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_service-with-iam.html
    hand_over = Right(
        "iam:PassRole",
        body["Target"]["RoleArn"],
        {"iam:PassedToService": ("scheduler.amazonaws.com",)},
    )
    return Call(access_key, "scheduler", "CreateSchedule", (create, hand_over), schedule)
