"""A release with small programs, and the checkout that names its files."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

FACTS = json.loads((Path(__file__).parents[2] / "deploy" / "facts.json").read_text())
FUNCTIONS = [function.lower() for function in FACTS["functions"]]
ARCHITECTURES = ("x86_64", "arm64")
CARGO_TOML = b"[workspace]\n"


def program(function: str, architecture: str) -> bytes:
    return f"{function} for {architecture}".encode()


def release_of(checkout: Path, files: Path) -> None:
    """Writes the files of a release, and deploy/release.json into its checkout."""
    files.mkdir()
    for function in FUNCTIONS:
        for architecture in ARCHITECTURES:
            with zipfile.ZipFile(files / f"{function}-{architecture}.zip", "w") as archive:
                archive.writestr("bootstrap", program(function, architecture))
    # Its functions are compiled from a single file.
    (checkout / "Cargo.toml").write_bytes(CARGO_TOML)
    sources = sha256(f"{sha256(CARGO_TOML).hexdigest()}  Cargo.toml\n".encode()).hexdigest()
    sums = {path.name: sha256(path.read_bytes()).hexdigest() for path in files.iterdir()}
    known = {"version": FACTS["version"], "sources": sources, "files": sums}
    (checkout / "deploy" / "release.json").write_text(json.dumps(known))
