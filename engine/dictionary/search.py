"""Looking a field up by what people type: its label, a synonym, its code, or pinyin initials."""

from collections.abc import Iterable
from functools import lru_cache

from engine.dictionary.field import Field
from engine.dictionary.match import initials, plain


def find(fields: Iterable[Field], words: str, *, limit: int) -> list[Field]:
    """The fields that fit, best first; without words the first by code. Retired ones are left out."""
    wanted = plain(words) if words.strip() else ""
    scored = []
    for field in fields:
        if field.status == "retired":
            continue
        score = _score(field, wanted)
        if score:
            scored.append((-score, field.code, field))
    return [field for _, _, field in sorted(scored, key=lambda one: one[:2])[:limit]]


def _score(field: Field, wanted: str) -> int:
    if not wanted:
        return 1
    best = 0
    for label in (*field.labels.values(), *field.synonyms):
        name = plain(label)
        if name == wanted:
            best = max(best, 100)
        elif name.startswith(wanted):
            best = max(best, 80)
        elif wanted in name:
            best = max(best, 60)
        elif wanted.isascii() and (letters := spelt(label)).startswith(wanted):
            best = max(best, 70 if letters == wanted else 50)
    codes = (field.code, *field.renamed)
    if wanted in (*codes, *field.names):
        best = max(best, 90)
    elif any(wanted in code for code in codes):
        best = max(best, 40)
    return best


@lru_cache(maxsize=20_000)
def spelt(label: str) -> str:
    """The pinyin initials of a label, worked out once."""
    return initials(label)
