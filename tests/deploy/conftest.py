"""A run of deploy.sh with fake programs, in a folder of its own."""

import pytest
from fakes import PROJECT, TOOLS, Fakes, Run


@pytest.fixture
def deploy(tmp_path):
    def run(*arguments: str, answers: dict, tools=TOOLS, **environment: str) -> Run:
        fakes = Fakes(tmp_path, answers, tools)
        return Run(fakes, [PROJECT / "deploy.sh", *arguments], tmp_path, **environment)

    return run
