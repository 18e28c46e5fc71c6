"""The programs that a deployment needs. Those that Python's package index has are installed if they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.errors import DeployError

FOLDER = Path(os.environ.get("MFA_RELAY_TOOLS", Path(__file__).parents[1] / ".deploy-tools"))
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGES = {"cargo-lambda": "cargo-lambda", "zig": "ziglang", "sam": "aws-sam-cli", "aws": "awscli"}


def run(*command: str) -> None:
    """Runs a program whose output the owner sees."""
    if subprocess.run(command, check=False).returncode:
        raise DeployError(f"{' '.join(command[:3])} failed; its last lines say why. It is safe to run deploy.sh again.")


def extend_path() -> None:
    """Adds the installed tools to PATH, after the owner's own."""
    os.environ["PATH"] += os.pathsep + str(FOLDER / "bin")
    os.environ.setdefault("SAM_CLI_TELEMETRY", "0")


def missing(*tools: str) -> list[str]:
    """The packages to install for these tools (by default for all), at the versions that requirements.txt pins."""
    wanted = [PACKAGES[tool] for tool in tools or PACKAGES if not (has_zig() if tool == "zig" else shutil.which(tool))]
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
