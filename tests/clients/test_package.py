"""The Python package: how it is built, its types, its examples, and its own tests on the oldest and newest Python."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import pythons
from pythons import PACKAGE


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributions")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, PACKAGE)
    return folder


def run(*command: object, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_wheel_and_the_source_are_fit_for_the_registry(distributions: Path) -> None:
    found = sorted(distributions.iterdir())
    assert [path.suffix for path in found] == [".whl", ".gz"]
    run(sys.executable, "-m", "twine", "check", "--strict", *found)


def test_the_wheel_has_the_package_with_its_types_and_nothing_else(distributions: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {str(path.relative_to(PACKAGE / "src")) for path in (PACKAGE / "src").rglob("*.py")}
    in_package = {name for name in names if not name.startswith("mfa_relay-")}
    assert in_package == source | {"mfa_relay/py.typed"}


def test_the_source_has_its_tests(distributions: Path) -> None:
    [source] = distributions.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        assert any(name.endswith("/tests/test_relay.py") for name in archive.getnames())


def test_it_needs_no_other_package(distributions: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = archive.read(name).decode()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert [line for line in required if "extra ==" not in line] == []


def test_its_types_are_strict() -> None:
    run(sys.executable, "-m", "mypy", "--cache-dir", "/dev/null", cwd=PACKAGE)


@pytest.mark.parametrize("python", pythons.oldest_and_newest(), ids=lambda python: f"3.{pythons.minor(python)}")
def test_its_own_tests_pass_with_the_wheel_installed(python: Path, distributions: Path, tmp_path: Path) -> None:
    """Installed into a folder, not from the source: what the wheel lacks is missing."""
    [wheel] = distributions.glob("*.whl")
    installed = tmp_path / "installed"
    environment = pythons.environment(python)
    run(environment, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", installed, wheel)
    output = run(
        environment, "-B", "-m", "pytest", "-q", "--override-ini", f"pythonpath={installed} tests", cwd=PACKAGE
    )
    assert "failed" not in output


@pytest.mark.parametrize("python", pythons.oldest_and_newest(), ids=lambda python: f"3.{pythons.minor(python)}")
@pytest.mark.parametrize("module", ["mfa_relay", "mfa_relay.relay", "mfa_relay.wyze.rfc6238"])
def test_the_examples_of_its_documentation_run(python: Path, module: str) -> None:
    code = f"import doctest, importlib, sys; sys.exit(doctest.testmod(importlib.import_module({module!r})).failed)"
    run(python, "-B", "-c", f"import sys; sys.path.insert(0, 'src'); {code}", cwd=PACKAGE)
