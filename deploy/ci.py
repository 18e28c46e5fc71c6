"""What may stand in the log of a workflow, which is often public: no address and no token.

A repository's secrets hide only the exact text of each secret, e.g. the relay address and not its domain.
"""

from __future__ import annotations

import os
from argparse import Namespace

# These print a token, or what ties a mailbox to its relay address.
PRIVATE = ("--enroll", "--rotate", "--token-add", "--show")


def is_log() -> bool:
    """Whether the output goes into such a log. CI services set CI; GitHub sets both."""
    return bool(os.environ.get("CI") or os.environ.get("GITHUB_ACTIONS"))


def refusal(given: Namespace) -> str:
    """Why the action must not run here. Empty if it may."""
    action = given.action or ("--enroll" if given.enroll is not None else None)
    if action not in PRIVATE or not is_log():
        return ""
    return f"{action} prints what must not stand in a log (CI is set). Run it from your own machine."


def hide(*values: str | None) -> None:
    """Lets GitHub replace these in the rest of the log, also in what other programs print.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
    """
    if os.environ.get("GITHUB_ACTIONS"):
        for value in filter(None, values):
            print(f"::add-mask::{value}")
