"""Time-based one-time passwords (RFC 6238), as authenticator apps compute them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time

# In seconds.
PERIOD = 30


def totp(secret: str, at: float | None = None) -> str:
    """Returns the six digits of a base32 secret, now or at a time in seconds since 1970.

    >>> totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59)       # RFC 6238, appendix B, its last six digits
    '287082'
    """
    text = secret.replace(" ", "").replace("-", "").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise ValueError("the TOTP secret is not base32: copy the key that Wyze shows beside its QR code") from None
    counter = int((time.time() if at is None else at) // PERIOD)
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
