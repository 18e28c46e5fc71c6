"""The tools that a deployment needs: installed at their pinned versions if they are missing, Rust excepted."""

import re

import pytest
from accounts import ARGUMENTS, NEW
from fakes import PROJECT, TOOLS, write_fake


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
    run = deploy(*ARGUMENTS, answers=NEW | {"pip install": ""}, tools=["cargo", "aws"])
    packages = installed(run)
    assert [package.split("==")[0] for package in packages] == ["cargo-lambda", "ziglang", "aws-sam-cli"]
    assert set(packages) <= set((PROJECT / "deploy" / "requirements.txt").read_text().split())


@pytest.mark.usefixtures("pip")
def test_zig_alone_is_installed_if_it_alone_is_missing(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | {"pip install": ""}, tools=[tool for tool in TOOLS if tool != "zig"])
    assert [package.split("==")[0] for package in installed(run)] == ["ziglang"]


@pytest.mark.usefixtures("pip")
def test_a_deletion_needs_aws_only(deploy):
    run = deploy("--delete", *ARGUMENTS[:2], answers=NEW | {"pip install": "installed"}, tools=["cargo"])
    assert [package.split("==")[0] for package in installed(run)] == ["awscli"]
    assert run.code == 1
    assert run.stderr.startswith("aws cannot be started. Install AWS CLI version 2")


def test_rust_is_left_to_the_owner(deploy):
    run = deploy(*ARGUMENTS, answers=NEW, tools=[tool for tool in TOOLS if tool != "cargo"])
    assert "https://rustup.rs" in run.stderr
    assert (run.code, run.calls) == (2, [])


def test_a_dry_run_names_the_missing_tools_and_installs_none(deploy):
    run = deploy(*ARGUMENTS, "--dry-run", answers=NEW, tools=["cargo"])
    assert re.search(r"cargo-lambda==\S+ ziglang==\S+ aws-sam-cli==\S+ awscli==", run.stdout)
    assert (run.code, run.calls) == (0, [])
