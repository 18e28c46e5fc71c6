"""What the tree of dependencies may hold: licences, sources, what must stay out, and nothing unused."""

import json
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LICENCES = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
}

# What must not be linked into a function, and why.
BANNED = {
    "aws-lc-rs": "its entropy start-up costs half a second of a cold start at 128 MB (README, Speed)",
    "aws-lc-sys": "see aws-lc-rs",
    "aws-config": "reads profiles and metadata services, which a function has none of",
    "openssl-sys": "a C library that has to be found and patched on every machine",
    "hyper-rustls@0.24": "the SDK's legacy TLS stack beside the one that is used",
}

# Named in Cargo.toml for the features that it turns on, or used by a macro's output.
USED_UNSEEN = {"serde"}


@cache
def packages() -> list[dict]:
    metadata = subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT)
    return json.loads(metadata)["packages"]


def crates() -> list[Path]:
    return [ROOT / member for member in tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]]


def linked(package: str, *options: str) -> str:
    """The names and versions of all that is linked into a package or builds it, a line each."""
    command = ["cargo", "tree", "--locked", "-p", package, "-e", "normal,build", "--target", "all", "--prefix", "none"]
    return subprocess.check_output([*command, *options], cwd=ROOT, text=True)


def allows(licence: str) -> bool:
    """Whether an SPDX expression can be met: all of its AND-ed parts, each by one of its OR-ed names."""
    parts = re.sub(r"\s*/\s*", " OR ", licence).replace("(", "").replace(")", "").split(" AND ")
    return all(any(name.strip() in LICENCES for name in part.split(" OR ")) for part in parts)


def test_every_licence_is_one_that_we_may_ship():
    refused = {p["name"]: p["license"] for p in packages() if p["source"] and not allows(p["license"] or "none")}
    assert refused == {}


def test_the_licence_check_refuses_what_is_not_on_the_list():
    assert allows("MIT OR GPL-3.0")
    assert allows("(MIT OR Apache-2.0) AND Unicode-3.0")
    assert not allows("GPL-3.0")
    assert not allows("MIT AND GPL-3.0")


def test_everything_comes_from_the_registry():
    assert {p["source"].split("+")[0] for p in packages() if p["source"]} == {"registry"}


@pytest.mark.parametrize("banned", BANNED)
def test_what_slows_a_start_is_not_linked_into_a_function(banned: str):
    name, _, version = banned.partition("@")
    found = re.search(rf"^{re.escape(name)} v{re.escape(version)}.*$", linked("functions"), re.MULTILINE)
    assert not found, f"{found and found[0]}: {BANNED[banned]}"


def test_the_functions_are_linked_with_ring():
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
def test_every_dependency_is_used(crate: Path):
    manifest = tomllib.loads((crate / "Cargo.toml").read_text())
    source = "\n".join(file.read_text() for file in crate.rglob("*.rs"))
    named = {name for table in ("dependencies", "dev-dependencies") for name in manifest.get(table, {})}
    unused = {name for name in named if not re.search(rf"\b{name.replace('-', '_')}\b", source)}
    assert unused - USED_UNSEEN == set()
