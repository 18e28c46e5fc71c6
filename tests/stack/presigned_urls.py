"""Presigned URLs verified as S3 does, with botocore's SigV4: an implementation independent of the relay's.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import botocore.auth
import botocore.credentials
from botocore.awsrequest import AWSRequest

from moto_server import Credentials


class Rejected(Exception):
    """S3 does not accept the URL. Its text is the code of S3's error."""


def parameters(url: str) -> dict[str, str]:
    """The X-Amz-… query parameters of a presigned URL."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def validity(url: str) -> tuple[datetime, timedelta]:
    """When the URL was signed, and for how long it is valid."""
    given = parameters(url)
    signed_at = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed_at, timedelta(seconds=int(given["X-Amz-Expires"]))


def signature(method: str, url: str, signer: Credentials) -> str:
    """The signature that the URL should carry, over its host and no other header."""
    given = parameters(url)
    _, _, region, service, _ = given["X-Amz-Credential"].split("/")
    auth = botocore.auth.S3SigV4QueryAuth(
        botocore.credentials.Credentials(signer.access_key, signer.secret, signer.session_token),
        service,
        region,
        expires=int(given["X-Amz-Expires"]),
    )
    parts = urlsplit(url)
    unsigned = {name: text for name, text in given.items() if name != "X-Amz-Signature"}
    request = AWSRequest(
        method=method,
        url=parts._replace(query=urlencode(unsigned, quote_via=quote, safe="")).geturl(),
        headers={"host": parts.netloc},
    )
    request.context["timestamp"] = given["X-Amz-Date"]
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


def verify(method: str, url: str, signer: Credentials | None, now: datetime) -> None:
    """Raises `Rejected` unless S3 would accept the URL."""
    given = parameters(url)
    if signer is None:
        raise Rejected("InvalidAccessKeyId")
    if given.get("X-Amz-Security-Token") != signer.session_token:
        raise Rejected("InvalidToken")
    if given.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        raise Rejected("AuthorizationQueryParametersError")
    # A client sends no header of its own, so the signature may cover no other.
    if given.get("X-Amz-SignedHeaders") != "host":
        raise Rejected("AccessDenied")
    if given["X-Amz-Signature"] != signature(method, url, signer):
        raise Rejected("SignatureDoesNotMatch")
    signed_at, lasts = validity(url)
    if not signed_at <= now < signed_at + lasts:
        raise Rejected("AccessDenied")
