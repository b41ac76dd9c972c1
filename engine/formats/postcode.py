"""A Chinese postcode: six digits, of which the first two are a province or a big city."""

from engine.formats.contract import Format, grouped, half_width, is_digits, starred

LENGTH = 6


def fault(text: str) -> str | None:
    """Why a text is no postcode in normal form."""
    if not is_digits(text):
        return "characters"
    if len(text) != LENGTH:
        return "length"
    return "region" if text[:2] == "00" else None


def normalise(text: str) -> str:
    """Half-width digits."""
    return half_width(text)


def mask(text: str) -> str:
    """The city stays; the delivery office does not."""
    return starred(text, 4, 0)


def spaced(text: str) -> str:
    """One digit a box, as on an envelope."""
    return grouped(text, 1, 1, 1, 1, 1)


FORMAT = Format("postcode", fault, normalise, mask, spaced)
