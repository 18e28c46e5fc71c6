"""Who built the files of a release: verified by GitHub's attestations, with GitHub's command line interface `gh`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy import release
from deploy.errors import DeployError
from deploy.release import Release

VERIFIED = "Verified: {repository} compiled them from {tag}, and their checksums are those that this checkout names."
NOT_VERIFIED = (
    "Their checksums are those that this checkout names. Who compiled them was not verified, because {reason}. "
    "To verify that too, install https://cli.github.com and run: gh auth login"
)


def verify(known: Release, paths: list[Path]) -> str:
    """Returns what is verified now. Raises `DeployError` if a file has no valid attestation.

    The checksums prove that the files are those that this checkout names. An attestation proves in addition that the
    repository's release workflow compiled them from the release's tag.
    """
    if not shutil.which("gh"):
        return NOT_VERIFIED.format(reason="gh is not installed")
    # Attestations are read from GitHub's API, for which gh must be signed in.
    if subprocess.run(["gh", "auth", "status"], capture_output=True, check=False).returncode:
        return NOT_VERIFIED.format(reason="gh is not signed in")
    workflow = f"{release.REPOSITORY}/.github/workflows/release.yml"
    origin = ("--repo", release.REPOSITORY, "--signer-workflow", workflow, "--source-ref", f"refs/tags/{known.tag}")
    for path in paths:
        command = ["gh", "attestation", "verify", str(path), *origin]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DeployError(
                f"gh cannot verify that {release.REPOSITORY} compiled {path.name} from {known.tag}: "
                f"{done.stderr.strip()}\nNothing was deployed. Compile the functions: add --build"
            )
    return VERIFIED.format(repository=release.REPOSITORY, tag=known.tag)
