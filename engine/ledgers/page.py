"""Rows of a ledger for a page, an export, a report: one statement, and one for where values came from.

Pages are cut by the place where the last one ended, not by counting, so the thousandth costs what the
first does. Blank stands last whichever way a column is sorted.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select

from engine import json_text
from engine.crypto.vault import KeyUnavailable
from engine.errors import NotFound
from engine.formula.sql_elements import exact_sum
from engine.json_text import Json
from engine.ledgers import filters, rows, search, shapes
from engine.ledgers.filters import Ask, FilterInvalid
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Column
from engine.ledgers.rows import Row
from engine.ledgers.shapes import Cut
from engine.registers import former, query
from engine.work import Work

PAGE, MOST = 50, 500
CHUNK = 500
OVERLAP = 200
"""A smaller stamp may be committed after a larger one; who asks what is new looks back so far."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next page begins; None at the end."""

    rows: tuple[Row, ...]
    next: str | None


def page(
    work: Work,
    ground: Ground,
    ask: Ask,
    *,
    after: str = "",
    limit: int = PAGE,
    only: ColumnElement[bool] | None = None,
) -> Page:
    """The rows of an ask from where another page ended; with `only`, of these instead of the
    ledger's members. Raises FilterInvalid.
    """
    cut = Cut(_place(work, after) if after else [], limit)
    found: Sequence[Any]
    if only is None and shapes.fits(ground, ask):
        build = partial(_shaped, work, ground, ask, cut)
        found, terms = shapes.rows(work, ground, ask, cut, build)
    else:
        order = _order(ground, ask)
        chosen = [ground.limited(only)] if only is not None else wanted(work, ground, ask)
        statement = _statement(ground, order, chosen, cut)
        found, terms = work.connection.execute(statement).all(), len(order)
    mark = None
    if len(found) > limit:
        found = found[:limit]
        mark = _mark(work, list(found[-1][-terms:]))
    return Page(tuple(rows.read(work, ground, found)), mark)


def _shaped(work: Work, ground: Ground, ask: Ask, cut: Cut) -> tuple[Select[Any], int]:
    """The statement of a page with parameters for what is no part of its shape."""
    order = _order(ground, ask)
    named: list[Any] = [
        None if one is None else bindparam(shapes.PLACE.format(n))
        for n, one in enumerate(cut.place)
    ]
    chosen = [ground.members(), *filters.conditions(work, ground, ask.filters, named=True)]
    return _statement(ground, order, chosen, Cut(named, cut.limit)), len(order)


def _statement(
    ground: Ground,
    order: Sequence[tuple[ColumnElement[Any], bool]],
    chosen: Sequence[ColumnElement[bool]],
    cut: Cut,
) -> Select[Any]:
    """A page that begins behind a place. Raises FilterInvalid for a place of another order."""
    if cut.place and len(cut.place) != len(order):
        raise FilterInvalid(column="after", reason="mark")
    behind = [_after(order, cut.place, ground)] if cut.place else []
    return _select(ground, order).where(*chosen, *behind).order_by(*_by(order)).limit(cut.limit + 1)


def by_ids(
    work: Work,
    ground: Ground,
    ids: Sequence[str],
    *,
    only: ColumnElement[bool] | None = None,
) -> dict[str, Row]:
    """Rows by their ids, as far as they are of the ledger and the actor may see them; with `only`,
    of these instead of the ledger's members.
    """
    found: dict[str, Row] = {}
    members = ground.members() if only is None else ground.limited(only)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        statement = _select(ground, []).where(members, ground.register.c.id.in_(part))
        found.update(
            (row.id, row)
            for row in rows.read(work, ground, work.connection.execute(statement).all())
        )
    return found


def one(work: Work, ground: Ground, row_id: str) -> Row:
    """A row by its id, or by one that it had before a merge.

    Raises NotFound for one that is not of the ledger or out of reach.
    """
    found = by_ids(work, ground, [row_id]).get(row_id)
    if found is None:
        gone = former.survivors(work, ground.lens.subject, former.ID, [row_id]).get(row_id)
        found = by_ids(work, ground, [gone]).get(gone) if gone else None
    if found is None:
        raise NotFound
    return found


def known(ground: Ground, name: str) -> Column:
    """A column by its name. Raises NotFound."""
    found = ground.lens.by_name.get(name)
    if found is None:
        raise NotFound
    return found


def every(work: Work, ground: Ground, ask: Ask) -> Iterator[Row]:
    """All rows of an ask, in its order, read page by page so that memory stays bounded."""
    after = ""
    while True:
        found = page(work, ground, ask, after=after, limit=MOST)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def count(
    work: Work,
    ground: Ground,
    ask: Ask,
    *,
    most: int | None = None,
    only: ColumnElement[bool] | None = None,
) -> int:
    """How many rows an ask has; with `most`, it is not counted further than that."""
    chosen = [ground.limited(only)] if only is not None else wanted(work, ground, ask)
    inner = select(ground.register.c.id).select_from(
        ground.joined(filters.columns_of(ground.lens, ask))
    )
    inner = inner.where(*chosen)
    if most is not None:
        inner = inner.limit(most)
    return int(
        work.connection.execute(select(func.count()).select_from(inner.subquery())).scalar_one()
    )


