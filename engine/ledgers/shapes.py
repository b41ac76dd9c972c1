"""Pages of a ledger by their shape: built and compiled once for a ledger, its filters and its order.

To build a statement costs a hundred times what a small one costs the database. What is typed into
filters and where a page begins are given each time; they are no part of the shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select

from engine.ledgers import filters
from engine.ledgers.filters import Ask
from engine.ledgers.ground import Ground
from engine.storage.prepared import Prepared
from engine.work import Work

T = TypeVar("T")
MOST = 512
Build = Callable[[], tuple[Select[Any], int]]
"""The statement, and how many terms it is ordered by."""
PLACE = "place_{}"


class Cut(NamedTuple):
    """What part of the rows a page is: behind which place, and how many."""

    place: Sequence[Any]
    limit: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement that is ready, and how many terms it is ordered by."""

    statement: Prepared
    terms: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked before: its shape, and the values of its filters."""

    shape: Shape
    values: Mapping[str, Any]
    sealed: bool
    """Whether a filter looks for a sealed value, whose mark only a vault can make."""


_shapes: dict[Any, Shape] = {}
_asked: dict[Any, Asked] = {}


def fits(ground: Ground, ask: Ask) -> bool:
    """Whether a question has a shape: words and ticked rows are looked up first, rules are somebody's own."""
    return ground.open is None and ask.ids is None and not ask.words.strip()


def rows(
    work: Work, ground: Ground, ask: Ask, cut: Cut, build: Build
) -> tuple[list[list[Any]], int]:
    """The rows of a page that begins behind a place, and how many terms they are ordered by.

    Raises FilterInvalid.
    """
    nulls = tuple(one is None for one in cut.place)
    dialect = work.connection.dialect.name
    where = (dialect, ground.lens, ground.areas, ground.today, ask, nulls, cut.limit)
    known = _asked.get(where)
    if known is None:
        known = _first(work, ground, ask, where, build)
    values = known.values
    if known.sealed:
        values = filters.values(work, ground, ask.filters)
    if cut.place:
        at = {PLACE.format(n): one for n, one in enumerate(cut.place) if one is not None}
        values = {**values, **at}
    return known.shape.statement.rows(work.connection, values), known.shape.terms


def _first(work: Work, ground: Ground, ask: Ask, where: tuple[Any, ...], build: Build) -> Asked:
    dialect, lens, areas, today, _, nulls, limit = where
    values = filters.values(work, ground, ask.filters)
    shaped = tuple(filters.shape(ground.lens, one) for one in ask.filters)
    key = (dialect, lens, areas, today, shaped, ask.sort, ask.descending, nulls, limit)
    shape = _shapes.get(key)
    if shape is None:
        statement, terms = build()
        shape = _kept(_shapes, key, Shape(Prepared(statement), terms))
    return _kept(_asked, where, Asked(shape, values, filters.sealed(ground.lens, ask.filters)))


def _kept(kept: dict[Any, T], key: Any, made: T) -> T:
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = made
    return made
