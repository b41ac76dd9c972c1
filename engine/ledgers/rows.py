"""Rows of a ledger from what a statement gives: each cell with where it came from, in one pass.

The statement's columns stand in a fixed order: the subject with its sources and absences, those of the
local table, those of each other subject, then the ledger's columns, then what rows are ordered by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.ledgers.ground import Ground
from engine.ledgers.lens import LOCAL, RELATED, Lens
from engine.registers import absent, plans, query, store
from engine.registers.store import Origin
from engine.work import Work


class Cell(NamedTuple):
    """One value of a row: what it is, where it came from, whether it is too old to go unconfirmed."""

    value: Json = None
    origin: Origin | None = None
    stale: bool = False

    @property
    def stamp(self) -> int:
        """What an edit must have seen: the origin's number, 0 where there is no value."""
        return self.origin.id if self.origin else 0


BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """One subject as a ledger shows it; `subjects` are the ids of those its columns are about."""

    id: str
    cells: Mapping[str, Cell]
    subjects: Mapping[str, str]
    """By column name, where that is another than the row's own subject; absent if there is none."""

    def cell(self, name: str) -> Cell:
        """The cell of a column."""
        return self.cells.get(name, BLANK)


class Part(NamedTuple):
    """Where a column stands in a statement's rows, and how it is read."""

    name: str
    at: int
    about: int
    """Where the id of the subject stands that it is about; behind it its sources and absences."""
    sources: int
    field: Field
    secret: bool
    computed: bool
    source: str
    """Under which name its origin stands among the sources."""


def read(work: Work, ground: Ground, found: Sequence[Any]) -> Iterator[Row]:
    """The rows that a statement gave."""
    parts = layout(ground.lens, ground.dictionary, ground.local is not None)
    origins = _origins(work, parts, found)
    good = [plans.good_since(part.field.freshness_days, work.now) for part in parts]
    read_by = list(zip(parts, good, strict=True))
    for row in found:
        cells: dict[str, Cell] = {}
        subjects: dict[str, str] = {}
        for part, since in read_by:
            about = row[part.about]
            if not about:
                continue
            if about != row[0]:
                subjects[part.name] = about
            stored, sources = row[part.at], row[part.sources] or {}
            if stored is None:
                said = part.source in sources or row[part.sources + 1]
                if said and (blank := _blank(part, row, origins)) is not None:
                    cells[part.name] = blank
                continue
            value = stored
            if part.secret:
                value = store.opened(work, part.field, about, stored)
            elif type(stored) is not str:
                value = plain(stored)
            number = sources.get(part.source) or sources.get("*", 0)
            origin = origins.get(number)
            cells[part.name] = Cell(value, origin, origin is not None and origin.at < since)
        yield Row(row[0], cells, subjects)


@lru_cache(maxsize=256)
def layout(lens: Lens, dictionary: Dictionary, has_local: bool) -> tuple[Part, ...]:
    """The columns of a lens as they stand in a statement's rows."""
    related = list(lens.related())
    head = 3 + 2 * has_local + 3 * len(related)
    found = []
    for at, one in enumerate(lens.columns, head):
        about, sources = 0, 1
        if one.kind == LOCAL:
            sources = 3
        elif one.kind == RELATED:
            about = 3 + 2 * has_local + 3 * related.index((one.field.subject, one.via))
            sources = about + 1
        needs = query.needs(one.field, dictionary) if one.computed else []
        source = needs[0].partition(".")[2] if needs else one.field.name
        found.append(
            Part(one.name, at, about, sources, one.field, one.field.secret, one.computed, source)
        )
    return tuple(found)


def plain(value: Any) -> Json:
    """A number as the registers give it: whole where it is whole."""
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    return value


def _origins(work: Work, parts: Sequence[Part], found: Sequence[Any]) -> dict[int, Origin]:
    places = {1, *(part.sources for part in parts)}
    numbers: set[int] = set()
    for row in found:
        for place in places:
            if row[place]:
                numbers.update(row[place].values())
    return store.origins_by_id(work.connection, numbers)


def _blank(part: Part, row: Any, origins: Mapping[int, Origin]) -> Cell | None:
    """A cell without a value: why there is none, or by whom it was emptied; else there is no cell."""
    gone = None
    if not part.computed and row[part.sources + 1]:
        gone = absent.whole(None, row[part.sources + 1], part.field.name)
    sources = row[part.sources] or {}
    if gone is not None:
        origin = origins.get(sources.get(part.source, sources.get("*", 0)))
        return Cell(gone, origin)
    emptied = origins.get(sources.get(part.source, 0))
    return Cell(None, emptied) if emptied else None
