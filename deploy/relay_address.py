"""A relay address that nobody guesses: every mail to it costs, also one that is refused (README, A flood)."""

from __future__ import annotations

import secrets

from deploy import domain

# 40 random bits, of letters and digits that are hard to mistake for each other.
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 8


def complete(given: str, known: str | None) -> str:
    """The relay address for an address or a domain: at that domain the one that the stack has, or a new one."""
    if "@" in given:
        return given
    if known and domain.of(known) == given:
        return known
    return f"relay-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}@{given}"


def example(given: str) -> str:
    """An address as `complete` makes it, to be checked before the stack is asked."""
    return complete(given, f"relay-{ALPHABET[:LENGTH]}@{given}")
