"""What a program asks of AWS, parsed from the HTTP request that its SDK sends.

A request that no function of the relay sends is an error, so that none is permitted by accident.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

from moto_server import ACCOUNT, REGION
from permissions import Permission


@dataclass(frozen=True)
class ApiCall:
    """One request to AWS: who makes it, its operation, and every permission that it needs."""

    access_key: str
    service: str
    operation: str
    needs: tuple[Permission, ...]
    key: str = ""  # of the DynamoDB item or of the S3 object


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> ApiCall:
    """The call behind a request that is signed in its Authorization header. Raises `ValueError` if it is unknown."""
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
    raise ValueError(f"no function calls the service {service}")


def dynamodb(access_key: str, target: str, body: dict) -> ApiCall:
    operation = target.rpartition(".")[2]
    # In these operations an expression cannot name any other key.
    if operation not in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan"):
        raise ValueError(f"unknown operation {target}")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{body['TableName']}"
    item = body.get("Key") or body.get("Item")
    if not item:
        return ApiCall(access_key, "dynamodb", operation, (Permission(f"dynamodb:{operation}", table),))
    key = item["pk"]["S"]
    needed = Permission(f"dynamodb:{operation}", table, {"dynamodb:LeadingKeys": (key,)})
    return ApiCall(access_key, "dynamodb", operation, (needed,), key)


# HEAD needs the permission to get: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
OBJECT_OPERATIONS = {
    "GET": ("GetObject", "s3:GetObject"),
    "HEAD": ("HeadObject", "s3:GetObject"),
    "PUT": ("PutObject", "s3:PutObject"),
    "DELETE": ("DeleteObject", "s3:DeleteObject"),
}


def s3(access_key: str, method: str, target: str, body: bytes) -> ApiCall:
    url = urlsplit(target)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    # The SDKs name the operation in the query (`x-id=GetObject`). Other parameters change its meaning.
    parameters = set(parse_qs(url.query, keep_blank_values=True)) - {"x-id"}
    if not key and (method, parameters) == ("GET", {"versions"}):
        needed = Permission("s3:ListBucketVersions", f"arn:aws:s3:::{bucket}")
        return ApiCall(access_key, "s3", "ListObjectVersions", (needed,))
    if not key and (method, parameters) == ("POST", {"delete"}):
        return ApiCall(access_key, "s3", "DeleteObjects", tuple(deletions(bucket, body)))
    if not key or parameters:
        raise ValueError(f"not a plain request for an object: {method} {target}")
    operation, action = OBJECT_OPERATIONS[method]
    return ApiCall(access_key, "s3", operation, (Permission(action, f"arn:aws:s3:::{bucket}/{key}"),), key)


def deletions(bucket: str, body: bytes) -> Iterator[Permission]:
    """The permissions to delete several objects. A version needs one more.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html, Permissions
    """
    for named in ElementTree.fromstring(body).iterfind("{*}Object"):
        arn = f"arn:aws:s3:::{bucket}/{named.findtext('{*}Key')}"
        yield Permission("s3:DeleteObject", arn)
        if named.findtext("{*}VersionId"):
            yield Permission("s3:DeleteObjectVersion", arn)


SES_OPERATIONS = (
    *("DescribeActiveReceiptRuleSet", "SetActiveReceiptRuleSet"),
    *("DescribeReceiptRule", "UpdateReceiptRule"),
)


def ses(access_key: str, body: bytes) -> ApiCall:
    (operation,) = parse_qs(body.decode())["Action"]
    # No resource can be named: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html
    if operation not in SES_OPERATIONS:
        raise ValueError(f"unknown operation of SES: {operation}")
    return ApiCall(access_key, "ses", operation, (Permission(f"ses:{operation}", "*"),))


SCHEDULER_OPERATIONS = {"POST": "CreateSchedule", "PUT": "UpdateSchedule"}


def scheduler(access_key: str, method: str, target: str, body: dict) -> ApiCall:
    path = re.fullmatch(r"/schedules/([\w.-]+)", urlsplit(target).path)
    if method not in SCHEDULER_OPERATIONS or not path:
        raise ValueError(f"unknown operation of Scheduler: {method} {target}")
    operation = SCHEDULER_OPERATIONS[method]
    schedule = f"{body.get('GroupName', 'default')}/{path[1]}"
    write = Permission(f"scheduler:{operation}", f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{schedule}")
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_service-with-iam.html
    pass_role = Permission(
        "iam:PassRole",
        body["Target"]["RoleArn"],
        {"iam:PassedToService": ("scheduler.amazonaws.com",)},
    )
    return ApiCall(access_key, "scheduler", operation, (write, pass_role), schedule)
