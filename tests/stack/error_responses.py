"""AWS's error responses in the wire format of each service, so that an SDK takes them for what they mean."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class HttpResponse:
    """A whole HTTP response."""

    status: int
    body: bytes
    headers: dict[str, str]


def s3_error(status: int, code: str) -> HttpResponse:
    """S3's XML: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{code}</Message><RequestId>0</RequestId><HostId>0</HostId></Error>"
    )
    return HttpResponse(status, body.encode(), {"Content-Type": "application/xml"})


def json_error(status: int, kind: str) -> HttpResponse:
    """The JSON protocols: DynamoDB names the error in the body, Scheduler in a header."""
    body = json.dumps({"__type": f"com.amazon.coral.service#{kind}", "message": kind})
    return HttpResponse(
        status,
        body.encode(),
        {"Content-Type": "application/x-amz-json-1.0", "X-Amzn-ErrorType": kind},
    )


def query_error(status: int, code: str) -> HttpResponse:
    """SES v1's XML: https://docs.aws.amazon.com/ses/latest/DeveloperGuide/query-interface-responses.html"""
    body = (
        '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{code}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return HttpResponse(status, body.encode(), {"Content-Type": "text/xml"})


def access_denied(service: str) -> HttpResponse:
    """The caller lacks a permission."""
    if service == "ses":
        return query_error(403, "AccessDenied")
    if service == "s3":
        return s3_error(403, "AccessDenied")
    return json_error(400 if service == "dynamodb" else 403, "AccessDeniedException")


def throttled(service: str) -> HttpResponse:
    """The caller calls too often."""
    if service == "ses":
        return query_error(400, "Throttling")
    if service == "s3":
        return s3_error(503, "SlowDown")
    return json_error(400 if service == "dynamodb" else 429, "ThrottlingException")


def not_implemented(reason: str) -> HttpResponse:
    """The proxy does not know the request. The suite fails over it in test_permissions.py."""
    return HttpResponse(501, reason.encode(), {"Content-Type": "text/plain"})
