"""A release: its files, where they lie, and what this checkout knows of them.

deploy/release.json is part of the commit that is tagged. It has the SHA-256 of every file and of the sources from which
the functions were compiled, and so pins a release in the checkout: the host of the files cannot change them, because
checksums beside the files could be changed with them. That is possible because a build is reproducible: `release/run`
writes the file before the tag, and release.yml publishes only if its own build has the same checksums.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from deploy import facts
from deploy.errors import DeployError

# On GitHub. A fork that makes releases of its own names itself here.
REPOSITORY = os.environ.get("MFA_RELAY_REPOSITORY", "mfa-relay/mfa-relay")
# The folder with a release's files, if not GitHub has them.
RELEASES = os.environ.get("MFA_RELAY_RELEASES", "")
ARCHITECTURES = ("x86_64", "arm64")

PROJECT = Path(__file__).parents[1]
FILE = Path(__file__).with_name("release.json")
# What the functions are compiled from.
SOURCES = ("Cargo.lock", "Cargo.toml", "functions", "relay", "service")
SOURCE_FILES = (".lock", ".pem", ".rs", ".toml")


@dataclass(frozen=True)
class Release:
    """What release.json records. `files` maps the name of a file to its SHA-256, in hexadecimal digits."""

    version: str
    sources: str
    files: dict[str, str]

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    def url(self, name: str) -> str:
        folder = RELEASES or f"https://github.com/{REPOSITORY}/releases/download/{self.tag}"
        return f"{folder.rstrip('/')}/{name}"


def archive(function: str, architecture: str) -> str:
    """The name of the zip of a function."""
    return f"{function.lower()}-{architecture}.zip"


def command(architecture: str) -> str:
    """The name of the program `mfa-relay`."""
    return f"mfa-relay-linux-{architecture}"


def recorded() -> Release | None:
    """The release that this checkout knows. Returns `None` before the first one."""
    return Release(**json.loads(FILE.read_text(encoding="utf-8"))) if FILE.exists() else None


def current() -> Release:
    """The release of this checkout. Raises `DeployError` if its functions were never released as they are here."""
    known = recorded()
    if not known:
        raise DeployError("No release has the functions of this checkout. Compile them: add --build")
    if (known.version, known.sources) != (facts.VERSION, sources(PROJECT)):
        raise DeployError(
            f"The functions of this checkout are not those of the release {known.tag}. "
            f"Compile them: add --build. Or deploy that release: git checkout {known.tag}"
        )
    return known


def sources(project: Path) -> str:
    """The SHA-256 of the names and contents of all files that the functions are compiled from."""
    paths = [path for name in SOURCES for path in (project / name, *(project / name).rglob("*"))]
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.suffix in SOURCE_FILES and path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content}  {path.relative_to(project).as_posix()}\n".encode())
    return digest.hexdigest()
