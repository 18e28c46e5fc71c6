"""deploy.sh runs on the Python of AWS CloudShell: 3.9, as Amazon Linux 2023 has it, with its standard library alone.

https://docs.aws.amazon.com/linux/al2023/ug/python.html
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from accounts import ARGUMENTS, NEW
from fakes import PROJECT

OLDEST = "3.9"
FILES = sorted((PROJECT / "deploy").glob("*.py"))


def vermin(*paths: Path) -> subprocess.CompletedProcess:
    """Looks for syntax and parts of the standard library that this version does not have."""
    command = [Path(sys.executable).with_name("vermin"), f"--target={OLDEST}-", "--no-tips", "--violations", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_nothing_in_deploy_is_newer_than_the_python_of_cloudshell():
    found = vermin(PROJECT / "deploy")
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    "code", ["match 1:\n    case 1: pass\n", "import tomllib\n", "from itertools import pairwise\n"]
)
def test_newer_code_would_be_found(tmp_path, code):
    (tmp_path / "newer.py").write_text(code)
    assert "Target versions not met" in vermin(tmp_path / "newer.py").stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_deploy_imports_only_the_standard_library(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names | {"deploy"}


def oldest() -> str | None:
    """A Python of that version on this machine."""
    found = shutil.which(f"python{OLDEST}")
    question = [found, "-c", "import sys; print(sys.executable)"]
    done = subprocess.run(question, capture_output=True, text=True, check=False) if found else None
    return done.stdout.strip() or None if done else None


@pytest.mark.skipif(not oldest(), reason=f"python{OLDEST} is not on this machine; the checks of every push have it")
@pytest.mark.parametrize("action", [ARGUMENTS, (*ARGUMENTS, "--dry-run"), ("--check", *ARGUMENTS[:2]), ("--help",)])
def test_it_runs_on_the_python_of_cloudshell(deploy, action):
    def install(fakes):
        (fakes.folder / "python3").unlink()
        (fakes.folder / "python3").symlink_to(os.path.realpath(oldest()))

    run = deploy(*action, answers=NEW, change=install)
    assert "Traceback" not in run.stderr
    assert run.code == ("--check" in action)
