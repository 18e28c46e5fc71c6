"""One run of deploy.sh with stand-ins for the programs that it calls: they note each call and answer from a table."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TOOLS = ("cargo", "cargo-lambda", "zig", "sam", "aws", "dig")
SYSTEM = ("bash", "dirname")
GOOD = ("eu-west-1", "mfa", "arlo@mfa.example.com")
RULE_ARN = "arn:aws:ses:eu-west-1:1:receipt-rule-set/mfa-RuleSet:receipt-rule/mfa"
MX = "mfa.example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com."

# Notes the call; answers by the longest start that the table knows. Where it knows none, or the answer is null, the
# thing is not there; REFUSED is any other failure.
# What comes in a list comes one after the other. For `aws lambda invoke` the answer goes into the named file.
REFUSED = "An error occurred (AccessDenied)"
STAND_IN = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
folder = Path(os.environ["STAND_INS"])
with open(folder / "calls", "a") as calls:
    print(json.dumps([name, *arguments]), file=calls)
table = json.loads((folder / "answers").read_text())
call = " ".join([name, *arguments])
known = max((start for start in table if call.startswith(start)), key=len, default=None)
answer = table.get(known)
if isinstance(answer, list):
    table[known] = answer[1:] or answer
    (folder / "answers").write_text(json.dumps(table))
    answer = answer[0]
if known is None or answer is None:
    sys.exit(f"An error occurred (NotFound): {{call}}")
if isinstance(answer, str) and answer.startswith("{REFUSED}"):
    sys.exit(answer)
if name == "aws" and arguments[:2] == ["lambda", "invoke"]:
    Path(arguments[8]).write_text(json.dumps(answer))
    answer = {{"StatusCode": 200}}
print(answer if isinstance(answer, str) else json.dumps(answer))
"""


def outputs(**more: str) -> dict[str, str]:
    return {
        "PrestageUrl": "https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage",
        "RelayAddress": "arlo@mfa.example.com",
        "MxRecord": MX,
        **{f"DkimRecord{n}": f"k{n}._domainkey.mfa.example.com. CNAME k{n}.dkim.amazonses.com." for n in (1, 2, 3)},
        "RuleSetName": "mfa-RuleSet",
        "EnrollFunctionName": "mfa-Enroll",
        "Bucket": "mfa-bucket",
        "DeadLetterQueue": "https://sqs.eu-west-1.amazonaws.com/1/mfa-DeadLetters",
    } | more


def described(tags: dict[str, str] | None = None, status: str = "CREATE_COMPLETE", **more: str) -> dict:
    """What CloudFormation tells of the stack."""
    told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs(**more).items()]
    tagged = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    return {"Stacks": [{"StackStatus": status, "Outputs": told, "Tags": tagged}]}


# An account in which nothing stands yet: what is not named here fails, as a thing that is not there does.
EMPTY = {
    "cargo lambda build": "",
    "sam deploy": "",
    "aws sts get-caller-identity": {"Account": "123456789012"},
    "aws ses describe-active-receipt-rule-set": "",
    "aws s3api create-bucket": {"Location": "/"},
}
# The stack is not there when it is looked for, and is there after its deployment.
NEW = EMPTY | {"aws cloudformation describe-stacks": [None, described()]}
ISSUED = {
    "relay_address": "arlo+k7f3@mfa.example.com",
    "prestage_url": "https://a1b2.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_secret",
    "token": "mfar_secret",
}


class Run:
    """What came of it: the exit code, what was printed, and the calls."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], answers: dict, tools=TOOLS, **environment: str):
        (folder / "answers").write_text(json.dumps(answers))
        (folder / "calls").touch()
        for name in SYSTEM:
            (folder / name).symlink_to(shutil.which(name))
        (folder / "python3").symlink_to(sys.executable)
        for tool in tools:
            place_stand_in(folder / tool)
        self.tools = folder / "tools"
        done = subprocess.run(
            [folder / "bash", PROJECT / "deploy.sh", *arguments],
            env={
                "PATH": str(folder),
                "STAND_INS": str(folder),
                "MFA_RELAY_TOOLS": str(self.tools),
                "MFA_RELAY_PATIENCE_SECONDS": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.code, self.told, self.complaints = done.returncode, done.stdout, done.stderr
        self.calls = [json.loads(line) for line in (folder / "calls").read_text().splitlines()]

    def did(self, *start: str) -> list[list[str]]:
        """The calls that begin so."""
        return [call for call in self.calls if call[: len(start)] == list(start)]

    def changed(self) -> list[str]:
        """The calls that change something: a program and its first words."""
        asking = ("describe-", "get-", "head-", "list-")
        return [" ".join(call[:3]) for call in self.calls if not any(word.startswith(asking) for word in call[1:4])]


def place_stand_in(path: Path) -> None:
    path.write_text(STAND_IN)
    os.chmod(path, 0o755)
