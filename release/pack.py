"""Packs compiled programs into the files of a release: `python -m release.pack [--check] <built> <files>`.

The same programs give the same bytes, whatever the times and modes of their files are. A zip's bytes also depend on the
zlib of the Python that makes it: zlib itself, and not zlib-ng, as some distributions have it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

from deploy import facts, release
from deploy.release import ARCHITECTURES, Release

EXECUTABLE = 0o100755
# The first day that a zip can name.
DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def pack(built: Path, files: Path) -> dict[str, str]:
    """Writes the files of a release, and returns their SHA-256 by name.

    `built` has a folder for each architecture, and in it `<program>/bootstrap`, as `cargo lambda build` leaves them.
    """
    files.mkdir(parents=True, exist_ok=True)
    for architecture in ARCHITECTURES:
        for function in facts.FUNCTIONS:
            program = (built / architecture / function.lower() / "bootstrap").read_bytes()
            write_zip(files / release.archive(function, architecture), program)
        command = files / release.command(architecture)
        command.write_bytes((built / architecture / "mfa-relay" / "bootstrap").read_bytes())
        command.chmod(EXECUTABLE & 0o777)
    names = [release.command(architecture) for architecture in ARCHITECTURES]
    names += [release.archive(function, architecture) for function in facts.FUNCTIONS for architecture in ARCHITECTURES]
    sums = {name: hashlib.sha256((files / name).read_bytes()).hexdigest() for name in sorted(names)}
    # The format of sha256sum, for people who take a program by hand.
    (files / "checksums.txt").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    return sums


def write_zip(path: Path, program: bytes) -> None:
    """A zip with the one file `bootstrap`, which Lambda starts."""
    entry = zipfile.ZipInfo("bootstrap", DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = UNIX
    entry.external_attr = EXECUTABLE << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)


def differences(made: Release, known: Release | None) -> list[str]:
    """What release.json names otherwise than it was made now."""
    if not known:
        return [release.FILE.name]
    fields = [name for name in ("version", "sources") if getattr(made, name) != getattr(known, name)]
    names = sorted(made.files.keys() | known.files.keys())
    return fields + [name for name in names if made.files.get(name) != known.files.get(name)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release.pack", allow_abbrev=False)
    parser.add_argument("--check", action="store_true", help="compare with deploy/release.json instead of writing it")
    parser.add_argument("built", type=Path, help="the folder of the compiled programs")
    parser.add_argument("files", type=Path, help="the folder for the release's files")
    given = parser.parse_args()
    made = Release(facts.VERSION, release.sources(release.PROJECT), pack(given.built, given.files))
    record = json.dumps(asdict(made), indent=2) + "\n"
    (given.files / release.FILE.name).write_text(record)
    if not given.check:
        release.FILE.write_text(record)
        print(f"Wrote {release.FILE.relative_to(release.PROJECT)}. Commit it, then tag the commit {made.tag}.")
        return 0
    if differing := differences(made, release.recorded()):
        print(
            "These differ from deploy/release.json, so nothing may be released:",
            *(f"  {name}" for name in differing),
            f"Commit {given.files / release.FILE.name} as deploy/release.json, and tag that commit.",
            sep="\n",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
