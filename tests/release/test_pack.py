"""The files of a release: the same programs give the same bytes, and release.json names them."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FUNCTIONS = [name.lower() for name in json.loads((PROJECT / "deploy" / "facts.json").read_text())["functions"]]
ARCHITECTURES = ("x86_64", "arm64")


class Checkout:
    """A copy of what makes a release, with sources and compiled programs of a few bytes."""

    def __init__(self, folder: Path, time: int, mode: int):
        self.folder, self.files = folder, folder / "target" / "release-files"
        for part in ("deploy", "release"):
            shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "release.json"))
        source = folder / "functions" / "src" / "lib.rs"
        source.parent.mkdir(parents=True)
        source.write_text("//! A library.\n")
        for architecture in ARCHITECTURES:
            for name in [*FUNCTIONS, "mfa-relay"]:
                program = folder / "built" / architecture / name / "bootstrap"
                program.parent.mkdir(parents=True)
                program.write_text(f"{name} {architecture} " * 100)
                program.chmod(mode)
                os.utime(program, (time, time))

    def pack(self, *options: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "release.pack", *options, "built", self.files]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def record(self) -> dict:
        return json.loads((self.folder / "deploy" / "release.json").read_text())

    def contents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.files.iterdir()}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout", time=1_700_000_000, mode=0o755)
    done = made.pack()
    assert (done.returncode, done.stderr) == (0, "")
    return made


def test_the_same_programs_give_the_same_bytes_whatever_their_times_and_modes_are(checkout, tmp_path):
    other = Checkout(tmp_path / "other", time=1_800_000_000, mode=0o600)
    assert other.pack().returncode == 0
    assert other.contents() == checkout.contents()
    assert other.record() == checkout.record() == json.loads(checkout.contents()["release.json"])


def test_a_release_has_a_zip_of_each_function_and_the_command_for_both_processors(checkout):
    zips = {f"{function}-{architecture}.zip" for function in FUNCTIONS for architecture in ARCHITECTURES}
    commands = {f"mfa-relay-linux-{architecture}" for architecture in ARCHITECTURES}
    assert checkout.contents().keys() == zips | commands | {"checksums.txt", "release.json"}


def test_a_zip_holds_the_program_that_lambda_starts(checkout):
    with zipfile.ZipFile(checkout.files / "receive-arm64.zip") as archive:
        [entry] = archive.infolist()
        assert archive.read(entry).startswith(b"receive arm64 ")
    assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o100755)


def test_sha256sum_accepts_the_checksums(checkout):
    done = subprocess.run(["sha256sum", "--check", "--quiet", "checksums.txt"], cwd=checkout.files, check=False)
    assert done.returncode == 0
    listed = {line.split()[1]: line.split()[0] for line in (checkout.files / "checksums.txt").read_text().splitlines()}
    assert listed == checkout.record()["files"]


def test_a_build_with_the_checksums_of_the_record_passes_and_writes_nothing(checkout):
    before = checkout.record()
    done = checkout.pack("--check")
    assert (done.returncode, done.stdout, checkout.record()) == (0, "", before)


@pytest.mark.parametrize(
    ("changed", "named"),
    [("built/arm64/expire/bootstrap", "expire-arm64.zip"), ("functions/src/lib.rs", "sources")],
)
def test_a_build_that_differs_from_the_record_is_no_release(checkout, changed, named):
    (checkout.folder / changed).write_text("something else")
    done = checkout.pack("--check")
    assert done.returncode == 1
    assert [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")] == [named]


def test_without_a_record_there_is_no_release(checkout):
    (checkout.folder / "deploy" / "release.json").unlink()
    done = checkout.pack("--check")
    assert (done.returncode, "release.json" in done.stderr) == (1, True)
