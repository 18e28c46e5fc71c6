"""Refusals in the words of each service, so that an SDK takes them for what they mean."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A complete answer to an HTTP request."""

    status: int
    body: bytes
    headers: dict[str, str]


def xml(status: int, code: str) -> Answer:
    """S3's form: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{code}</Message><RequestId>0</RequestId><HostId>0</HostId></Error>"
    )
    return Answer(status, body.encode(), {"Content-Type": "application/xml"})


def from_json(status: int, kind: str) -> Answer:
    """The form of the JSON services; DynamoDB names the error in the body, Scheduler above it."""
    body = json.dumps({"__type": f"com.amazon.coral.service#{kind}", "message": kind})
    return Answer(
        status,
        body.encode(),
        {"Content-Type": "application/x-amz-json-1.0", "X-Amzn-ErrorType": kind},
    )


def from_query(status: int, code: str) -> Answer:
    """SES's form: https://docs.aws.amazon.com/ses/latest/DeveloperGuide/query-interface-responses.html"""
    body = (
        '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{code}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def denied(service: str) -> Answer:
    """The caller lacks a right."""
    if service == "ses":
        return from_query(403, "AccessDenied")
    if service == "s3":
        return xml(403, "AccessDenied")
    return from_json(400 if service == "dynamodb" else 403, "AccessDeniedException")


def too_busy(service: str) -> Answer:
    """The caller should come again later."""
    if service == "ses":
        return from_query(400, "Throttling")
    if service == "s3":
        return xml(503, "SlowDown")
    return from_json(400 if service == "dynamodb" else 429, "ThrottlingException")


def not_understood(reason: str) -> Answer:
    """The front knows no such request; the suite fails over it in the end."""
    return Answer(501, reason.encode(), {"Content-Type": "text/plain"})
