"""Every block of README.md and docs/, and every example of a help text, runs as it stands."""

from pathlib import Path

import pytest
from blocks import Block, all_blocks, examples, fenced
from runs import PROGRAM
from shell import Shell
from table import NOT_CODE, TABLE, row_of

BLOCKS = [block for block in all_blocks() if block.language not in NOT_CODE]


def run(block: Block, folder: Path, request: pytest.FixtureRequest) -> None:
    row = row_of(block)
    programs = [request.getfixturevalue("program") if name == PROGRAM else name for name in row.programs]
    row.run(block, Shell(folder, programs, row.instead), request)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_runs_as_it_stands(block, tmp_path, request):
    run(block, tmp_path, request)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mfa-relay enrol add me@gmail.com", "no row for this block"),
        ("mfa-relay enroll list --jsn", "unexpected argument '--jsn'"),
        ("mfa-relay inspect code.eml\ncurl example.com", "curl: command not found"),
        ("./deploy us-east-1 mfa-relay arlo@mfa.example.com", "no row for this block"),
        ("./deploy.sh --chek us-east-1 mfa-relay", "did you mean --check"),
        ("cargo lambda build --package functoins --release", "functoins"),
        ("tests/run --quick", "exit code 1"),
    ],
)
def test_a_misspelt_command_and_a_program_without_a_row_fail(text, reason, tmp_path, request):
    with pytest.raises((AssertionError, LookupError), match=reason):
        run(Block("README.md", 1, "sh", f"{text}\n"), tmp_path, request)


def test_every_row_is_used():
    used = {row_of(block).begins for block in BLOCKS}
    assert [row.begins for row in TABLE if row.begins not in used] == []


def test_a_row_that_runs_something_else_says_why():
    moved = {row.begins for row in TABLE if row.instead and not row.why}
    assert moved == {"cargo run -- demo"}, "it runs as it stands, in the project's folder"


def test_blocks_are_found_in_lists_and_with_any_fence():
    text = "1. Do this:\n\n   ```sh\n   one\n   ```\n\n~~~python\ntwo\n~~~\n\n    three\n"
    found = [(block.language, block.text, block.line) for block in fenced(text, "a.md")]
    assert found == [("sh", "one\n", 3), ("python", "two\n", 7)]


def test_examples_are_found_with_the_variables_that_they_set():
    text = "Usage: a\n\nExamples:\n  export X=1\n  a --b\n  a --c\n\nOptions:\n  -d\n"
    found = [(block.text, block.line) for block in examples(text, "a.txt")]
    assert found == [("export X=1\na --b\n", 5), ("a --c\n", 6)]
