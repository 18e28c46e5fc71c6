"""What lies in the artifact bucket: the functions' zips and the template, as the AWS CLI uploads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from deploy import aws, tools
from deploy.errors import DeployError

# The template in which the folders of the programs are replaced by what was uploaded.
PACKAGED = "target/packaged.yaml"
# `aws cloudformation` names what it uploads by its MD5.
UPLOADED = r"{prefix}/[0-9a-f]{{32}}(\.template)?"
# S3 deletes 1,000 objects a call. So many keys also fit into one argument of a command, 128 kB on Linux.
BATCH = 500


def package_command(region: str, name: str, bucket: str) -> list[str]:
    place = ["--region", region, "--s3-bucket", bucket, "--s3-prefix", name]
    files = ["--template-file", "template.yaml", "--output-template-file", PACKAGED]
    return ["aws", "cloudformation", "package", *place, *files]


def upload(command: list[str]) -> None:
    """Uploads the programs. The command also suggests another one, which is not to be run: so only its errors show."""
    Path(PACKAGED).parent.mkdir(exist_ok=True)
    tools.run(*command, quiet=True)


def sweep(region: str, name: str, bucket: str) -> None:
    """Deletes what earlier deployments of this stack have uploaded.

    Only after a deployment has succeeded: a rollback needs the zips of the deployment before it, of any age, which is
    why this is no lifecycle rule. A failure here is reported and ends nothing, because the stack is deployed.
    """
    template = Path(PACKAGED).read_text(encoding="utf-8")
    pattern = re.compile(UPLOADED.format(prefix=re.escape(name)))
    owner = ("--expected-bucket-owner", aws.account(region))
    try:
        listing = ("--bucket", bucket, "--prefix", f"{name}/", "--region", region, *owner)
        objects = (aws.find("s3api", "list-objects-v2", *listing) or {}).get("Contents", [])
        old = [found["Key"] for found in objects if pattern.fullmatch(found["Key"]) and found["Key"] not in template]
        for start in range(0, len(old), BATCH):
            keys = {"Objects": [{"Key": key} for key in old[start : start + BATCH]], "Quiet": True}
            target = ("--bucket", bucket, "--region", region, *owner, "--delete", json.dumps(keys))
            aws.call("s3api", "delete-objects", *target)
    except DeployError as error:
        print(f"The programs of earlier deployments stay in the bucket {bucket}: {error}")
