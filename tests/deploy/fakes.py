"""Runs deploy.sh in a checkout of its own, with fake programs in place of aws, cargo and the others that it calls."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from released import release_of

PROJECT = Path(__file__).parents[2]
# What a deployment of the release needs, and a lookup in the DNS.
TOOLS = ("aws", "dig")
COMPILER = ("cargo", "cargo-lambda", "zig")
# The Python that runs deploy.sh.
PYTHON = os.environ.get("DEPLOY_PYTHON", sys.executable)
SYSTEM = ("bash", "dirname")

# A fake records the call, and answers with the entry of the table whose key is the longest prefix of the call. Without
# an entry, or if it is null, the thing does not exist; DENIED is any other failure. A list holds the answers of
# successive calls. The answers of `aws lambda invoke` and `aws cloudformation package` go into the file that is named,
# and the event is recorded. What `aws s3api put-object` stores is in the file `stored`.
DENIED = "An error occurred (AccessDenied)"
FAKE = f"""#!{sys.executable} -IS
import json, os, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
folder = os.getcwd()
os.chdir(os.environ["FAKES"])
with open("calls", "a") as calls:
    print(json.dumps([name, *arguments]), file=calls)
with open("pagers", "a") as pagers:
    print(json.dumps(os.environ.get("AWS_PAGER")), file=pagers)
with open("answers") as file:
    table = json.load(file)
call = " ".join([name, *arguments])
key = max((prefix for prefix in table if call.startswith(prefix)), key=len, default=None)
answer = table.get(key)
if isinstance(answer, list):
    table[key] = answer[1:] or answer
    with open("answers", "w") as file:
        json.dump(table, file)
    answer = answer[0]
if key is None or answer is None:
    sys.exit(f"An error occurred (NotFound): {{call}}")
if isinstance(answer, str) and answer.startswith("{DENIED}"):
    sys.exit(answer)
if name == "aws" and arguments[:2] == ["lambda", "invoke"]:
    with open(arguments[7][len("fileb://"):]) as event, open("payloads", "a") as payloads:
        print(event.read(), file=payloads)
    with open(arguments[8], "w") as file:
        json.dump(answer, file)
    answer = {{"StatusCode": 200}}
if name == "aws" and arguments[:2] == ["s3api", "put-object"]:
    with open(arguments[arguments.index("--body") + 1], "rb") as body, open("stored", "wb") as stored:
        stored.write(body.read())
if name == "aws" and arguments[:2] == ["cloudformation", "package"]:
    output = arguments[arguments.index("--output-template-file") + 1]
    with open(os.path.join(folder, output), "w") as file:
        file.write(answer)
    answer = "Successfully packaged artifacts"
print(answer if isinstance(answer, str) else json.dumps(answer))
"""


class Fakes:
    """A folder with the fake programs and nothing else on the path, and the checkout of a release.

    A deployment writes into its checkout, and what the functions are compiled from is a single file here.
    """

    def __init__(self, folder: Path, answers: dict, tools=TOOLS):
        self.folder = folder
        self.tools = folder / "tools"
        (folder / "answers").write_text(json.dumps(answers))
        (folder / "calls").touch()
        (folder / "payloads").touch()
        (folder / "pagers").touch()
        for name in SYSTEM:
            (folder / name).symlink_to(shutil.which(name))
        (folder / "python3").symlink_to(PYTHON)
        for tool in tools:
            write_fake(folder / tool)
        self.checkout = folder / "checkout"
        shutil.copytree(PROJECT / "deploy", self.checkout / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PROJECT / "deploy.sh", self.checkout)
        self.releases = folder / "releases"
        release_of(self.checkout, self.releases)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.folder),
            "FAKES": str(self.folder),
            "MFA_RELAY_TOOLS": str(self.tools),
            "MFA_RELAY_RELEASES": self.releases.as_uri(),
            "MFA_RELAY_PATIENCE_SECONDS": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def calls(self) -> list[list[str]]:
        return self.recorded("calls")

    def recorded(self, name: str) -> list:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


class Run:
    """A run of a command that has ended: its exit code, its output, and its calls of the fakes."""

    def __init__(self, fakes: Fakes, command: list, cwd: Path, **environment: str):
        done = subprocess.run(
            [fakes.folder / "bash", *command],
            env=fakes.environment() | environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )
        self.code, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
        self.calls, self.payloads = fakes.calls(), fakes.recorded("payloads")
        # The value of AWS_PAGER in each call.
        self.pagers = fakes.recorded("pagers")

    def calls_of(self, *start: str) -> list[list[str]]:
        """The calls that begin with these words."""
        return [call for call in self.calls if call[: len(start)] == list(start)]

    def changes(self) -> list[str]:
        """The calls that change something: a program and its first words."""
        reading = ("describe-", "get-", "head-", "list-", "--version")
        return [" ".join(call[:3]) for call in self.calls if not any(word.startswith(reading) for word in call[1:4])]


def write_fake(path: Path) -> None:
    path.write_text(FAKE)
    os.chmod(path, 0o755)
