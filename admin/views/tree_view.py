"""What may be chosen of a code list with levels: in the order of the tree, with what people may type for it."""

from collections import defaultdict
from typing import Any

from admin.views import words
from engine.dictionary.field import CodeList, CodeValue
from engine.dictionary.search import spelt
from engine.dictionary.store import Dictionary
from forms.compiled import Item


def options(item: Item, dictionary: Dictionary | None, language: str) -> list[dict[str, Any]]:
    """The choices of a cell: each code below the one it belongs to, `depth` steps in.

    A code that only leads to others (`leads`) cannot be chosen itself; `spelt` are the pinyin initials
    of its label. Without a code list that has levels: the choices one below the other.
    """
    known = dictionary.codelists.get(item.codelist or "") if dictionary else None
    if known is None:
        flat = words.options(item, dictionary, language)
        return [_told(one["value"], one["label"], 0, leads=False) for one in flat]
    allowed = {str(one.value) for one in item.options}
    return [
        _told(one.code, known.label(one.code, language), depth, leads=one.code not in allowed)
        for one, depth in _in_order(known, allowed)
    ]


def _in_order(known: CodeList, allowed: set[str]) -> list[tuple[CodeValue, int]]:
    """The codes that are allowed or lead to one, each with its depth; those above before those below."""
    codes = {one.code for one in known.values}
    below: dict[str | None, list[CodeValue]] = defaultdict(list)
    for one in known.values:
        below[one.parent if one.parent in codes else None].append(one)
    kept = _with_those_above(known, allowed)
    found: list[tuple[CodeValue, int]] = []
    waiting = [(one, 0) for one in reversed(below[None])]
    while waiting:
        one, depth = waiting.pop()
        if one.code in kept:
            found.append((one, depth))
            waiting += [(inner, depth + 1) for inner in reversed(below[one.code])]
    return found


def _with_those_above(known: CodeList, allowed: set[str]) -> set[str]:
    parent = {one.code: one.parent for one in known.values}
    kept: set[str] = set()
    for code in allowed & set(parent):
        above: str | None = code
        while above is not None and above not in kept:
            kept.add(above)
            above = parent.get(above)
    return kept


def _told(value: str, label: str, depth: int, *, leads: bool) -> dict[str, Any]:
    return {
        "value": value,
        "label": label,
        "depth": depth,
        "leads": leads,
        "spelt": spelt(label),
    }
