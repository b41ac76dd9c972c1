"""Roll-up: the documents of a dispatch side by side, with totals that can be traced to their cells.

Only final documents count: a number that may still be returned is nobody's number yet. Totals are
exact decimals. What is no amount (a text, an age, a rate) has no sum; a rate that the form computes
is computed again from the totals of what it is made of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact
from typing import Any

from engine.dictionary.field import unit_adds_up
from engine.errors import Problem
from engine.formula.document import Document
from engine.formula.parse import parse
from engine.formula.tree import Aggregate, Arithmetic, Expr, Name, Previous, walk
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.work import Work
from forms import document, documents, store
from forms.checks import compute
from forms.compiled import CompiledForm, Item, Table
from forms.documents import DocumentRecord

EXACT = Context(prec=200, traps=[Inexact])
LONGEST_CHAIN = 8


class RollupTableUnknown(Problem):
    """The form has no such table to roll up."""

    code, status = "rollup.unknown-table", 404
    table: str


class RollupCellUnknown(Problem):
    """The roll-up has no such number."""

    code, status = "rollup.unknown-cell", 404
    path: str


@dataclass(frozen=True, slots=True)
class RollupColumn:
    """One column: an item of the form, or the number of rows of a floating table."""

    path: str
    """Of the cell (`/crops/r01/area`), of the column (`/elders/*/amount`), or of the table."""
    item: Item | None
    additive: bool
    is_rate: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it shows numbers."""
        return self.item is None or self.item.numeric


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation: its final document's values, or that it is missing."""

    organisation: OrganisationValue
    record: DocumentRecord | None
    values: tuple[Json, ...]
    counted: bool = True
    """False for a unit of which others below it report too: theirs are in the totals, not both."""

    mark: str = ""
    """zero: it returned nil (零报告), which counts; exempt: it need not report (免报), and does not."""
    was: tuple["Line", ...] = ()
    """By the units of today: the lines of then that this one stands for, if it is not simply one."""

    @property
    def missing(self) -> bool:
        """Whether something final should have come from it and has not."""
        return self.record is None and self.mark != "exempt"


@dataclass(frozen=True, slots=True)
class Rollup:
    """Organisations down, items across, totals above."""

    form: CompiledForm
    table: Table | None
    columns: tuple[RollupColumn, ...]
    lines: tuple[Line, ...]
    totals: tuple[Json, ...]

    @property
    def counted(self) -> int:
        """How many organisations' documents are in the totals."""
        return sum(
            1
            for line in self.lines
            for one in line.was or (line,)
            if one.counted and one.record is not None
        )

    def place(self, path: str) -> int:
        """The number of the column of a cell's path. Raises RollupCellUnknown."""
        for number, column in enumerate(self.columns):
            if column.path == path:
                return number
        raise RollupCellUnknown(path=path)


@dataclass(frozen=True, slots=True)
class RowBehind:
    """A row of a floating table that a number is made of."""

    organisation: OrganisationValue
    record: DocumentRecord
    row_id: str
    row: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Link:
    """One station of a value's way: the cell it stood in, and where that one had it from."""

    record: DocumentRecord
    form: CompiledForm
    path: str
    value: Json
    state: str
    source: Mapping[str, Json]


def parts(form: CompiledForm) -> list[str]:
    """What can be rolled up: "" for the items outside tables, then each table's path."""
    loose = [""] if any(item.table is None for item in form.items) else []
    return [*loose, *(table.path for table in form.tables if "*" not in table.path)]


def roll_up(
    form: CompiledForm,
    records: Iterable[DocumentRecord],
    organisations: Mapping[str, OrganisationValue],
    part: str = "",
) -> Rollup:
    """One part of a form over the documents of a dispatch. Raises RollupTableUnknown."""
    if part not in parts(form):
        raise RollupTableUnknown(table=part)
    table = form.table_by_path.get(part)
    columns = tuple(_columns(form, table))
    given = list(records)
    above = _above_others(given)
    lines = tuple(
        replace(
            _line(columns, organisations[record.organisation_code], record),
            counted=record.organisation_path not in above,
            mark=record.mark,
        )
        for record in given
    )
    return Rollup(form, table, columns, lines, _totals(form, columns, lines))