def totals(work: Work, ground: Ground, ask: Ask) -> tuple[int, dict[str, Json]]:
    """How many rows an ask has, and the sums of its numbers; of none known there is none."""
    summed = [
        one for one in ground.lens.columns if one.numeric and not one.masked and not one.computed
    ]
    parts = [part for one in summed for part in _summed(ground.stored(one))]
    statement = (
        select(func.count(), *parts)
        .select_from(ground.joined((*filters.columns_of(ground.lens, ask), *summed)))
        .where(*wanted(work, ground, ask))
    )
    row = work.connection.execute(statement).one()
    pairs = zip(summed, row[1::2], row[2::2], strict=True)
    sums = {one.name: rows.plain(total) if known else None for one, known, total in pairs}
    return int(row[0]), sums


def wanted(work: Work, ground: Ground, ask: Ask) -> list[ColumnElement[bool]]:
    """Which rows an ask means. Raises FilterInvalid."""
    chosen = [ground.members(), *filters.conditions(work, ground, ask.filters)]
    if ask.ids is not None:
        chosen.append(ground.register.c.id.in_(ask.ids))
    if ask.words.strip():
        chosen.append(search.condition(work, ground, ask.words))
    return chosen


def _summed(stored: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How many are known, and their sum: of nothing the sum is not nought, it is not known."""
    return func.count(stored), exact_sum(stored)


def _select(ground: Ground, terms: Sequence[tuple[ColumnElement[Any], bool]]) -> Select[Any]:
    register = ground.register
    columns = ground.lens.columns
    parts: list[Any] = [register.c.id, register.c.sources, register.c.absent]
    if ground.local is not None:
        parts += [ground.local.c.sources, ground.local.c.absent]
    for other in ground.related.values():
        parts += [other.c.id, other.c.sources, other.c.absent]
    parts += [ground.stored(one) for one in columns]
    parts += [term for term, _ in terms]
    labelled = [part.label(f"c{number}") for number, part in enumerate(parts)]
    return select(*labelled).select_from(ground.joined(columns))


def _order(ground: Ground, ask: Ask) -> list[tuple[ColumnElement[Any], bool]]:
    """What rows stand in order of, each with whether it falls; the id last, so that no two tie."""
    last = [(ground.register.c.id, False)]
    if not ask.sort:
        usual = query.order(ground.scope(""), ground.lens.subject)
        return [*((one, False) for one in usual), *last]
    found = filters.column(ground.lens, ask.sort)
    if found.field.secret or filters.kind(found) in ("other", "position"):
        raise FilterInvalid(column=ask.sort, reason="sort")
    return [(ground.stored(found), ask.descending), *last]


def _by(terms: Sequence[tuple[ColumnElement[Any], bool]]) -> list[Any]:
    *sorted_by, (last, _) = terms
    return [*((one.desc() if falls else one).nulls_last() for one, falls in sorted_by), last]


def _after(
    terms: Sequence[tuple[ColumnElement[Any], bool]], place: Sequence[Any], ground: Ground
) -> ColumnElement[bool]:
    """Rows behind a place: equal so far, and further in the first term that differs."""
    ways, equal = [], []
    for (column, falls), value in zip(terms, place, strict=True):
        if value is None:
            equal.append(column.is_(None))
            continue
        beyond = column < value if falls else column > value
        if column is not ground.register.c.id:
            beyond = or_(beyond, column.is_(None))
        ways.append(and_(*equal, beyond))
        equal.append(column == value)
    found = or_(*ways) if ways else false()
    first, falls = terms[0]
    if place[0] is not None and first is ground.home and ground.areas != ("",):
        found = and_(first >= place[0], found)  # an index on the place begins here, not at the top
    return found


def _mark(work: Work, place: Sequence[Any]) -> str:
    """Where a page ended, sealed: names of people do not belong in an address."""
    sealed = work.vault.seal(json_text.dumps([rows.plain(one) for one in place]), "ledger-mark")
    return base64.urlsafe_b64encode(sealed.encode()).decode()


def _place(work: Work, mark: str) -> list[Any]:
    try:
        sealed = base64.urlsafe_b64decode(mark.encode()).decode()
        found = json_text.trusted(work.vault.open(sealed, "ledger-mark"))
    except (KeyUnavailable, binascii.Error, ValueError) as error:
        raise FilterInvalid(column="after", reason="mark") from error
    if not isinstance(found, list) or not found:
        raise FilterInvalid(column="after", reason="mark")
    return [Decimal(one) if type(one) is int else one for one in found]
