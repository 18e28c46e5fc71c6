"""The Pythons of this machine that the package is made for, and an environment for each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "clients" / "python"
OLDEST, NEWEST = 10, 14


def candidates() -> list[Path]:
    """Every `python3.N` on PATH, and the versions that pyenv and uv have installed."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += [*pyenv.glob("versions/*/bin"), *Path.home().glob(".local/share/uv/python/*/bin")]
    names = [f"python3.{minor}" for minor in range(OLDEST, NEWEST + 1)]
    return [folder / name for folder in folders for name in names if (folder / name).is_file()] + [Path(sys.executable)]


def minor(python: Path) -> int | None:
    """Returns `None` if it does not run: a shim of pyenv does not if its version is not selected."""
    done = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
    found = re.fullmatch(r"3 (\d+)\n", done.stdout)
    return int(found[1]) if found else None


def oldest_and_newest() -> list[Path]:
    found = {minor(python): python for python in candidates()}
    numbers = sorted(number for number in found if number is not None and OLDEST <= number <= NEWEST)
    return [found[number] for number in dict.fromkeys((numbers[0], numbers[-1]))]


def environment(python: Path) -> Path:
    """Returns the Python of an environment in .tools that has pytest, in the version of tests/requirements.txt."""
    requirements = (PROJECT / "tests" / "requirements.txt").read_text()
    pytest = re.search(r"^pytest==.*$", requirements, re.MULTILINE)[0]
    folder = PROJECT / ".tools" / f"python3.{minor(python)}"
    if not (folder / "installed").exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, pytest], check=True)
        (folder / "installed").touch()
    return folder / "bin" / "python"
