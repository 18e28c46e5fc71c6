"""The functions' programs, in the folders that template.yaml names: from a release, or compiled from this checkout."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import urllib.request
import zipfile
from pathlib import Path

from deploy import attestation, facts, release
from deploy.errors import DeployError
from deploy.release import Release

FOLDER = release.PROJECT / "target" / "lambda"
DOWNLOADS = release.PROJECT / "target" / "releases"
# In bytes. A function's zip has about 3 MB.
LARGEST = 64 * 1024 * 1024
# In seconds, for each answer of the server.
TIMEOUT = 60
# 1980-01-01, the first day that a zip can name.
TIME = 315532800


def build_command(arm64: bool) -> list[str]:
    processor = "--arm64" if arm64 else "--x86-64"
    command = ["cargo", "lambda", "build", "--package", "functions", "--release", "--locked", processor]
    # template.yaml names this folder, whatever cargo's own target folder is.
    return [*command, "--lambda-dir", "target/lambda"]


def archives(arm64: bool) -> dict[str, str]:
    """For each function the name of its zip in a release."""
    architecture = "arm64" if arm64 else "x86_64"
    return {function.lower(): release.archive(function, architecture) for function in facts.FUNCTIONS}


def install(known: Release, arm64: bool) -> None:
    """Downloads the zips of a release, verifies and unpacks them."""
    print(f"Fetching the functions of the release {known.tag}")
    found = {function: fetch(known, name) for function, name in archives(arm64).items()}
    print(attestation.verify(known, list(found.values())))
    for function, path in found.items():
        unpack(path, FOLDER / function / "bootstrap")


def fetch(known: Release, name: str) -> Path:
    """Downloads a file, unless it is here already. In both cases it has the checksum that release.json names."""
    path = DOWNLOADS / known.tag / name
    if name not in known.files:
        raise DeployError(f"The release {known.tag} has no file {name}. Compile the functions: add --build")
    if path.exists() and digest(path.read_bytes()) == known.files[name]:
        return path
    content = download(known.url(name))
    if digest(content) != known.files[name]:
        raise DeployError(
            f"{known.url(name)} is not the file that this checkout names: its SHA-256 is {digest(content)}, "
            f"and must be {known.files[name]}. Nothing was deployed. Compile the functions: add --build"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
    return path


def download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            content = answer.read(LARGEST + 1)
    except OSError as error:
        raise DeployError(
            f"{url} cannot be downloaded: {error}. Run deploy.sh again: what has arrived is kept. "
            "Or compile the functions: add --build"
        ) from error
    if len(content) > LARGEST:
        raise DeployError(f"{url} is larger than {LARGEST} bytes, so it is not a function's zip.")
    return content


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unpack(path: Path, program: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        content = archive.read("bootstrap")
    # What else is in the folder would be deployed as well.
    shutil.rmtree(program.parent, ignore_errors=True)
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    program.chmod(0o755)


def fix_times() -> None:
    """Gives all programs the same time. `aws cloudformation package` names a zip by its digest, and a zip holds the
    times of its files: without this, every run would deploy every function."""
    for function in archives(arm64=False):
        program = FOLDER / function / "bootstrap"
        if program.exists():
            os.utime(program, (TIME, TIME))
