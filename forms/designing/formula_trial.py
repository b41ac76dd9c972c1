"""Rows of tables that a formula is tried on: those it adds up, with the columns that it looks at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.formula.tree import Aggregate, Expr, Name, walk
from engine.json_text import Json
from forms.compiled import CompiledForm, Option, Table

FLOATING_ROWS = 3
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """One value to try: a name, what people call it, and what can be chosen for it."""

    name: str
    label: str
    kind: str
    options: tuple[Option, ...] = ()
    codelist: str = ""
    unit: str = ""
    over: str = ""
    """Of a table's column what its cells hold; of what a condition asks of a table, `rows` or `total`."""
    pick: str = ""
    """organisation, person or account, where its value is one of those, picked by name."""
    levels: tuple[str, ...] = ()
    """Of which levels the organisations are; empty: of any."""


@dataclass(frozen=True, slots=True)
class TriedTable:
    """A table with the rows it is tried with; those of a fixed table have titles and stay as many."""

    name: str
    label: str
    columns: tuple[Tried, ...]
    rows: tuple[Mapping[str, Json], ...]
    titles: tuple[str, ...] = ()


def tables(
    form: CompiledForm,
    expr: Expr,
    columns: Mapping[str, Sequence[Tried]],
    sample: Mapping[str, Any],
) -> tuple[TriedTable, ...]:
    """The tables of the form that a formula looks into; `columns` are those of each table by its name."""
    found = []
    for source, used in _looked_into(expr).items():
        table = form.table_by_path.get("/" + source.replace(".", "/"))
        if table is None or source not in columns:
            continue
        told = tuple(one for one in columns[source] if one.name in used) or columns[source][:1]
        titles = tuple(row.label() for row in table.rows[:MOST_ROWS])
        rows = tuple(_rows(table, tuple(told), sample.get(source)))
        found.append(TriedTable(source, table.label(), tuple(told), rows, titles))
    return tuple(found)


def placed(form: CompiledForm, tried: Sequence[TriedTable]) -> dict[str, Any]:
    """The rows as a document holds them."""
    values: dict[str, Any] = {}
    for one in tried:
        *above, last = one.name.split(".")
        holder = values
        for step in above:
            holder = holder.setdefault(step, {})
        table = form.table_by_path["/" + one.name.replace(".", "/")]
        names = [row.name for row in table.rows]
        holder[last] = (
            dict(zip(names, one.rows, strict=False)) if table.kind == "fixed" else list(one.rows)
        )
    return values


def _looked_into(expr: Expr) -> dict[str, set[str]]:
    """By table the columns that a formula adds up or asks about."""
    found: dict[str, set[str]] = {}
    for node in walk(expr):
        if isinstance(node, Aggregate):
            used = found.setdefault(node.source, set())
            used |= {node.column} if node.column else set()
            if node.where is not None:
                used |= {one.path for one in walk(node.where) if isinstance(one, Name)}
        elif isinstance(node, Name):
            source, _, column = node.path.rpartition(".")
            if source:
                found.setdefault(source, set()).add(column)
    return found


def _rows(table: Table, columns: Sequence[Tried], given: object) -> Iterator[Mapping[str, Json]]:
    rows = given if isinstance(given, list) else None
    count = len(table.rows) if table.kind == "fixed" else FLOATING_ROWS
    count = min(count, MOST_ROWS) if rows is None or table.kind == "fixed" else len(rows)
    for number in range(min(count, MOST_ROWS)):
        row = rows[number] if rows is not None and number < len(rows) else None
        yield {
            one.name: _typed(one, row[one.name])
            if isinstance(row, Mapping) and one.name in row
            else made_up(one, number + 1)
            for one in columns
        }


def made_up(one: Tried, number: int) -> Json:
    """A value to begin with, another in each row."""
    if one.options:
        return one.options[(number - 1) % len(one.options)].value
    return {"number": 10 * number, "boolean": True, "date": "2026-01-15"}.get(one.kind, "例")


def _typed(one: Tried, value: Json) -> Json:
    """What was typed as the column's values are; what is no number there is blank, as in a document."""
    if value is None or value == "":
        return None
    if one.kind == "number":
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return value in (True, "true") if one.kind == "boolean" else value
