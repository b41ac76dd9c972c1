"""How a value is told less exactly, step by step, up to not at all. Pure.

Level 0 is the value itself, the last level is `*`. A step only ever joins what the step before told
apart, so the levels of a column form a chain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from engine.dictionary.field import CodeList, Field
from engine.errors import Problem

ALL = "*"
BLANK = ""
"""What is not known is a value of its own: it joins the others only where everything does."""
DIVISIONS = (12, 9, 6, 4, 2)
BANDS = {"age": (5, 10, 20, 40)}
Step = Callable[[str], str]


class NotGeneralised(Problem):
    """The values of a field cannot be told less exactly, so it is no quasi-identifier."""

    code, status = "release.not-generalised", 422
    field: str


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The levels of one column; each function takes the value itself."""

    names: tuple[str, ...]
    """What the levels are called: `exact`, `5`, `city`, `*`."""
    steps: tuple[Step, ...]

    @property
    def top(self) -> int:
        """The last level, at which nothing is told."""
        return len(self.steps) - 1


def of_field(
    field: Field, codelists: Mapping[str, CodeList], widths: Sequence[int] = ()
) -> Hierarchy:
    """The hierarchy of a field: bands of numbers, the division tree, a code tree, days to years.

    `widths` are the bands of a number, each a multiple of the one before. Raises NotGeneralised.
    """
    shape, kind = str(field.schema.get("format", "")), field.schema.get("type")
    if field.secret or field.sensitivity == "L4":
        raise NotGeneralised(field=field.label())
    if shape == "division-code":
        return division()
    if field.codelist:
        return code_tree(codelists.get(field.codelist))
    if shape == "date":
        return day()
    if kind in ("integer", "number"):
        return bands(widths or BANDS.get(field.name, (10, 50, 100, 500)))
    if kind == "boolean":
        return suppressed()
    raise NotGeneralised(field=field.label())


def suppressed() -> Hierarchy:
    """Told, or not."""
    return Hierarchy(("exact", ALL), (_same, _all))


def bands(widths: Sequence[int]) -> Hierarchy:
    """Numbers in bands of growing width. Raises ValueError where one is no multiple of the last."""
    for one, next_ in pairwise(widths):
        if next_ % one:
            raise ValueError(f"{next_} is no multiple of {one}")
    if any(width <= 0 for width in widths):
        raise ValueError("a band has a width")
    return Hierarchy(
        ("exact", *(str(one) for one in widths), ALL),
        (_same, *(_band(one) for one in widths), _all),
    )


def division() -> Hierarchy:
    """A division code: village, town, county, city, province; the rest of the code is noughts."""
    names = ("exact", "town", "county", "city", "province", ALL)
    return Hierarchy(names, (_same, *(_head(length) for length in DIVISIONS[1:]), _all))


def day() -> Hierarchy:
    """A day: its month, its year, its ten years."""
    return Hierarchy(
        ("exact", "month", "year", "decade", ALL), (_same, _start(7), _start(4), _decade, _all)
    )


def code_tree(codes: CodeList | None) -> Hierarchy:
    """A code list: its parents step by step, as deep as the list is."""
    parents = {one.code: one.parent or "" for one in codes.values} if codes else {}
    depth = max((_depth(parents, code) for code in parents), default=1)
    up = tuple(_ancestor(parents, level) for level in reversed(range(1, depth)))
    return Hierarchy(
        ("exact", *(f"level {n}" for n in reversed(range(1, depth))), ALL), (_same, *up, _all)
    )


def _same(value: str) -> str:
    return value


def _all(_value: str) -> str:
    return ALL


def _band(width: int) -> Step:
    def step(value: str) -> str:
        if value == BLANK:
            return BLANK
        low = int(Decimal(value) // width) * width
        if Decimal(value) < 0 and Decimal(value) % width:
            low -= width  # Decimal divides towards nought
        return f"{low}-{low + width - 1}"

    return step


def _head(length: int) -> Step:
    return lambda value: value[:length].ljust(12, "0") if value else BLANK


def _start(length: int) -> Step:
    return lambda value: value[:length]


def _decade(value: str) -> str:
    return f"{value[:3]}0" if value else BLANK


def _line(parents: Mapping[str, str], code: str) -> list[str]:
    """A code and all above it, the highest first; a ring in the list ends where it begins."""
    found = [code]
    while (above := parents.get(found[-1], "")) and above not in found:
        found.append(above)
    return found[::-1]


def _depth(parents: Mapping[str, str], code: str) -> int:
    return len(_line(parents, code))


def _ancestor(parents: Mapping[str, str], level: int) -> Step:
    def step(value: str) -> str:
        line = _line(parents, value)
        return line[min(level, len(line)) - 1] if value else BLANK

    return step
