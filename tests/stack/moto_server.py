"""AWS on this machine: a moto server, and the owner who may do everything in it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

import programs

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True)
class Credentials:
    """What a caller signs with; roles have a session token, users have none."""

    access_key: str
    secret: str
    session_token: str | None = None

    def client(self, service: str, endpoint: str):
        """A boto3 client that acts with these credentials."""
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret,
            aws_session_token=self.session_token,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )


# moto asks nobody for credentials until enforcement begins.
ANYBODY = Credentials("AKIAIOSFODNN7EXAMPLE", "nothing")


class Moto:
    """A running moto server."""

    def __init__(self, port: int):
        self.port = port
        self.endpoint = f"http://{programs.LOOPBACK}:{port}"

    def owner(self) -> Credentials:
        """The owner of the account: a user with every right."""
        iam = ANYBODY.client("iam", self.endpoint)
        iam.create_user(UserName="owner")
        everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
        iam.put_user_policy(UserName="owner", PolicyName="everything", PolicyDocument=everything)
        key = iam.create_access_key(UserName="owner")["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def enforce_iam(self) -> None:
        """From here on every call must be signed by somebody who may make it."""
        self.let_through("0")

    def let_through(self, calls: str) -> None:
        """How many calls pass from here on before moto asks who makes them."""
        plain = {"Content-Type": "text/plain"}
        urlopen(Request(f"{self.endpoint}/moto-api/reset-auth", calls.encode(), plain)).close()

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """For the owner's calls whose signature moto gets wrong: GET with a query, outside S3."""
        self.let_through("inf")
        try:
            yield
        finally:
            self.enforce_iam()


@contextmanager
def serve(log: Path) -> Iterator[Moto]:
    """Runs moto on a port of its own."""
    port = programs.free_port()
    command = [sys.executable, "-m", "moto.server", "-H", programs.LOOPBACK, "-p", str(port)]
    with programs.running(command, log) as server:
        programs.wait_for_port(port, server, log)
        yield Moto(port)
