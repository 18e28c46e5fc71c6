"""The store conformance suite of functions/tests/conformance.rs, run against DynamoDB and S3 as moto emulates them.

The suite itself is service/src/conformance, which the memory and the SQLite store pass in their own crates. These
stores need an endpoint, which they get in their environment.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import moto_server
from function_process import PROJECT, environment_with_tools
from moto_server import REGION, UNCHECKED, Moto
from stack_template import Stack


@pytest.fixture
def moto_log(tmp_path: Path) -> Path:
    return tmp_path / "moto.log"


@pytest.fixture
def moto(moto_log: Path) -> Iterator[Moto]:
    """A moto of its own: the suite may write what no function writes, and IAM is not its subject."""
    with moto_server.serve(moto_log) as moto:
        yield moto


def test_table_and_bucket_are_stores_as_the_jobs_expect_them(stack: Stack, moto: Moto, moto_log: Path) -> None:
    stack.create_table(moto)
    stack.create_bucket(moto)
    before = requests_in(moto_log)
    environment = {
        "AWS_ENDPOINT_URL": moto.endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": UNCHECKED.access_key,
        "AWS_SECRET_ACCESS_KEY": UNCHECKED.secret,
        "TABLE": stack.table,
        "BUCKET": stack.bucket,
    }
    features = ["--features", "conformance"]
    done = subprocess.run(
        ["cargo", "nextest", "run", "--locked", "--package", "functions", *features, "--test", "conformance"],
        cwd=PROJECT,
        env=environment_with_tools() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    # Without the environment the suite would have nothing to ask.
    assert requests_in(moto_log) > before, done.stdout


def requests_in(moto_log: Path) -> int:
    return moto_log.read_text().count('"POST / HTTP/1.1"')
