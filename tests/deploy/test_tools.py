"""The tools that `--build` needs are installed at their pinned versions if they are missing, Rust excepted."""

import pytest
from accounts import ARGUMENTS, NEW
from fakes import COMPILER, PROJECT, TOOLS, write_fake

BUILD = (*ARGUMENTS, "--build")
ALL = [*TOOLS, *COMPILER]


@pytest.fixture
def pip(tmp_path):
    """A virtual environment for tools that exists already, with a fake pip."""
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    write_fake(tmp_path / "tools" / "bin" / "pip")


def installed(run) -> list[str]:
    [call] = run.calls_of("pip", "install")
    return [word for word in call if "==" in word]


@pytest.mark.usefixtures("pip")
def test_missing_tools_are_installed_at_their_pins(deploy):
    run = deploy(*BUILD, answers=NEW | {"pip install": ""}, tools=["cargo", "aws"])
    packages = installed(run)
    assert [package.split("==")[0] for package in packages] == ["cargo-lambda", "ziglang"]
    assert set(packages) <= set((PROJECT / "deploy" / "requirements.txt").read_text().split())


@pytest.mark.usefixtures("pip")
def test_zig_alone_is_installed_if_it_alone_is_missing(deploy):
    run = deploy(*BUILD, answers=NEW | {"pip install": ""}, tools=[tool for tool in ALL if tool != "zig"])
    assert [package.split("==")[0] for package in installed(run)] == ["ziglang"]


@pytest.mark.parametrize("action", [ARGUMENTS, ("--check", *ARGUMENTS[:2]), ("--delete", *ARGUMENTS[:2])])
def test_without_the_aws_cli_it_says_where_it_is_and_installs_nothing(deploy, action):
    run = deploy(*action, answers=NEW, tools=[])
    assert "aws cannot be started. Install AWS CLI version 2" in run.stderr
    assert "or use AWS CloudShell, which has it" in run.stderr
    assert (run.code != 0, run.calls) == (True, [])


def test_rust_is_left_to_the_owner(deploy):
    run = deploy(*BUILD, answers=NEW, tools=[tool for tool in ALL if tool != "cargo"])
    assert "https://rustup.rs" in run.stderr
    assert (run.code, run.calls) == (2, [])


def test_a_dry_run_names_the_missing_tools_and_installs_none(deploy):
    run = deploy(*BUILD, "--dry-run", answers=NEW, tools=["cargo"])
    assert "cargo-lambda==1.9.2 ziglang==0.17.1" in run.stdout
    assert (run.code, run.calls) == (0, [])


def test_no_output_waits_in_a_pager(deploy):
    # Version 2 of the AWS CLI shows its output in a pager, unless this variable is empty.
    def refuse_a_pager(fakes):
        (fakes.folder / "real").mkdir()
        (fakes.folder / "aws").rename(fakes.folder / "real" / "aws")
        (fakes.folder / "aws").write_text('#!/bin/bash\n[ -z "$AWS_PAGER" ] && exec "$FAKES/real/aws" "$@"\n')
        (fakes.folder / "aws").chmod(0o755)

    run = deploy(*ARGUMENTS, answers=NEW, change=refuse_a_pager, AWS_PAGER="less")
    assert run.code == 0, run.stderr
