"""How alike two subjects are, field by field, as a person would judge two index cards. Pure.

Every field has a weight and a way of comparing. A name heard and written otherwise (张玮, 张伟), two
digits swapped, an old ID number of fifteen digits, an address with other spaces count as nearly the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.formats.contract import half_width
from engine.registers.variants import canonical_key

LEAST = 70
"""Less alike than this is not worth anybody's time."""
ENOUGH = 6
"""What is compared must weigh at least so much together."""
NAMES, BIRTHS, ADDRESSES, PHONES = (
    ("name", "head_name"),
    ("birth_date", "established"),
    ("address",),
    ("phone",),
)
_DIGITS = re.compile(r"\d+")

Card = Mapping[str, str]
"""The values of a subject that are compared, by field name; blank ones are absent."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A field by which subjects are compared."""

    field: Field
    role: str
    """key | name | birth | address | phone | home"""
    weight: int


def facets(known: Dictionary, subject: str) -> tuple[Facet, ...]:
    """By what subjects of a kind are compared."""
    kind = known.subjects[subject]
    roles = [
        ("key", kind.keys, 4),
        ("name", NAMES, 4),
        ("birth", BIRTHS, 3),
        ("address", ADDRESSES, 2),
        ("phone", PHONES, 1),
        ("home", (kind.home,) if kind.home not in kind.keys else (), 1),
    ]
    found = []
    for role, names, weight in roles:
        for name in names:
            field = known.fields.get(f"{subject}.{name}")
            if field is None or field.schema.get("type") != "string" or field.compute:
                continue
            if (
                role != "key" or "format" in field.schema
            ):  # a number of somebody's own tells nothing
                found.append(Facet(field, role, weight))
            break
    return tuple(found)


def ways(some: Sequence[Facet]) -> tuple[tuple[Facet, ...], ...]:
    """In which groups of subjects duplicates are looked for: those that have two facts in common."""
    by_role = {one.role: one for one in some}
    pairs = (
        ("name", "birth"), ("name", "home"), ("birth", "home"), ("name", "phone"), ("address", "home"),
    )  # fmt: skip
    return tuple(
        tuple(by_role[role] for role in pair) for pair in pairs if set(pair) <= by_role.keys()
    )


def compare(some: Sequence[Facet], one: Card, other: Card) -> tuple[int, dict[str, int]]:
    """How alike, of a hundred, and by field; 0 where too little is known to tell."""
    alike: dict[str, float] = {}
    weight = total = 0.0
    for facet in some:
        a, b = one.get(facet.field.name), other.get(facet.field.name)
        if a is None or b is None:
            continue
        found = _ALIKE[facet.role](facet.field, a, b)
        alike[facet.role] = found
        weight += facet.weight
        total += facet.weight * found
    why = {one.field.name: round(100 * alike[one.role]) for one in some if one.role in alike}
    if alike.get("key") == 1.0:
        return 100, why
    if alike.get("name", 0.0) < 0.5 or weight < ENOUGH:
        return 0, why
    if alike.get("key") and alike["name"] < 0.8:  # twins have neighbouring numbers, and other names
        total -= alike["key"] * next(one.weight for one in some if one.role == "key")
    return round(100 * total / weight), why


@lru_cache(maxsize=65536)
def sound(name: str) -> str:
    """How a name is spoken, without tones."""
    from pypinyin import lazy_pinyin  # its tables take a second to load: only where asked

    return " ".join(lazy_pinyin(name))


def _names(_field: Field, a: str, b: str) -> float:
    a, b = half_width(a), half_width(b)
    if a == b:
        return 1.0
    if len(a) == len(b) and sound(a) == sound(b):
        return 0.9
    return float(max(Levenshtein.normalized_similarity(a, b), fuzz.ratio(a, b) / 100 * 0.9))


def _births(_field: Field, a: str, b: str) -> float:
    if a == b:
        return 1.0
    a, b = a.replace("-", ""), b.replace("-", "")
    swapped = a[:4] == b[:4] and a[4:6] == b[6:8] and a[6:8] == b[4:6]
    return 0.7 if swapped or OSA.distance(a, b) == 1 else 0.0


def _keys(field: Field, a: str, b: str) -> float:
    shape = field.schema.get("format")
    first, second = canonical_key(shape, a) or a, canonical_key(shape, b) or b
    if first == second:
        return 1.0
    return 0.6 if shape and OSA.distance(first, second) <= 2 else 0.0


def _addresses(_field: Field, a: str, b: str) -> float:
    a, b = half_width(a), half_width(b)
    same = fuzz.ratio(a, b) / 100
    if same < 1 and _DIGITS.findall(a) != _DIGITS.findall(b):
        same *= 0.5  # another door is another door, however alike the rest
    return float(same)


def _same(_field: Field, a: str, b: str) -> float:
    return 1.0 if a == b else 0.0


_ALIKE: Mapping[str, Callable[[Field, str, str], float]] = {
    "key": _keys,
    "name": _names,
    "birth": _births,
    "address": _addresses,
    "phone": _same,
    "home": _same,
}
