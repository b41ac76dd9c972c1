"""A document's values by cell: reading, changing (always a new value), and what is known of a cell.

Values are plain JSON following the form's schema. A cell is addressed by its path, with the
identity of a floating row (`_id`) where JSON has a number: `/elders/k3/name`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import repeat
from operator import methodcaller
from typing import Any

from engine.errors import Problem
from engine.json_text import Json
from forms import pointers
from forms.compiled import CompiledForm, Item
from forms.structure import ROW_ID

STATES = ("known", "stale", "carried", "computed", "typed", "confirmed", "empty", "returned")


class CellUnknown(Problem):
    """The form has no such cell."""

    code, status = "document.unknown-cell", 422
    path: str


class RowUnknown(Problem):
    """The row is not there (any more)."""

    code, status = "document.unknown-row", 409
    path: str


class RowTwice(Problem):
    """Two rows of a table carry the same identity."""

    code, status = "document.row-twice", 422
    path: str


class TextUnstorable(Problem):
    """A text has characters that no database takes."""

    code, status = "document.text-unstorable", 422
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one cell: its value, how it got there, and what was offered instead."""

    value: Json = None
    state: str = "empty"
    source: Mapping[str, Json] | None = None
    """Provenance: source, who, when, through which task, verified by whom, how old."""
    known: Json = None
    """The value that prefill offered; kept when a person types another."""
    disputed: bool = False
    chosen: Mapping[str, Json] | None = None
    """Where sources differ: who chose, when, which of them (`source`, `title`), over which (`over`)."""
    locked: bool = False
    reason: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is a value."""
        return not blank(self.value)

    @property
    def deviates(self) -> bool:
        """Whether a person entered something else than was known."""
        return not blank(self.known) and not same(self.value, self.known)


def marked(cell: Cell, *, disputed: bool) -> Cell:
    """The same cell, its known value disputed or no more."""
    return replace(cell, disputed=disputed)


def dump_cells(cells: Mapping[str, Cell]) -> dict[str, Json]:
    """What is known of cells as JSON; the values themselves stand in the document."""
    return {path: _dumped(cell) for path, cell in cells.items()}


def load_cells(stored: Mapping[str, Any], values: Mapping[str, Json]) -> dict[str, Cell]:
    """Cells from their JSON, each with its value from the document."""
    names = {one.name for one in fields(Cell)} - {"value"}
    current = get_all(values, stored)
    return {
        path: Cell(value=current[path], **{key: meta[key] for key in names & meta.keys()})
        for path, meta in stored.items()
    }


def in_state(stored: Mapping[str, Any], states: frozenset[str]) -> list[str]:
    """The paths of cells in one of these states, by their JSON: where nothing else of them is asked."""
    if states.isdisjoint(map(_STATE, stored.values())):  # as nearly always
        return []
    return [path for path, meta in stored.items() if _STATE(meta) in states]


_STATE = methodcaller("get", "state", "empty")


def _dumped(cell: Cell) -> dict[str, Json]:
    kept = ((name, getattr(cell, name), default) for name, default in _DEFAULTS.items())
    return {name: value for name, value, default in kept if value != default or name == "state"}


_DEFAULTS = {one.name: one.default for one in fields(Cell) if one.name != "value"}


def blank(value: Json) -> bool:
    """Nothing was entered: null, an empty or white text, an empty list or object. Zero is a value."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value in ([], {})


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same: 1 is 1.0, blank is blank, yes is not 1."""
    if blank(one) or blank(other):
        return blank(one) and blank(other)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def get(values: Mapping[str, Json], path: str) -> Json:
    """The value of a cell, a row or a table; None where there is none."""
    here: Json = values
    for step in pointers.split(path):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list):
            found = _row_at(here, step)
            here = None if found is None else here[found]
        else:
            return None
    return here


def get_all(values: Mapping[str, Json], paths: Iterable[str]) -> dict[str, Json]:
    """The values of many cells; the rows of a table are looked through once, not once a cell."""
    tables: dict[str, dict[str, Json]] = {}
    found = {}
    for path in paths:
        head, _, column = path.rpartition("/")
        if not head:
            found[path] = get(values, path) if "~" in path else values.get(column)
            continue
        table, _, row = head.rpartition("/")
        if table not in tables:
            rows = get(values, table)
            listed = enumerate(rows) if isinstance(rows, list) else ()
            tables[table] = {identity(one, index): one for index, one in listed}
        near = tables[table].get(row)
        found[path] = get(values, path) if near is None else get(near, f"/{column}")
    return found


def put(
    compiled: CompiledForm, values: Mapping[str, Json], path: str, value: Json
) -> dict[str, Json]:
    """The document with a cell set; a blank value removes it. A new row needs `add_row` first."""
    _refuse(compiled, path, value)
    if blank(value):
        return remove(values, path)
    changed: dict[str, Json] = _put(values, pointers.split(path), value, path)
    return changed


def put_all(
    compiled: CompiledForm, values: Mapping[str, Json], changes: Mapping[str, Json]
) -> dict[str, Json]:
    """The document with many cells set; ten thousand rows cost one pass, not one pass each."""
    done = dict(values)
    rows: dict[str, dict[str, dict[str, Json]]] = {}
    for path, value in changes.items():
        head, _, column = path.rpartition("/")
        table, _, row = head.rpartition("/")
        found = compiled.table_by_path.get(table)
        if found is None or found.kind != "floating":
            done = put(compiled, done, path, value)
            continue
        _refuse(compiled, path, value)
        rows.setdefault(table, {}).setdefault(row, {})[column] = value
    for table, changed_rows in rows.items():
        filled = _rows_filled(get(done, table), changed_rows, table)
        done = _put(done, pointers.split(table), filled, table)
    return done


def remove(values: Mapping[str, Json], path: str) -> dict[str, Json]:
    """The document without a cell, a row or a table; emptied groups go too, emptied rows stay."""
    removed: dict[str, Json] = _removed(values, pointers.split(path))
    return removed


def row_ids(values: Mapping[str, Json], table: str) -> list[str]:
    """Identities of the rows of a floating table, in order; a row without one is named by number."""
    rows = get(values, table)
    if not isinstance(rows, list):
        return []
    return [identity(row, index) for index, row in enumerate(rows)]


def add_row(
    values: Mapping[str, Json],
    table: str,
    row_id: str,
    cells: Mapping[str, Json] | None = None,
    position: int | None = None,
) -> dict[str, Json]:
    """The document with one row more, at the end or before a position."""
    rows = get(values, table) or []
    if row_id in row_ids(values, table):
        raise RowTwice(path=f"{table}/{row_id}")
    filled = {name: value for name, value in (cells or {}).items() if not blank(value)}
    row = {**filled, ROW_ID: row_id}
    at = len(rows) if position is None else max(0, min(position, len(rows)))
    changed: dict[str, Json] = _put(
        values, pointers.split(table), [*rows[:at], row, *rows[at:]], table
    )
    return changed


def add_rows(
    values: Mapping[str, Json],
    table: str,
    ids: Sequence[str],
    cells: Sequence[Mapping[str, Json]] = (),
) -> dict[str, Json]:
    """The document with many rows more at the end of a table, empty or with cells, in one pass."""
    known = set(row_ids(values, table))
    rows = list(get(values, table) or [])
    for row_id, given in zip(ids, cells or repeat({}, len(ids)), strict=True):
        if row_id in known:
            raise RowTwice(path=f"{table}/{row_id}")
        known.add(row_id)
        filled = {name: value for name, value in given.items() if not blank(value)}
        rows.append({**filled, ROW_ID: row_id})
    changed: dict[str, Json] = _put(values, pointers.split(table), rows, table)
    return changed


def identified(compiled: CompiledForm, values: Mapping[str, Json]) -> dict[str, Json]:
    """The document with an identity on every floating row; the same input gives the same ones."""
    done = dict(values)
    for table in compiled.tables:
        if table.kind == "floating" and "*" not in table.path:
            rows = get(done, table.path)
            if isinstance(rows, list):
                done = _put(done, pointers.split(table.path), _named(rows, table.path), table.path)
    return done


def flatten(values: Mapping[str, Json], compiled: CompiledForm) -> dict[str, Json]:
    """Every filled cell by path."""
    return dict(_filled(values, compiled, "", ""))


def cells(compiled: CompiledForm, values: Mapping[str, Json]) -> list[tuple[str, Item]]:
    """Every cell the document has now, filled or not: rows of floating tables as they stand."""
    found: list[tuple[str, Item]] = []
    for item in compiled.items:
        found.extend((path, item) for path in expand(values, item.path))
    return found


def expand(values: Mapping[str, Json], pattern: str) -> list[str]:
    """The paths that a pattern stands for in this document."""
    if "*" not in pattern:
        return [pattern]
    head, _, tail = pattern.partition("/*")
    return [path for row in row_ids(values, head) for path in expand(values, f"{head}/{row}{tail}")]


def changed(
    compiled: CompiledForm, before: Mapping[str, Json], after: Mapping[str, Json]
) -> list[str]:
    """Cells whose value is another one now, in the order of the form; moved rows are not changes."""
    old, new = flatten(before, compiled), flatten(after, compiled)
    different = {path for path in {*old, *new} if not same(old.get(path), new.get(path))}
    return [path for path in dict.fromkeys((*new, *old)) if path in different]


def _filled(
    node: Json, compiled: CompiledForm, path: str, pattern: str
) -> Iterator[tuple[str, Json]]:
    if pattern in compiled.by_path:
        if not blank(node):
            yield path, node
    elif isinstance(node, Mapping):
        for name, inner in node.items():
            if name != ROW_ID:
                step = f"/{pointers.escape(name)}"
                yield from _filled(inner, compiled, path + step, pattern + step)
    elif isinstance(node, list):
        for index, row in enumerate(node):
            yield from _filled(row, compiled, f"{path}/{identity(row, index)}", f"{pattern}/*")


def _refuse(compiled: CompiledForm, path: str, value: Json) -> None:
    if compiled.item(path) is None:
        raise CellUnknown(path=path)
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise TextUnstorable(path=path, label=compiled.name_of(path))


def _rows_filled(rows: Json, changes: Mapping[str, Mapping[str, Json]], table: str) -> list[Json]:
    left = dict(changes)
    filled = []
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        cells = left.pop(identity(row, index), None)
        if cells is None:
            filled.append(row)
        else:
            merged = {**row, **cells}
            filled.append({name: value for name, value in merged.items() if not blank(value)})
    for row in left:
        raise RowUnknown(path=f"{table}/{row}")
    return filled


def identity(row: Json, index: int) -> str:
    """What a row is called by in paths: its own identity, else its number."""
    own = row.get(ROW_ID) if isinstance(row, Mapping) else None
    return own if isinstance(own, str) else str(index)


def _row_at(rows: Sequence[Json], step: str) -> int | None:
    for index, row in enumerate(rows):
        if isinstance(row, Mapping) and row.get(ROW_ID) == step:
            return index
    if step.isdecimal() and int(step) < len(rows) and identity(rows[int(step)], int(step)) == step:
        return int(step)
    return None


def _put(node: Json, steps: Sequence[str], value: Json, path: str) -> Json:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(node, list):
        at = _row_at(node, step)
        if at is None:
            raise RowUnknown(path=path)
        return [*node[:at], _put(node[at], rest, value, path), *node[at + 1 :]]
    holder = node if isinstance(node, Mapping) else {}
    return {**holder, step: _put(holder.get(step), rest, value, path)}


def _removed(node: Json, steps: Sequence[str]) -> Json:
    step, rest = steps[0], steps[1:]
    if isinstance(node, list):
        at = _row_at(node, step)
        if at is None:
            return node
        kept = [_removed(node[at], rest)] if rest else []
        return [*node[:at], *kept, *node[at + 1 :]]
    if not isinstance(node, Mapping) or step not in node:
        return dict(node) if isinstance(node, Mapping) else node
    kept_inside = _removed(node[step], rest) if rest else None
    others = {name: value for name, value in node.items() if name != step}
    if not rest or kept_inside == {}:
        return others
    return {**node, step: kept_inside}


def _named(rows: Sequence[Json], path: str) -> list[Json]:
    taken: set[str] = set()
    for row in rows:
        own = row.get(ROW_ID) if isinstance(row, Mapping) else None
        if isinstance(own, str):
            if own in taken:
                raise RowTwice(path=f"{path}/{own}")
            taken.add(own)
    named: list[Json] = []
    number = 0
    for row in rows:
        if isinstance(row, Mapping) and ROW_ID not in row:
            number += 1
            while f"r{number}" in taken:
                number += 1
            named.append({ROW_ID: f"r{number}", **row})
        else:
            named.append(row)
    return named
