"""AWS on this machine: a moto server, and the account's owner, who may do everything in it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

import processes

ACCOUNT = "123456789012"
REGION = "us-east-1"

# S3 lists 1,000 keys a page. A small page lets a few objects prove that every page is read.
S3_PAGE_SIZE = 20


@dataclass(frozen=True)
class Credentials:
    """What a caller signs with. Credentials of a role have a session token, those of a user have none."""

    access_key: str
    secret: str
    session_token: str | None = None

    def client(self, service: str, endpoint: str):
        """A boto3 client that signs with these credentials and makes one attempt at each call."""
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret,
            aws_session_token=self.session_token,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )


# moto checks no credentials until IAM is enforced.
UNCHECKED = Credentials("AKIAIOSFODNN7EXAMPLE", "unchecked")


class Moto:
    """A running moto server."""

    def __init__(self, port: int):
        self.port = port
        self.endpoint = f"http://{processes.LOOPBACK}:{port}"

    def create_owner(self) -> Credentials:
        """Creates a user with every permission."""
        iam = UNCHECKED.client("iam", self.endpoint)
        iam.create_user(UserName="owner")
        everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
        iam.put_user_policy(UserName="owner", PolicyName="everything", PolicyDocument=everything)
        key = iam.create_access_key(UserName="owner")["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def enforce_iam(self) -> None:
        """From now on every call must be signed, and its signer permitted to make it."""
        self.skip_iam_for("0")

    def skip_iam_for(self, calls: str) -> None:
        """How many calls pass from now on before IAM is enforced."""
        plain = {"Content-Type": "text/plain"}
        urlopen(Request(f"{self.endpoint}/moto-api/reset-auth", calls.encode(), plain)).close()

    @contextmanager
    def without_iam(self) -> Iterator[None]:
        """For the owner's calls whose signature moto computes wrongly: GET with a query, outside S3."""
        self.skip_iam_for("inf")
        try:
            yield
        finally:
            self.enforce_iam()


@contextmanager
def serve(log: Path) -> Iterator[Moto]:
    """Runs moto on a port of its own."""
    port = processes.free_port()
    command = [sys.executable, "-m", "moto.server", "-H", processes.LOOPBACK, "-p", str(port)]
    environment = os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": str(S3_PAGE_SIZE)}
    with processes.running(command, log, environment) as server:
        processes.wait_for_port(port, server, log)
        yield Moto(port)
