"""Why there is no code. Every text says what to do, and none contains the token, the code or the status URL."""

from __future__ import annotations


class RelayError(Exception):
    """The base of all errors of this package."""


class InvalidUrlError(RelayError, ValueError):
    """The prestage URL or the token is not one that enrolling prints."""


class TlsError(RelayError):
    """The relay's certificate is not trusted. Not retried: waiting changes nothing."""


class UnavailableError(RelayError):
    """The relay did not answer, or could not serve, for as long as this package retries."""


class NotARelayError(RelayError):
    """Something answered that is not a relay."""


class RefusedError(RelayError):
    """The relay refused to open a request, and would refuse again.

    `reason` is its word: `invalid_request`, `token_missing`, `not_enrolled`, `too_large`.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(f"the relay refused ({reason}): {message}")
        self.reason = reason


class NoCodeError(RelayError):
    """The request ended without a code."""


class TimedOutError(NoCodeError):
    """The window ended and no code had come. The text counts the mails that were refused, and says why."""


class SupersededError(NoCodeError):
    """A newer request of the same program took this one's place."""


class CodeExpiredError(NoCodeError):
    """The code was there, and was erased at the end of the window before it was read."""


class RevokedError(NoCodeError):
    """The program's token, or the mailbox's enrolment, was revoked while the request waited."""


_ADVICE: dict[str, tuple[type[NoCodeError], str]] = {
    "timed_out": (TimedOutError, "`mfa-relay enroll show MAILBOX` says what came and what to do."),
    "superseded": (SupersededError, "Give each program a token of its own: `mfa-relay enroll token add`."),
    "expired": (CodeExpiredError, "Wait for the code right after the login has asked for it."),
    "revoked": (RevokedError, "`mfa-relay enroll token add` prints a new prestage URL."),
}


def ended(reason: str, message: str) -> NoCodeError:
    """The error for a status document with `"status": "error"`."""
    kind, advice = _ADVICE.get(reason, (NoCodeError, "Start the login again."))
    return kind(f"{message or reason or 'The request ended without a code.'} {advice}")
