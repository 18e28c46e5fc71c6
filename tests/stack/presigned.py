"""Presigned URLs judged as S3 judges them, with botocore's SigV4: an implementation of another hand.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import botocore.auth
import botocore.credentials
from botocore.awsrequest import AWSRequest

from moto_server import Credentials


class Refused(Exception):
    """S3's answer to a URL that it does not honour: the code of its error."""


def fields(url: str) -> dict[str, str]:
    """The X-Amz-… fields of a presigned URL."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def life(url: str) -> tuple[datetime, timedelta]:
    """When the URL was signed, and how long it says to be good for."""
    given = fields(url)
    signed_at = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed_at, timedelta(seconds=int(given["X-Amz-Expires"]))


def signature(method: str, url: str, signer: Credentials) -> str:
    """The signature that the URL should carry, over its host and nothing else of the headers."""
    given = fields(url)
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


def judge(method: str, url: str, signer: Credentials | None, now: datetime) -> None:
    """Raises `Refused` unless S3 would honour the URL."""
    given = fields(url)
    if signer is None:
        raise Refused("InvalidAccessKeyId")
    if given.get("X-Amz-Security-Token") != signer.session_token:
        raise Refused("InvalidToken")
    if given.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        raise Refused("AuthorizationQueryParametersError")
    # A client sends no header of its own, so nothing else could be in the signature.
    if given.get("X-Amz-SignedHeaders") != "host":
        raise Refused("AccessDenied")
    if given["X-Amz-Signature"] != signature(method, url, signer):
        raise Refused("SignatureDoesNotMatch")
    signed_at, lasts = life(url)
    if not signed_at <= now < signed_at + lasts:
        raise Refused("AccessDenied")
