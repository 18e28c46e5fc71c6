"""Which of an account's factors gets the code."""

from __future__ import annotations

from typing import Any

from mfa_relay.arlo.cloud import ArloError


def choose(items: Any, wanted: str | None) -> str:
    """Returns the id of the e-mail factor to use.

    `wanted` is its nickname or its address, as Arlo's app shows it, in any case. Without it, the primary e-mail factor
    is used, or else the first. Raises `ArloError` if the account has none.
    """
    factors = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    emails = [
        factor for factor in factors if _field(factor, "factorType").upper() == "EMAIL" and factor.get("factorId")
    ]
    if not emails:
        raise ArloError(
            "the account has no e-mail as a second factor: add one in Arlo's app, Profile, Two-Step Verification"
        )
    if wanted is not None:
        emails = [factor for factor in emails if wanted.strip().lower() in _names(factor)]
        if not emails:
            raise ArloError("no e-mail factor of the account has this nickname or address: compare it with Arlo's app")
    primary = [factor for factor in emails if _field(factor, "factorRole").upper() == "PRIMARY"]
    return str((primary or emails)[0]["factorId"])


def _names(factor: dict[str, Any]) -> set[str]:
    return {_field(factor, name).strip().lower() for name in ("factorNickname", "displayName")}


def _field(factor: dict[str, Any], name: str) -> str:
    value = factor.get(name)
    return value if isinstance(value, str) else ""
