"""The programs that deploying needs. What Python's package index carries is installed where it is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.programs import run

FOLDER = Path(os.environ.get("MFA_RELAY_TOOLS", Path(__file__).parents[1] / ".deploy-tools"))
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGES = {"cargo-lambda": "cargo-lambda", "zig": "ziglang", "sam": "aws-sam-cli", "aws": "awscli"}


def put_on_path() -> None:
    """What was installed comes after what the owner has."""
    os.environ["PATH"] += os.pathsep + str(FOLDER / "bin")
    os.environ.setdefault("SAM_CLI_TELEMETRY", "0")


def missing(*tools: str) -> list[str]:
    """The packages to install for these tools, at the versions that requirements.txt pins."""
    wanted = [PACKAGES[tool] for tool in tools or PACKAGES if not (zig_runs() if tool == "zig" else shutil.which(tool))]
    pins = dict(line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    return [f"{package}=={pins[package]}" for package in wanted]


def zig_runs() -> bool:
    """Whether cargo-lambda will find zig, with which it links: as a program, or as a package of a Python.

    Of Pythons it asks the first `python3` on PATH, which is not the folder's, unless it is told of another.
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
    """Into a folder of the project's own."""
    print(f"Installing {', '.join(packages)} into {FOLDER.name}")
    if not (FOLDER / "bin" / "pip").exists():
        run(sys.executable, "-m", "venv", str(FOLDER))
    run(str(FOLDER / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages)
    zig_runs()
