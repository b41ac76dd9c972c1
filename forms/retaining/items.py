"""What of a form is personal and goes when its period is over: a pure reading of its items.

What is protected or tells who somebody is goes, as in a deletion at request; so do free texts and
files that only the form knows, for anything may stand in them. Figures, codes and dates stay.
"""

from collections.abc import Sequence

from engine.dictionary.store import Dictionary
from engine.erasure.person import erased
from engine.erasure.redact import blanked
from engine.json_text import Json
from forms.compiled import CompiledForm, Item

ANY = "*"


def personal(item: Item, known: Dictionary) -> bool:
    """Whether an item's values go."""
    if item.attachment:
        return True
    field = known.fields.get(item.field) if item.field else None
    if field is not None:
        return erased(field, known)
    free = item.type == "string" and not item.codelist and not item.options
    return free and item.format is None and item.compute is None


def patterns(form: CompiledForm, known: Dictionary) -> list[tuple[str, ...]]:
    """The paths of what goes, in steps; `*` stands for any row."""
    return [steps(one.path) for one in form.items if personal(one, known)]


def steps(path: str) -> tuple[str, ...]:
    """A path in steps."""
    return tuple(path.strip("/").split("/"))


def goes(path: str, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a cell's path is one of these."""
    here = steps(path)
    return any(len(one) == len(here) and _fits(one, here) for one in wanted)


def without(value: Json, path: Sequence[str]) -> Json:
    """A value with what stands at a path blanked; the same object where nothing stood there."""
    if not path:
        if isinstance(value, list):
            return [] if value else value
        return blanked(value)
    if isinstance(value, list):
        parts = [without(one, path[1:]) if path[0] == ANY else one for one in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else parts
    if isinstance(value, dict) and path[0] in value:
        left = without(value[path[0]], path[1:])
        return value if left is value[path[0]] else {**value, path[0]: left}
    return value


def stripped(value: Json, path: str, wanted: Sequence[tuple[str, ...]]) -> Json:
    """The value that stood at a path (a cell, a row, a table) without what goes."""
    here = steps(path)
    for one in wanted:
        if len(one) >= len(here) and _fits(one[: len(here)], here):
            value = without(value, one[len(here) :])
    return value


def _fits(pattern: Sequence[str], here: Sequence[str]) -> bool:
    return all(want in (ANY, got) for want, got in zip(pattern, here, strict=True))
