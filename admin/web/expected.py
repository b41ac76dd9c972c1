"""What should have stood where a program sent something else, from what msgspec says of it.

The sentence for each `reason` stands in `engine/messages`; `wanted` is the number, the choices or the
pattern that it ends with, the same in every language.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect

DAY = r"^\d{4}-\d{2}-\d{2}$"
KINDS = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "array": "array",
    "object": "object", "null": "null",
}  # fmt: skip
"""What msgspec calls a kind, and what JSON Schema and so the page of the API does."""
_BOUND = re.compile(
    r"Expected `(?P<kind>\w+)`(?: of (?P<length>length))? (?P<sign>[<>]=?) (?P<bound>\S+)"
)
_PATTERN = re.compile(r"Expected `str` matching regex (?P<pattern>'.*?'|\".*?\")(?: - at|$)")
_KIND = re.compile(r"Expected `(?P<kinds>[^`]+)`")
_CHOICE = re.compile(r"\^\(([^()]+)\)\??\$")
_BOUNDS = {"<": ("most", "longest", "most-items"), ">": ("least", "shortest", "fewest-items")}


def told(message: str, kind: Any = None, path: Sequence[str] = ()) -> tuple[str, str]:
    """A reason, and what its sentence ends with; `kind` and `path` tell where it was sent to."""
    if message.startswith("Invalid enum value"):
        return "choice", ", ".join(_choices(kind, path))
    if found := _PATTERN.search(message):
        return _of_pattern(found["pattern"][1:-1].replace("\\\\", "\\"))
    if found := _BOUND.search(message):
        plain, letters, items = _BOUNDS[found["sign"][0]]
        if not found["length"]:
            return plain, found["bound"]
        return letters if found["kind"] == "str" else items, found["bound"]
    if found := _KIND.search(message):
        kinds = [one.strip() for one in found["kinds"].split("|")]
        only = [one for one in kinds if one != "null"]
        if len(only) == 1 and only[0] in KINDS:
            return only[0], ""
        return "type", ", ".join(KINDS.get(one, one) for one in kinds)
    return "form", ""


def _of_pattern(pattern: str) -> tuple[str, str]:
    if pattern == DAY:
        return "day", ""
    if choice := _CHOICE.fullmatch(pattern):
        return "choice", choice[1].replace("|", ", ")
    return "pattern", pattern


def _choices(kind: Any, path: Sequence[str]) -> list[str]:
    """The values that a place takes."""
    if kind is None:
        return []
    places = [inspect.type_info(kind)]
    for step in path:
        places = [
            inner for place in places for one in _alternatives(place) for inner in _at(one, step)
        ]
    ends = [one for place in places for one in _alternatives(place)]
    return [
        str(v) or '""' for one in ends if isinstance(one, inspect.LiteralType) for v in one.values
    ]


def _alternatives(place: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(place, inspect.Metadata):
        yield from _alternatives(place.type)
    elif isinstance(place, inspect.UnionType):
        for one in place.types:
            yield from _alternatives(one)
    else:
        yield place


def _at(place: inspect.Type, step: str) -> Iterator[inspect.Type]:
    if isinstance(place, inspect.StructType):
        yield from (one.type for one in place.fields if one.encode_name == step)
    elif isinstance(place, inspect.ListType):
        yield place.item_type
    elif isinstance(place, inspect.DictType):
        yield place.value_type
