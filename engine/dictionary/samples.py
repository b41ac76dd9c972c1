"""What sample values prove to be: an ID number by its checksum, a telephone, a date, a credit code."""

import re
from collections import Counter
from collections.abc import Sequence

from engine.formats.registry import FORMATS

_PROVING = ("resident-id", "uscc", "phone-cn")
_DATE = re.compile(
    r"(?:19|20)\d{2}[-/.年](?:0?[1-9]|1[0-2])(?:[-/.月](?:0?[1-9]|[12]\d|3[01])日?|月)?"
)
_SHARE = 0.6


def format_of_samples(samples: Sequence[str]) -> str | None:
    """The format that most of the samples are of; None when they are of none."""
    written = [text.strip() for text in samples if text.strip()]
    if not written:
        return None
    found = Counter(kind for text in written if (kind := _kind(text)))
    if not found:
        return None
    kind, count = found.most_common(1)[0]
    return kind if count >= _SHARE * len(written) else None


def _kind(text: str) -> str | None:
    for name in _PROVING:
        one = FORMATS[name]
        if one.check(one.normalise(text)):
            return name
    return "date" if _DATE.fullmatch(text) else None
