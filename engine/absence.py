"""Why a value is not there: nobody knows it, it does not apply, or it was not told.

An absence is somebody's answer, so it is neither blank (nobody has said anything) nor zero. In a
document, in a history and over the wire it is `{"absent": "unknown"}`; a register keeps it beside its
typed columns. What a form or a field takes is declared there; formulas see it through ISBLANK, KNOWN
and ABSENCE, and to everything else it is no value.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from engine import messages
from engine.json_text import Json

UNKNOWN, INAPPLICABLE, REFUSED = "unknown", "inapplicable", "refused"
KINDS = (UNKNOWN, INAPPLICABLE, REFUSED)
KEY = "absent"
BLANK = "blank"
"""The word for a cell about which nobody has said anything."""
_own: dict[str, tuple[str, ...]] = {}
"""The office's own words, by kind: a process has one set of them, as it has one wall clock."""
_MORE_WORDS = {"n/a": INAPPLICABLE, "未知": UNKNOWN, "拒绝回答": REFUSED}


def absent(kind: str) -> dict[str, Json]:
    """The absence of a kind as a value."""
    return {KEY: kind}


def kind_of(value: object) -> str | None:
    """Which absence a value is; None for a value that is there, and for a blank."""
    if isinstance(value, dict) and len(value) == 1:
        found = value.get(KEY)
        return found if isinstance(found, str) and found in KINDS else None
    return None


def silent(value: object) -> bool:
    """Whether it says nothing about the fact: unknown or refused. Inapplicable does say something."""
    return kind_of(value) in (UNKNOWN, REFUSED)


def word(kind: str, language: str) -> str:
    """What people call it: 不详, 不适用, 拒答; `blank` 未填."""
    return messages.text(f"absence.{kind}", language)


def keep_words(words: Mapping[str, Sequence[str]]) -> None:
    """Let the office's own words mean absences in sheets, and be written into them."""
    _own.clear()
    _own.update({kind: tuple(some) for kind, some in words.items() if some})
    _words.cache_clear()


def written(value: Json, language: str) -> str | None:
    """An absence as a sheet has it, in the office's own word where it has one; None for other values.

    `read` takes it for the same again.
    """
    kind = kind_of(value)
    return None if kind is None else (_own.get(kind) or (word(kind, language),))[0]


def shown(value: Json, language: str) -> str | None:
    """An absence in words; None for any other value."""
    kind = kind_of(value)
    return None if kind is None else word(kind, language)


def read(text: str, allowed: Collection[str]) -> Json:
    """The absence that a written word means, if it is one of those allowed; else None."""
    kind = _words().get(text.strip().lower()) if allowed else None
    return absent(kind) if kind is not None and kind in allowed else None


@cache
def _words() -> dict[str, str]:
    own = {word(kind, language).lower(): kind for kind in KINDS for language in messages.LANGUAGES}
    ours = {one.lower(): kind for kind, some in _own.items() for one in some}
    return {**_MORE_WORDS, **own, **ours}


def says_blank(text: str) -> bool:
    """Whether a written word says that nobody has said anything: 未填."""
    return text.strip().lower() in {word(BLANK, one).lower() for one in messages.LANGUAGES}
