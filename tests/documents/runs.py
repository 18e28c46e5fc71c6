"""What runs around a block and what must come of it, for each kind of block in the table."""

from __future__ import annotations

import imaplib
import json
import os
import re
import shlex
import ssl
import subprocess
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import accounts
import home_edge
import pytest
from background import Background
from blocks import PROJECT, Block
from fakes import Fakes
from home_edge import CODE, MAILBOX, HomeEdge, announced
from loopback import serving
from samtranslator.yaml_helper import yaml_parse
from shell import Shell

# Stands for the built program in the table.
PROGRAM = "mfa-relay"


def plainly(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    shell.run(block)


def demo(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    (shell.folder / "tests").symlink_to(PROJECT / "tests")
    assert '"status":"complete"' in shell.run(block).stdout


def install_and_serve(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    installed = shell.folder.parent / "installed"
    shell.environment["INSTALLED"] = str(installed)
    shell.environment["PATH"] += f"{os.pathsep}{installed / 'bin'}"
    serve(block, shell, request)


def serve(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    environment = shell.environment | {"MFA_RELAY_HTTP": "127.0.0.1:0"}
    with Background(shell.command(block), "stdout", cwd=shell.folder, env=environment) as relay:
        relay.wait_for("serving")
        url = f"http://{announced(relay.seen, 'http')}/prestage"
        with pytest.raises(HTTPError, match="401"):
            urlopen(Request(url, json.dumps({"email": MAILBOX}).encode()))


def bridge(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """The relay behind it is asked only when a client logs in."""
    with Background(shell.command(block), "stdout", cwd=shell.folder, env=shell.environment) as process:
        process.wait_for("serving")
        host, _, port = announced(process.seen, "imap").rpartition(":")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with imaplib.IMAP4_SSL(host, int(port), ssl_context=context) as client:
            assert client.noop()[0] == "OK"


def enroll(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    relay = owner_of(shell, request)
    printed = shell.run(block).stdout
    shown = relay.enroll("show", MAILBOX)
    assert shown["relay_address"] in printed
    assert "/prestage?token=mfar_" in printed


def manage(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    relay = owner_of(shell, request)
    relay.enroll("add", MAILBOX)
    if "token revoke" in block.text and "token add" not in block.text:
        relay.enroll("token", "add", MAILBOX, "--label", "recorder")
    shell.run(block)


def revoke_token(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    relay = owner_of(shell, request)
    relay.enroll("add", MAILBOX)
    words = shlex.split(block.text, comments=True)
    relay.enroll("token", "add", MAILBOX, "--label", words[words.index("--label") + 1])
    shell.run(block)


def owner_of(shell: Shell, request: pytest.FixtureRequest) -> HomeEdge:
    """A running relay, which the block's commands find."""
    relay = request.getfixturevalue("relay")
    shell.environment["HOME"] = relay.environment["HOME"]
    return relay


def log_in(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    relay = owner_of(shell, request)
    enrolment = relay.enroll("add", MAILBOX)
    environment = shell.environment | {"PRESTAGE_URL": enrolment["prestage_url"]}
    command = shell.command(block, 'printf "the code is %s\\n" "$code"')
    with Background(command, "stderr", cwd=shell.folder, env=environment) as login:
        login.wait_for("The login may now ask for its code.")
        relay.send_code(enrolment["relay_address"])
        assert login.wait() == 0
        assert login.other() == f"the code is {CODE}\n"


def inspect(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    inbox = shell.home / "Maildir" / "new"
    inbox.mkdir(parents=True)
    files = [shell.folder / name for name in ("code.eml", "mail.eml", "shown-original.eml")]
    for file in (*files, inbox / "1"):
        file.write_bytes(home_edge.code_mail().as_bytes())
    assert CODE in shell.run(block).stdout


def probe(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """`--test` talks to servers on the loopback: prestage and status over HTTP, and a mail server in place of SES's."""
    words = shlex.split(block.text)
    region, stack = words[words.index("--test") + 1 :][:2]
    folder = shell.folder.parent / "fakes"
    folder.mkdir()
    with serving(folder) as servers:
        answers = [accounts.ENROLLED | {"prestage_url": servers.prestage_url}, {"revoked": True}]
        fakes = Fakes(folder, accounts.healthy(region, stack) | {"aws lambda invoke": answers})
        shell.environment |= fakes.environment() | servers.environment
        assert "It works, from SES to the status URL" in shell.run(block).stdout


def deploy(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    words = shlex.split(block.text, comments=True)
    place = next(place for place, word in enumerate(words) if word in accounts.FACTS["regions"])
    region, stack = words[place : place + 2]
    verified = {"aws sesv2 get-email-identity": [None, {"VerifiedForSendingStatus": True}]}
    enrolled = {"aws lambda invoke": accounts.ENROLLED}
    answers = accounts.new(region, stack) | accounts.ZONE | verified | enrolled
    target = ["--region", region, "--stack-name", stack]
    expected = [] if "--dry-run" in words else ["aws", "cloudformation", "deploy", *target]
    if "--check" in words:
        answers = accounts.healthy(region, stack)
        expected = ["aws", "cloudformation", "describe-stacks", *target]
    elif "--show" in words:
        answers = accounts.healthy(region, stack) | {"aws lambda invoke": [accounts.SHOWN, accounts.ENROLLED]}
        expected = ["aws", "lambda", "invoke", "--region", region, "--function-name", f"{stack}-Enroll"]
    elif "--token-add" in words:
        answers = accounts.healthy(region, stack) | enrolled
        expected = ["aws", "lambda", "invoke", "--region", region, "--function-name", f"{stack}-Enroll"]
    elif "--delete" in words:
        answers = accounts.deletable(region, stack)
        expected = ["aws", "cloudformation", "delete-stack", *target]
    folder = shell.folder.parent / "fakes"
    folder.mkdir()
    fakes = Fakes(folder, answers)
    shell.environment |= fakes.environment() | {"CHECKOUT": str(fakes.checkout)}
    assert shell.run(block).stderr == ""
    assert not expected or any(call[: len(expected)] == expected for call in fakes.calls())


def clone(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """The release of this version, from where deploy.sh finds its files."""
    [repository] = re.findall(r'"MFA_RELAY_REPOSITORY", "(.+)"', (PROJECT / "deploy" / "release.py").read_text())
    tag = f"v{accounts.FACTS['version']}"
    shell.environment["EXPECTED"] = f"clone --branch {tag} --depth 1 https://github.com/{repository}"
    shell.run(block)


def deployer(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """Deploys deployer.yaml with parameters that it takes."""
    subject = "repo:me@123456/mfa-relay@456789"
    fakes_folder = shell.folder.parent / "fakes"
    fakes_folder.mkdir()
    fakes = Fakes(fakes_folder, {"gh api": subject, "aws cloudformation deploy": ""}, ["aws", "gh"])
    shell.environment |= fakes.environment()
    shell.run(block)
    [call] = [call for call in fakes.calls() if call[0] == "aws"]
    template = yaml_parse((PROJECT / call[call.index("--template-file") + 1]).read_text())
    given = dict(word.split("=", 1) for word in call[call.index("--parameter-overrides") + 1 :])
    assert given["GithubSubject"] == subject
    for name, value in given.items():
        assert re.fullmatch(template["Parameters"][name]["AllowedPattern"], value)


def parse(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """The block is valid shell. Other tests run it."""
    subprocess.run(["bash", "-n", "-c", block.text], check=True)


def python_client(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """The function of the block, with the URL of a running relay in place of the example's."""
    relay: HomeEdge = request.getfixturevalue("relay")
    enrolment = relay.enroll("add", MAILBOX)
    names: dict = {}
    exec(compile(block.text, str(block), "exec"), names)
    assert names["PRESTAGE"].endswith("/prestage?token=mfar_...")
    names["PRESTAGE"] = enrolment["prestage_url"]
    assert names["code"](MAILBOX, lambda: relay.send_code(enrolment["relay_address"])) == CODE


def status_documents(block: Block, shell: Shell, request: pytest.FixtureRequest) -> None:
    """Each line has the fields of a document that a running relay gives."""
    relay: HomeEdge = request.getfixturevalue("relay")
    enrolment = relay.enroll("add", MAILBOX)
    superseded, current = (prestage(enrolment["prestage_url"]) for _ in range(2))
    given = {"error": status(superseded), "pending": status(current)}
    relay.send_code(enrolment["relay_address"])
    given["complete"] = status(current)
    for line in block.text.splitlines():
        document = json.loads(line)
        assert document.keys() == given[document["status"]].keys()


def prestage(url: str) -> str:
    return urlopen(Request(url, json.dumps({"email": MAILBOX}).encode())).read().decode()


def status(url: str) -> dict:
    return json.loads(urlopen(url).read())
