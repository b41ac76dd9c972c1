"""A document as formulas see it: from its root, from one row, or from one column of a table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec.structs import replace

from engine.formula.document import Document, reach
from engine.formula.exact import Value
from engine.formula.tree import Aggregate
from engine.json_text import Json
from forms import document as cells
from forms.compiled import CompiledForm, Table
from forms.structure import ROW_ID


def answering(document: Document) -> Document:
    """A document whose registers, when nobody asked them, answer nothing rather than zero."""
    return replace(document, registers=document.registers or _unasked)


def _unasked(_question: Aggregate) -> Value:
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as an environment: its cells by column first, in this and in other periods."""

    document: Document
    path: str
    """Of the row, or of the table when the view is a column."""
    near: Mapping[str, str]
    """Names that mean cells here, with the paths of those cells."""
    cells: Mapping[str, Json]
    before: Mapping[str, Json]
    year_ago: Mapping[str, Json]

    @property
    def today(self) -> date | None:
        """The day of the document."""
        return self.document.today

    def value(self, path: str) -> object:
        """A cell of the row, or else what the document says."""
        return reach(self.cells, path) if self._near(path) else self.document.value(path)

    def last(self, path: str) -> object:
        """The same of the period before."""
        return reach(self.before, path) if self._near(path) else self.document.last(path)

    def same_period_last_year(self, path: str) -> object:
        """The same of a year before."""
        if self._near(path):
            return reach(self.year_ago, path)
        return self.document.same_period_last_year(path)

    def aggregate(self, aggregate: Aggregate) -> object:
        """A register's answer."""
        return self.document.aggregate(aggregate)

    def _near(self, path: str) -> bool:
        return path.partition(".")[0] in self.near


class _InRow(Mapping[str, str]):
    """The cells of one row of a floating table; paths are written when they are asked for."""

    __slots__ = ("_columns", "_path")

    def __init__(self, path: str, columns: Mapping[str, None]) -> None:
        self._path, self._columns = path, columns

    def __getitem__(self, name: str) -> str:
        if name not in self._columns:
            raise KeyError(name)
        return f"{self._path}/{name}"

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def rows(form: CompiledForm, table: Table, document: Document) -> list[Row]:
    """Every row of a table, as it stands now."""
    columns = [column.name for column in table.columns]
    if table.kind == "floating":
        return _floating(table, dict.fromkeys(columns), document)
    found = []
    for row in table.rows:
        path = f"{table.path}/{row.name}"
        near = {name: f"{path}/{name}" for name in columns if f"{path}/{name}" in form.by_path}
        if near:
            found.append(
                Row(
                    document,
                    path,
                    near,
                    _mapping(cells.get(document.values, path)),
                    _mapping(cells.get(document.last_period, path)),
                    _mapping(cells.get(document.year_ago, path)),
                )
            )
    return found


def columns(form: CompiledForm, table: Table, document: Document) -> list[tuple[str, Row]]:
    """Every column of a fixed table, rows by name and by code."""
    found = []
    for column in table.columns:
        near: dict[str, str] = {}
        for row in table.rows:
            path = f"{table.path}/{row.name}/{column.name}"
            if path in form.by_path:
                near.update({name: path for name in (row.name, row.code) if name})
        view = Row(
            document,
            table.path,
            near,
            _column(near, document.values),
            _column(near, document.last_period),
            _column(near, document.year_ago),
        )
        found.append((column.name, view))
    return found


def _column(near: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Json]:
    return {name: cells.get(values, path) for name, path in near.items()}


def _floating(table: Table, names: Mapping[str, None], document: Document) -> list[Row]:
    before = _by_key(table, cells.get(document.last_period, table.path))
    year_ago = _by_key(table, cells.get(document.year_ago, table.path))
    here = cells.get(document.values, table.path)
    found = []
    for identity, row in zip(
        cells.row_ids(document.values, table.path),
        here if isinstance(here, list) else [],
        strict=True,
    ):
        path, key = f"{table.path}/{identity}", _key(table, _mapping(row))
        near = _InRow(path, names)
        found.append(
            Row(document, path, near, _mapping(row), before.get(key, {}), year_ago.get(key, {}))
        )
    return found


def _by_key(table: Table, stored: Json) -> dict[Json, Mapping[str, Json]]:
    there = stored if isinstance(stored, list) else []
    return {_key(table, row): row for row in there if isinstance(row, Mapping)}


def _key(table: Table, row: Mapping[str, Json]) -> Json:
    """Who a row is about, across periods: its natural key, or else its identity."""
    natural = row.get(table.key) if table.key else None
    return natural if isinstance(natural, str) and natural else row.get(ROW_ID)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def paths_of(
    names: Iterable[str], form: CompiledForm, values: Mapping[str, Json], view: Row | None = None
) -> tuple[str, ...]:
    """The cells that names stand for, in the order of the names; a long column is told as its table."""
    found: list[str] = []
    for name in names:
        if view is not None and name in view.near:
            found.append(view.near[name])
        else:
            found.extend(_named(name, form, values))
    return tuple(dict.fromkeys(found))


MANY = 50


def _named(name: str, form: CompiledForm, values: Mapping[str, Json]) -> list[str]:
    path = "/" + name.replace(".", "/")
    if path in form.by_path or path in form.table_by_path:
        return [path]
    head, _, column = path.rpartition("/")
    if head not in form.table_by_path:
        return []
    patterns = [one.path for one in form.items if one.table == head and one.column == column]
    every = [cell for pattern in patterns for cell in cells.expand(values, pattern)]
    return every if len(every) <= MANY else [head]
