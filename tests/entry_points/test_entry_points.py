"""CONTRIBUTING.md is the index of everything that a person can run."""

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (PROJECT / "CONTRIBUTING.md").read_text().splitlines()
    if line.startswith("| `")
]
COMMANDS = [command for row in ROWS for command in re.findall(r"`([^`]+)`", row[0])]
SCRIPTS = {word.removeprefix("./") for command in COMMANDS for word in command.split() if "/" in word}


def executables() -> set[str]:
    tracked = subprocess.check_output(["git", "ls-files", "--stage"], cwd=PROJECT, text=True)
    return {line.partition("\t")[2] for line in tracked.splitlines() if line.startswith("100755")}


def test_every_row_says_what_a_command_does_how_long_it_takes_and_when_to_run_it() -> None:
    assert len(ROWS) > 5
    assert all(len(row) == 4 and all(row) for row in ROWS)


def test_every_script_of_the_index_exists() -> None:
    assert [script for script in SCRIPTS if not (PROJECT / script).is_file()] == []


def test_every_executable_is_in_the_index() -> None:
    assert executables() - SCRIPTS == set()


def test_every_benchmark_and_every_measurement_is_in_the_index() -> None:
    benchmarks = {f"-p {manifest.parent.name}" for manifest in PROJECT.glob("*/Cargo.toml") if is_benchmarked(manifest)}
    measurements = {str(path.relative_to(PROJECT)) for path in (PROJECT / "tests" / "speed").glob("*.py")}
    assert benchmarks
    assert [found for found in benchmarks | measurements if found not in " ".join(COMMANDS)] == []


def is_benchmarked(manifest: Path) -> bool:
    return "[[bench]]" in manifest.read_text()


def test_every_example_is_in_the_index() -> None:
    # `echo` is what tests/speed/start.py measures.
    examples = {path.stem for path in PROJECT.glob("*/examples/*.rs")} - {"echo"}
    assert examples
    assert [name for name in examples if f"--example {name} " not in " ".join(COMMANDS)] == []


def test_every_part_of_a_script_is_in_the_index() -> None:
    for script in ("tests/run", ".ci/run"):
        named = re.search(r"case \$part in\n\s*([\w |]+)\)", (PROJECT / script).read_text())[1].split(" | ")
        for part in named:
            assert any(f"{script} {part}" == command for command in COMMANDS), f"{script} {part}"
