"""The programs that deploying needs. What Python's package index carries is installed where it is missing."""

import os
import shutil
import sys
from pathlib import Path

from deploy.programs import run

FOLDER = Path(os.environ.get("MFA_RELAY_TOOLS", Path(__file__).parents[1] / ".deploy-tools"))
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGES = {"cargo-lambda": ["cargo-lambda", "ziglang"], "sam": ["aws-sam-cli"], "aws": ["awscli"]}


def put_on_path() -> None:
    """What was installed comes after what the owner has."""
    os.environ["PATH"] += os.pathsep + str(FOLDER / "bin")
    os.environ.setdefault("SAM_CLI_TELEMETRY", "0")


def missing() -> list[str]:
    """The packages to install, at the versions that requirements.txt pins."""
    wanted = [package for tool, packages in PACKAGES.items() if not shutil.which(tool) for package in packages]
    pins = dict(line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    return [f"{package}=={pins[package]}" for package in wanted]


def install(packages: list[str]) -> None:
    """Into a folder of the project's own."""
    print(f"Installing {', '.join(packages)} into {FOLDER.name}")
    if not (FOLDER / "bin" / "pip").exists():
        run(sys.executable, "-m", "venv", str(FOLDER))
    run(str(FOLDER / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages)
