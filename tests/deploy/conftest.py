"""A run of deploy.sh with fake programs, in a checkout of its own."""

import pytest
from fakes import TOOLS, Fakes, Run


@pytest.fixture
def deploy(tmp_path):
    def run(*arguments: str, answers: dict, tools=TOOLS, change=None, folder=tmp_path, **environment: str) -> Run:
        """`change` is given the checkout and the release before they are used. A second run needs another folder."""
        folder.mkdir(exist_ok=True)
        fakes = Fakes(folder, answers, tools)
        if change:
            change(fakes)
        return Run(fakes, [fakes.checkout / "deploy.sh", *arguments], folder, **environment)

    return run
