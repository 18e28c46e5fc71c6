"""Runs a shell block as it stands, in a folder in which only those programs exist that its row of the table names."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from blocks import PROJECT, Block


class Shell:
    """A folder to run a block in.

    `programs` are found on PATH: a path, or the name of one of this machine's programs. `instead` maps a command, as
    the block writes it, to the shell code that runs in its place, with the block's arguments in "$@".
    """

    def __init__(self, folder: Path, programs: list, instead: dict[str, str]):
        self.folder = folder / "block"
        self.programs = folder / "bin"
        self.home = folder / "home"
        for created in (self.folder, self.programs, self.home):
            created.mkdir(parents=True, exist_ok=True)
        for program in ["bash", "env", *programs]:
            found = shutil.which(program)
            assert found, f"{program} is not on this machine"
            (self.programs / Path(program).name).symlink_to(found)
        # A function takes precedence over a program, also if its name has a slash. Programs started by the block must
        # not read this file as well.
        functions = [f"{command}() ( {code} )" for command, code in instead.items()]
        (folder / "functions").write_text("\n".join(["unset BASH_ENV", *functions, ""]))
        self.environment = {
            "HOME": str(self.home),
            "PATH": str(self.programs),
            "BASH_ENV": str(folder / "functions"),
            "PROJECT": str(PROJECT),
            "OUTER_PATH": os.environ["PATH"],
            "OUTER_HOME": os.environ["HOME"],
        }

    def command(self, block: Block, after: str = "") -> list:
        """The command that runs the block, and after it the code of the test."""
        assert "&&" not in block.text, "a shell goes on after a failed command before &&: give it a line of its own"
        script = self.folder.parent / "block.sh"
        script.write_text(f"{block.text}\n{after}")
        return [self.programs / "bash", "-euo", "pipefail", script]

    def run(self, block: Block) -> subprocess.CompletedProcess:
        """Runs the block to its end. Fails if one of its commands fails."""
        done = subprocess.run(
            self.command(block),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done
