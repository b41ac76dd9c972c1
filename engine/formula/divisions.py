"""Where a division code lies. Codes are prefixes at 2, 4, 6, 9 and 12 digits."""

_LEVELS = ((12, "000", 9), (9, "000", 6), (6, "00", 4), (4, "00", 2))


def area(place: str) -> str:
    """The prefix that everything in a place has: `370602011000` and `370602011` are one street.

    An office (`370602-mzj`) has the area of the organisation it sits in.
    """
    code = place.partition("-")[0]
    for length, zeros, shorter in _LEVELS:
        if len(code) == length and code.endswith(zeros):
            code = code[:shorter]
    return code


def lies_within(code: str, place: str) -> bool:
    """Whether a division code lies in the area of a place, or is the place."""
    return code.startswith(area(place))


def code_range(place: str) -> tuple[str, str]:
    """The codes of a place's area as a half-open range of text, for an index: low <= code < high."""
    prefix = area(place)
    return prefix, prefix + ":"  # the character after 9
