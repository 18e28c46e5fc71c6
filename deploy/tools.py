"""The tools of a deployment: the AWS CLI, and for --build a compiler. What Python's package index has is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.errors import DeployError, ToolMissingError

FOLDER = Path(os.environ.get("MFA_RELAY_TOOLS", Path(__file__).parents[1] / ".deploy-tools"))
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGES = {"cargo-lambda": "cargo-lambda", "zig": "ziglang"}


def run(*command: str, quiet: bool = False) -> None:
    """Runs a program whose output the owner sees. With `quiet`, only its errors."""
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL if quiet else None, check=False)
    except OSError as error:
        raise ToolMissingError(f"{command[0]} cannot be started: {error}") from error
    if done.returncode:
        raise DeployError(f"{' '.join(command[:3])} failed; its last lines say why. It is safe to run deploy.sh again.")


def extend_path() -> None:
    """Adds the installed tools to PATH, after the owner's own."""
    os.environ["PATH"] += os.pathsep + str(FOLDER / "bin")
    # Version 2 of the AWS CLI shows its output in a pager otherwise, and waits there for a key.
    os.environ["AWS_PAGER"] = ""


def missing(*tools: str) -> list[str]:
    """The packages to install for these tools, at the versions that requirements.txt pins."""
    wanted = [PACKAGES[tool] for tool in tools if not (has_zig() if tool == "zig" else shutil.which(tool))]
    pins = dict(line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    return [f"{package}=={pins[package]}" for package in wanted]


def has_zig() -> bool:
    """Whether cargo-lambda will find zig, with which it links: as a program, or as a package of a Python.

    Without CARGO_ZIGBUILD_PYTHON_PATH it asks only the first `python3` on PATH, which is not the one of FOLDER.
    """
    if shutil.which("zig"):
        return True
    for python in (shutil.which("python3"), str(FOLDER / "bin" / "python3")):
        if python and has_ziglang(python):
            os.environ.setdefault("CARGO_ZIGBUILD_PYTHON_PATH", python)
            return True
    return False


def has_ziglang(python: str) -> bool:
    try:
        return not subprocess.run([python, "-c", "import ziglang"], capture_output=True, check=False).returncode
    except OSError:
        return False


def install(packages: list[str]) -> None:
    """Installs the packages into a virtual environment of the project's own."""
    print(f"Installing {', '.join(packages)} into {FOLDER.name}")
    if not (FOLDER / "bin" / "pip").exists():
        run(sys.executable, "-m", "venv", str(FOLDER))
    run(str(FOLDER / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages)
    has_zig()