def by_level(
    found: Rollup, organisations: Mapping[str, OrganisationValue], above: str
) -> tuple[Line, ...]:
    """A roll-up's lines added up by the organisation directly below a path, in the order given there.

    Each unit is in the sum of one line, and a unit above others that report is in none.
    """
    grouped: dict[str, list[Line]] = {}
    for line in found.lines:
        path = line.organisation.path
        code = path[len(above) :].partition("/")[0] or line.organisation.code
        if line.counted and path.startswith(above):
            grouped.setdefault(code, []).append(line)
    return tuple(summed_line(found, organisations[code], lines) for code, lines in grouped.items())


def summed_line(found: Rollup, organisation: OrganisationValue, lines: Sequence[Line]) -> Line:
    """Several lines as that of one organisation: what adds up added, rates reckoned anew."""
    final = [line.record for line in lines if line.record is not None]
    totals = _totals(found.form, found.columns, lines)
    return Line(organisation, final[0] if final else None, totals)


def leaves(records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Without the units of which others below report too: what a total is made of."""
    above = _above_others(records)
    return [one for one in records if one.organisation_path not in above]


def _above_others(records: Sequence[DocumentRecord]) -> set[str]:
    """The paths of units of which another unit lies below."""
    paths = {one.organisation_path for one in records}
    found: set[str] = set()
    for path in paths:
        parts = path.strip("/").split("/")
        found.update("/" + "/".join(parts[:n]) + "/" for n in range(1, len(parts)))
    return found & paths


def totals_document(form: CompiledForm, records: Sequence[DocumentRecord]) -> dict[str, Json]:
    """All final documents as one: totals in the cells, the rows of floating tables one below another.

    Rows are named anew, since two organisations may use the same identity.
    """
    final = [record for record in leaves(records) if record.status == "final"]
    whole = _summed(form, final)
    for table in form.tables:
        if table.kind == "floating" and "*" not in table.path:
            rows = list(_rows(final, table.path))
            if rows:
                ids = [f"n{number}" for number in range(1, len(rows) + 1)]
                whole = document.add_rows(whole, table.path, ids, rows)
    return document.put_all(form, whole, _recomputed(form, whole))


def rows_behind(rollup: Rollup, organisation: str | None = None) -> Iterator[RowBehind]:
    """The rows of a floating table behind its numbers, of one organisation or of all."""
    if rollup.table is None or rollup.table.kind != "floating":
        return
    for line in rollup.lines:
        if line.record is None or organisation not in (None, line.organisation.code):
            continue
        path = rollup.table.path
        ids = document.row_ids(line.record.contents, path)
        for row_id, row in zip(ids, document.get(line.record.contents, path) or [], strict=True):
            yield RowBehind(line.organisation, line.record, row_id, row)


def chain(work: Work, record: DocumentRecord, path: str) -> list[Link]:
    """A cell's value back to where it was first entered, through the documents that carried it."""
    found: list[Link] = []
    seen: set[str] = set()
    here: tuple[DocumentRecord, str] | None = (record, path)
    while here is not None and here[0].id not in seen and len(found) < LONGEST_CHAIN:
        record, path = here
        seen.add(record.id)
        form = store.published(work.connection, record.form_code, record.form_version)
        kept: Mapping[str, Any] = record.cells.get(path) or {}
        source: Mapping[str, Json] = kept.get("source") or {}
        state = str(kept.get("state", "typed"))
        value = document.get(record.contents, path)
        found.append(Link(record, form, path, value, state, source))
        here = _before(work, form, path, source, typed=state == "typed")
    return found


def _before(
    work: Work, form: CompiledForm, path: str, source: Mapping[str, Json], *, typed: bool
) -> tuple[DocumentRecord, str] | None:
    """The document a value came from, and the cell of the same fact in it."""
    item = form.item(path)
    if typed or item is None or not source.get("document_id"):
        return None
    earlier = documents.several(work.connection, [str(source["document_id"])])
    if not earlier:
        return None
    other = store.published(work.connection, earlier[0].form_code, earlier[0].form_version)
    for candidate in other.items:
        if candidate.field and candidate.field == item.field and "*" not in candidate.path:
            return earlier[0], candidate.path
    return None


def _columns(form: CompiledForm, table: Table | None) -> Iterator[RollupColumn]:
    if table is not None and table.kind == "floating":
        yield RollupColumn(table.path, None, additive=True)
    for item in form.items:
        if item.table != (table.path if table else None):
            continue
        rate, additive = is_rate(form, item), is_amount(form, item)
        if "*" not in item.path or additive:
            yield RollupColumn(item.path, item, additive, rate)


def is_amount(form: CompiledForm, item: Item) -> bool:
    """Whether the values of several organisations may be added up."""
    if not item.numeric or item.options or is_rate(form, item):
        return False
    if not unit_adds_up(item.unit):
        return False
    return not any(
        isinstance(node, Aggregate) and node.function in ("AVG", "MIN", "MAX")
        for node in walk_of(form, item)
    )


def is_rate(form: CompiledForm, item: Item) -> bool:
    """Whether its formula divides by something that is not a plain number."""
    return item.numeric and any(
        isinstance(node, Arithmetic) and _divides(node) for node in walk_of(form, item)
    )


def walk_of(form: CompiledForm, item: Item) -> list[Expr]:
    """The nodes of an item's formula, its own or that of its field; none if it has none."""
    field = form.fields.get(item.field) if item.field else None
    formula = item.compute or (field.compute if field else None)
    return list(walk(parse(formula))) if formula else []


def _divides(node: Arithmetic) -> bool:
    return any(
        operator == "/" and any(isinstance(one, Name | Aggregate | Previous) for one in walk(right))
        for operator, right in zip(node.operators, node.operands[1:], strict=True)
    )


def _line(
    columns: Sequence[RollupColumn], organisation: OrganisationValue, record: DocumentRecord
) -> Line:
    if record.status != "final":
        return Line(organisation, None, (None,) * len(columns))
    return Line(organisation, record, tuple(_value(column, record) for column in columns))


def _value(column: RollupColumn, record: DocumentRecord) -> Json:
    if column.item is None:
        return len(document.row_ids(record.contents, column.path))
    if "*" not in column.path:
        return document.get(record.contents, column.path)
    paths = document.expand(record.contents, column.path)
    amounts = [document.get(record.contents, path) for path in paths]
    return added([*amounts, record.kept.get(column.path)])


def _totals(
    form: CompiledForm, columns: Sequence[RollupColumn], lines: Sequence[Line]
) -> tuple[Json, ...]:
    lines = [line for line in lines if line.counted]
    rates: Mapping[str, Json] = {}
    if any(column.is_rate for column in columns):
        whole = _summed(form, [line.record for line in lines if line.record is not None])
        rates = _recomputed(form, whole)
    return tuple(
        added(line.values[number] for line in lines) if column.additive else rates.get(column.path)
        for number, column in enumerate(columns)
    )


def _summed(form: CompiledForm, records: Sequence[DocumentRecord]) -> dict[str, Json]:
    whole: dict[str, Json] = {}
    for item in form.items:
        if "*" not in item.path and is_amount(form, item):
            total = added(document.get(record.contents, item.path) for record in records)
            whole = document.put(form, whole, item.path, total)
    return whole


def _recomputed(form: CompiledForm, whole: Mapping[str, Json]) -> dict[str, Json]:
    """Rates from the totals; not those that look at rows, other periods or registers."""
    rates = {item.path for item in form.items if "*" not in item.path and _from_totals(form, item)}
    if not rates:
        return {}
    worked = compute.compute(form, Document(whole))
    return {path: value for path, value in worked.items() if path in rates}


def _from_totals(form: CompiledForm, item: Item) -> bool:
    if not item.compute or not is_rate(form, item):
        return False
    fixed = {table.name for table in form.tables if table.kind == "fixed"}
    return not any(
        isinstance(node, Previous) or (isinstance(node, Aggregate) and node.source not in fixed)
        for node in walk_of(form, item)
    )


def added(values: Iterable[Json]) -> Json:
    """The exact sum of the numbers among the values; nothing if there is none."""
    numbers = [
        Decimal(value)
        for value in values
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
    ]
    if not numbers:
        return None
    total = Decimal(0)
    for one in numbers:
        total = EXACT.add(total, one)
    return int(total) if total == total.to_integral_value(context=EXACT) else total


def _rows(records: Sequence[DocumentRecord], table: str) -> Iterator[Mapping[str, Json]]:
    for record in records:
        yield from document.get(record.contents, table) or []
