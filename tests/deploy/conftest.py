"""A run of deploy.sh in a folder of its own."""

import pytest
from stand_ins import TOOLS, Run


@pytest.fixture
def deploy(tmp_path):
    def run(*arguments: str, answers: dict, tools=TOOLS, **environment: str) -> Run:
        return Run(tmp_path, arguments, answers, tools, **environment)

    return run
