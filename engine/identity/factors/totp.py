"""Codes of an authenticator app (RFC 6238): six digits of HMAC-SHA-1, new every thirty seconds.

SHA-1 is what every app does; as a keyed digest over a counter it is sound.
"""

import base64
import binascii
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD, DIGITS = 30, 6
DRIFT = 1
"""A phone's clock may be so many periods off, and a person slow."""


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int) -> str:
    """The code of a period. ValueError for a secret that is none."""
    try:
        key = base64.b32decode(secret.replace(" ", "").upper())
    except binascii.Error as error:
        raise ValueError("not base 32") from error
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(moment: datetime) -> int:
    """The period in which a moment lies."""
    return int(moment.timestamp()) // PERIOD


def matching_step(secret: str, given: str, now: datetime, *, after: int = -1) -> int | None:
    """The period whose code was given; None if it is of none, or of none later than `after`.

    Every period is compared, in constant time, so that the time tells nothing.
    """
    found = None
    here = step_of(now)
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()) and step > after:
            found = step
    return found


def uri(secret: str, login: str, issuer: str) -> str:
    """What an app reads from the QR code."""
    label = quote(f"{issuer}:{login}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def spaced(secret: str) -> str:
    """A secret for typing: in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
