"""A run of deploy.sh with fake programs, in a checkout of its own."""

import pytest
from fakes import TOOLS, Fakes, Run


@pytest.fixture
def deploy(tmp_path):
    def run(*arguments: str, answers: dict, tools=TOOLS, change=None, **environment: str) -> Run:
        """`change` is given the checkout and the release before they are used."""
        fakes = Fakes(tmp_path, answers, tools)
        if change:
            change(fakes)
        return Run(fakes, [fakes.checkout / "deploy.sh", *arguments], tmp_path, **environment)

    return run
