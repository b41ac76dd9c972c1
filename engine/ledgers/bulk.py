"""One column of many rows set to one value: a plan like that of a sheet, made from a question instead.

It is kept, looked at, applied and undone as an import is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import NotFound, Problem
from engine.json_text import Json
from engine.ledgers import page
from engine.ledgers.edit import NotEditable
from engine.ledgers.filters import Ask
from engine.ledgers.ground import Ground, ground
from engine.ledgers.imports import CHANGED, MOST_LINES, REJECTED, SAME, Effect, Line
from engine.ledgers.lens import LOCAL, RELATED, Column, Lens
from engine.ledgers.rows import Row
from engine.work import Work

MOST_PICKED = 300
"""Rows that are ticked one by one; more than that are told by a filter."""


class BulkTooLarge(Problem):
    """More rows than one bulk change takes."""

    code, status = "ledger.bulk-too-large", 413
    limit: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Which column is to be what; None empties it. The value must be valid: forms see to that."""

    column: str
    value: Json


def columns(here: Ground) -> tuple[Column, ...]:
    """The columns that may be set for many: not what is derived, nor the number a subject is known
    by, nor photos and files.
    """
    return tuple(one for one in here.lens.columns if not _refused(here, one))


def plan(work: Work, lens: Lens, ask: Ask, wish: Wish, *, title: str, nobody: str) -> list[Effect]:
    """What setting the column would do to each row of the ask, without doing it.

    `title` is the column that names a row to people, `nobody` the words for a row without the
    household (or its like) that the column is about. Raises Forbidden, NotFound, FilterInvalid,
    NotEditable, BulkTooLarge.
    """
    here = ground(work, lens, verb="ledger.edit")
    column = page.known(here, wish.column)
    if reason := _refused(here, column):
        raise NotEditable(column=column.field.label(), reason=reason)
    if ask.on is not None:
        raise NotFound
    if page.count(work, here, ask, most=MOST_LINES + 1) > MOST_LINES:
        raise BulkTooLarge(limit=MOST_LINES)
    return list(_effects(page.every(work, here, ask), column, wish.value, title, nobody))


def _effects(
    rows: Iterator[Row], column: Column, value: Json, title: str, nobody: str
) -> Iterator[Effect]:
    for number, row in enumerate(rows, 1):
        line = Line(number, {"name": row.cell(title).value or ""})
        cell = row.cell(column.name)
        if column.kind == RELATED and column.name not in row.subjects:
            yield Effect(line, REJECTED, row.id, problems=((column.name, nobody),))
        elif cell.value == value:
            yield Effect(line, SAME, row.id)
        else:
            change = (column.name, cell.value, value, cell.stamp)
            yield Effect(line, CHANGED, row.id, (change,))


def _refused(here: Ground, column: Column) -> str:
    """Why a column may not be set for many; empty if it may."""
    if column.computed:
        return "computed"
    if column.files:
        return "files"
    keys = here.dictionary.subjects[column.field.subject].keys if column.kind != LOCAL else ()
    return "key" if column.field.name in keys else ""
