"""How each block of the documents is run: as it stands, except for what a row says is run in its place, and why.

A block belongs to the row with the longest text that it begins with. A block without a row fails its test, as does a
block that calls a program which its row does not name: a new kind of command needs a row that says how it is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import runs
from blocks import Block

# The command itself, in the project's folder and with the tools of the person who runs the tests.
OUTER = 'cd "$PROJECT" && env PATH="$OUTER_PATH" HOME="$OUTER_HOME"'
# Never all interfaces, never port 25: a free port of the loopback in its place.
LOOPBACK = 'command mfa-relay "${@/#0.0.0.0:*/127.0.0.1:0}"'
# The example's host and token in the URL are replaced by the running relay's.
EXAMPLE_URL = "https:\\/\\/*\\/prestage\\?token=mfar_*"
REAL_URL = f'MFA_RELAY_URL=${{MFA_RELAY_URL/#{EXAMPLE_URL}/$PRESTAGE_URL}} command mfa-relay "$@"'


@dataclass(frozen=True)
class Row:
    """Blocks of one kind."""

    begins: str
    run: Callable
    programs: tuple = ()
    instead: dict = field(default_factory=dict)
    why: str = ""
    language: str = "sh"


TABLE = [
    Row("cargo run -- demo", runs.demo, instead={"cargo": f'{OUTER} cargo "$@"'}),
    Row(
        "tests/run",
        runs.plainly,
        instead={"tests/run": '[ $# = 0 ] && bash -n "$PROJECT/tests/run"'},
        why="these tests are a part of it",
    ),
    Row(
        "cargo install",
        runs.install_and_serve,
        instead={"cargo": f'{OUTER} CARGO_INSTALL_ROOT="$INSTALLED" cargo "$@" --debug', "mfa-relay": LOOPBACK},
        why="a release build takes minutes, the owner's own folder of programs stays as it is, and tests listen on "
        "the loopback only",
    ),
    Row(
        "mfa-relay serve",
        runs.serve,
        programs=(runs.PROGRAM,),
        instead={"mfa-relay": LOOPBACK},
        why="tests listen on the loopback only",
    ),
    Row(
        "mfa-relay bridge",
        runs.bridge,
        programs=(runs.PROGRAM,),
        instead={"mfa-relay": LOOPBACK},
        why="tests listen on the loopback only",
    ),
    Row("mfa-relay enroll add", runs.enroll, programs=(runs.PROGRAM,)),
    Row("mfa-relay enroll", runs.manage, programs=(runs.PROGRAM,)),
    Row("mfa-relay enroll token revoke", runs.revoke_token, programs=(runs.PROGRAM,)),
    Row(
        "export MFA_RELAY_URL",
        runs.log_in,
        programs=(runs.PROGRAM,),
        instead={"mfa-relay": REAL_URL},
        why="the example's host does not exist, and its token is left out",
    ),
    Row("mfa-relay inspect", runs.inspect, programs=(runs.PROGRAM,)),
    Row("mfa-relay demo", runs.demo, programs=(runs.PROGRAM,)),
    Row(
        "./deploy.sh",
        runs.deploy,
        instead={"./deploy.sh": '"$CHECKOUT/deploy.sh" "$@"'},
        why="a deployment writes into its checkout; the programs that deploy.sh calls are the fakes of tests/deploy",
    ),
    Row(
        "./deploy.sh --test",
        runs.probe,
        instead={"./deploy.sh": '"$PROJECT/deploy.sh" "$@"'},
        why="the programs that deploy.sh calls are the fakes of tests/deploy, its servers are on the loopback",
    ),
    Row(
        "git clone",
        runs.clone,
        programs=("mkdir",),
        instead={"git": '[ "$*" = "$EXPECTED" ] && mkdir mfa-relay'},
        why="tests call nobody: the command names the release of this version and the repository that deploy.sh knows",
    ),
    Row("aws cloudformation deploy", runs.deployer),
    Row(
        "tests/serve",
        runs.plainly,
        instead={"tests/serve": 'bash -n "$PROJECT/tests/serve"'},
        why="it needs the release build: tests/rehearsal runs it",
    ),
    Row('. "$SETTINGS"', runs.parse, why="tests/rehearsal runs it, beside tests/serve"),
    Row(
        "cargo lambda build",
        runs.plainly,
        instead={
            "cargo": f'{OUTER} cargo "$@" --help > /dev/null && {OUTER} cargo pkgid --quiet --package "$4"',
            "python": f'{OUTER} python -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$@"',
        },
        why="a release build and the measurement of start-up take minutes: the options are parsed, the package and "
        "the scripts exist",
    ),
    Row("import requests, time", runs.python_client, language="python"),
    Row('{"status": ', runs.status_documents, language="json"),
]
# Drawings and output.
NOT_CODE = {"text"}


def row_of(block: Block) -> Row:
    rows = [row for row in TABLE if row.language == block.language and block.text.startswith(row.begins)]
    if not rows:
        raise LookupError(f"tests/documents/table.py has no row for this block:\n{block}")
    return max(rows, key=lambda row: len(row.begins))
