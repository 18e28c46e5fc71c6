"""What the tree of dependencies may contain: licences, sources, banned crates, and nothing unused."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = (ROOT / "deny.toml").read_text()

# Named in Cargo.toml for the features that it turns on, or used by a macro's output.
USED_UNSEEN = {"log", "serde", "tracing"}


def crates() -> list[Path]:
    return [ROOT / member for member in tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]]


@cache
def linked(package: str, *options: str) -> str:
    """Name and version of everything that is linked into a package or builds it, a line each."""
    command = ["cargo", "tree", "--locked", "-p", package, "-e", "normal,build", "--target", "all", "--prefix", "none"]
    return subprocess.check_output([*command, *options], cwd=ROOT, text=True)


def cargo_deny(configuration: Path, *checks: str) -> subprocess.CompletedProcess:
    options = ["--locked", "--color", "never", "--log-level", "error", "--config", str(configuration)]
    return subprocess.run(["cargo", "deny", *options, "check", *checks], cwd=ROOT, capture_output=True, text=True)


def test_cargo_deny_finds_nothing() -> None:
    done = cargo_deny(ROOT / "deny.toml", "bans", "licenses", "sources")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("check", "old", "new", "finding"),
    [
        ("licenses", '    "MIT",\n', "", "error[rejected]"),
        ("bans", "deny = [\n", 'deny = [\n    { crate = "serde" },\n', "error[banned]"),
        ("sources", "[sources]\n", "[sources]\nallow-registry = []\n", "error[source-not-allowed]"),
    ],
)
def test_cargo_deny_would_find_a_violation(tmp_path: Path, check: str, old: str, new: str, finding: str) -> None:
    assert CONFIGURATION.count(old) == 1
    stricter = tmp_path / "deny.toml"
    stricter.write_text(CONFIGURATION.replace(old, new))
    assert finding in cargo_deny(stricter, check).stderr


def test_the_functions_are_linked_with_ring() -> None:
    assert re.search(r"^ring v", linked("functions"), re.MULTILINE)


def test_a_client_without_the_relay_compiles_and_links_no_store():
    subprocess.run(
        ["cargo", "check", "--locked", "--quiet", "-p", "cli", "--no-default-features"], cwd=ROOT, check=True
    )
    tree = linked("cli", "--no-default-features")
    relay_only = "home|service|tokio|rusqlite|libsqlite3-sys|mail-auth|hyper|tokio-rustls"
    assert re.findall(rf"^(?:{relay_only}) v.*$", tree, re.MULTILINE) == []
    assert re.search(r"^rusqlite v", linked("cli"), re.MULTILINE), "with its default features it is a relay"


@pytest.mark.parametrize("crate", crates(), ids=lambda crate: crate.name)
def test_every_dependency_is_used(crate: Path) -> None:
    manifest = tomllib.loads((crate / "Cargo.toml").read_text())
    source = "\n".join(file.read_text() for file in crate.rglob("*.rs"))
    named = {name for table in ("dependencies", "dev-dependencies") for name in manifest.get(table, {})}
    unused = {name for name in named if not re.search(rf"\b{name.replace('-', '_')}\b", source)}
    assert unused - USED_UNSEEN == set()
