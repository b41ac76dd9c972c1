"""The names that formulas of a form may use, and whether its formulas fit them.

A name is a root item (`population`), a cell (`crops.r01.area`), a column (`elders.amount`) or, in a
formula over rows or columns, a column or row of that table, which then comes first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from engine.dictionary.field import Field
from engine.errors import Problem
from engine.formula import types
from engine.formula.parse import parse, parse_members
from engine.formula.tree import Expr
from engine.formula.types import BOOLEAN, DATE, NUMBER, TABLE, TEXT, UNKNOWN, Kind, Scope
from forms import structure
from forms.compiled import Check, CompiledForm, Item, Table
from forms.complaints import Complaint


@dataclass(frozen=True, slots=True)
class FormScope:
    """The names of one form, seen from its root, a row or a column; a Scope of the type checker."""

    kinds: Mapping[str, Kind]
    fields: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    """Fields of the dictionary by subject, for questions to the registers."""
    nearer: Mapping[str, Kind] = field(default_factory=dict)

    def kind(self, path: str) -> Kind | None:
        """What a name is; what stands nearer hides what stands further."""
        return self.nearer.get(path) or self.kinds.get(path)

    def register(self, subject: str) -> Scope | None:
        """The fields of a kind of subject."""
        columns = self.fields.get(subject)
        return None if columns is None else FormScope(columns)

    def within(self, names: Mapping[str, Kind]) -> "FormScope":
        """The same with nearer names."""
        return replace(self, nearer=names)


def of_form(
    items: Iterable[Item],
    tables: Iterable[Table],
    fields: Mapping[str, Field] | None = None,
    *,
    units: bool = False,
) -> FormScope:
    """The names of a form; with `units`, adding persons to households is an error too."""
    kinds: dict[str, Kind] = {}
    for item in items:
        kind = kind_of(item.schema, item.unit if units else None)
        name = dotted(item.path)
        kinds[name] = replace(kind, many=True) if "*" in item.path else kind
        if item.row and item.column and item.table:
            kinds.setdefault(f"{dotted(item.table)}.{item.column}", replace(kind, many=True))
    kinds.update({dotted(table.path): TABLE for table in tables})
    registers: dict[str, dict[str, Kind]] = {}
    for one in (fields or {}).values():
        kind = kind_of(one.schema, one.unit if units else None)
        registers.setdefault(one.subject, {}).update(dict.fromkeys(one.names, kind))
    return FormScope(kinds, registers)


def kind_of(schema: Mapping[str, Any], unit: str | None = None) -> Kind:
    """What values a schema lets in, in the words of the type checker."""
    match structure.kind_of(schema):
        case "number" | "integer":
            return replace(NUMBER, unit=unit) if unit else NUMBER
        case "boolean":
            return BOOLEAN
        case "string":
            return DATE if schema.get("format") == "date" else TEXT
        case _:
            return UNKNOWN


def dotted(path: str) -> str:
    """The name of a path in a formula: `/crops/r01/area` is `crops.r01.area`, without `*`."""
    return ".".join(step for step in path.split("/") if step not in ("", "*"))


def row_names(
    scope: FormScope, items: Iterable[Item], table: str, row: str | None = None
) -> FormScope:
    """The scope within a row (or any row): its columns come first."""
    nearer = {
        one.column: replace(scope.kinds[dotted(one.path)], many=False)
        for one in items
        if one.table == table and one.column and row in (None, one.row)
    }
    return scope.within(nearer)


def column_names(scope: FormScope, items: Iterable[Item], table: Table) -> FormScope:
    """The scope within a column: the rows come first, by name and by code."""
    codes = {row.name: row.code for row in table.rows}
    nearer: dict[str, Kind] = {}
    for one in items:
        if one.table == table.path and one.row:
            kind = scope.kinds[dotted(one.path)]
            for name in (one.row, codes.get(one.row)):
                if name:
                    nearer[name] = kind if nearer.get(name, kind) == kind else UNKNOWN
    return scope.within(nearer)


def problems(
    form: CompiledForm, fields: Mapping[str, Field], *, units: bool = False
) -> Iterator[Complaint]:
    """Formulas of a form that cannot be read or do not fit its names."""
    scope = of_form(form.items, form.tables, fields, units=units)
    written = {spot.path: spot.pointer for spot in structure.spots(form.bundle)}
    for index, check in enumerate(form.checks):
        yield from _about_check(check, form, scope, f"/form/checks/{index}/formula")
    computes: dict[str, Expr] = {}
    for item in form.items:
        if item.compute:
            seen = row_names(scope, form.items, item.table, item.row) if item.table else scope
            found = list(_about(item.compute, seen, f"{written[item.path]}/compute"))
            yield from found
            if not found:
                computes[item.path] = parse(item.compute)
    yield from _about_conditions(form, scope)
    for table in form.tables:
        if table.members:
            yield from _about_members(table.members, scope, f"{written[table.path]}/table/members")
    try:
        in_order(form.items, computes)
    except CycleError as error:
        names = " → ".join(dotted(path) for path in error.args[1])
        yield Complaint("/properties", "formula-cycle", {"names": names})


def _about_conditions(form: CompiledForm, scope: FormScope) -> Iterator[Complaint]:
    """Conditions that cannot be read, that ask in a circle, or that meet a plain `required`."""
    reads: dict[str, set[str]] = {}
    for one in structure.conditions(form.bundle):
        seen = row_names(scope, form.items, one.table, one.row) if one.table else scope
        found = list(_about(one.formula, seen, one.pointer, relation=True))
        yield from found
        if found or one.kind != "show":
            continue
        own = dotted(one.path)
        under = dotted(one.table) if one.table else ""
        for name in types.names(parse(one.formula)):
            near = one.table and name.partition(".")[0] in seen.nearer
            reads.setdefault(own, set()).add(f"{under}.{name}" if near else name)
        yield from _meets_required(form, one)
    try:
        TopologicalSorter(_spread(reads)).prepare()
    except CycleError as error:
        yield Complaint("/properties", "formula-cycle", {"names": " → ".join(error.args[1])})


def _spread(reads: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What is hidden takes what stands below it along: a name waits for the conditions above it."""
    graph = {name: set(found) for name, found in reads.items()}
    for found in reads.values():
        for name in found:
            above = {one for one in reads if name != one and name.startswith(f"{one}.")}
            graph.setdefault(name, set()).update(above)
    return graph


def _meets_required(form: CompiledForm, said: structure.Said) -> Iterator[Complaint]:
    """What is not always shown cannot always be required: any validator would refuse the document."""
    below = [
        item
        for item in form.items
        if item.required and (item.path == said.path or item.path.startswith(f"{said.path}/"))
    ]
    for item in below:
        inside = item.table and "*" in item.path and "*" not in said.path
        if not inside:  # rows of a hidden list are not there
            yield Complaint(said.pointer, "hidden-required", {"name": item.full_label()})


def _about_check(
    check: Check, form: CompiledForm, scope: FormScope, pointer: str
) -> Iterator[Complaint]:
    name, _, way = (check.over or "").partition(":")
    table = form.table_by_path.get(f"/{name}")
    if table is None or way == "columns":
        seen = column_names(scope, form.items, table) if table else scope
    else:
        seen = row_names(scope, form.items, table.path)
    yield from _about(check.formula, seen, pointer, relation=True)


def _about(
    formula: str, scope: Scope, pointer: str, *, relation: bool = False
) -> Iterator[Complaint]:
    try:
        expr = parse(formula)
        if relation:
            types.check_condition(expr, scope)
        else:
            types.check(expr, scope)
    except Problem as problem:
        yield Complaint(pointer, "formula", _told(formula, problem))


def _about_members(members: str, scope: Scope, pointer: str) -> Iterator[Complaint]:
    try:
        types.check_members(parse_members(members), scope)
    except Problem as problem:
        yield Complaint(pointer, "formula", _told(members, problem))


def _told(formula: str, problem: Problem) -> dict[str, Any]:
    return {
        "formula": formula,
        "position": problem.details().get("position", 0),
        "reason": problem,
    }


def in_order(items: Sequence[Item], computes: Mapping[str, Expr]) -> tuple[tuple[Item, Expr], ...]:
    """Computed items so that each finds its inputs computed; raises CycleError for a circle."""
    by_path = {item.path: item for item in items}
    columns: dict[tuple[str | None, str | None], set[str]] = {}
    for item in items:
        if item.table and item.column:
            columns.setdefault((item.table, item.row), set()).add(item.column)
    below: dict[str, set[str]] = {}
    for path in computes:
        for name in _readable_as(by_path[path]):
            below.setdefault(name, set()).add(path)
    graph: dict[str, set[str]] = {}
    for path, expr in computes.items():
        item = by_path[path]
        own = columns.get((item.table, item.row), set())
        inputs: set[str] = set()
        for name in types.names(expr):
            near = name.partition(".")[0] in own
            full = f"{dotted(path.rpartition('/')[0])}.{name}" if near else name
            inputs |= below.get(full, set())
        graph[path] = inputs
    return tuple(
        (by_path[path], computes[path]) for path in TopologicalSorter(graph).static_order()
    )


def _readable_as(item: Item) -> Iterator[str]:
    """Every name through which a formula can read a cell: itself, its row, its column, its table."""
    parts = dotted(item.path).split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
    if item.row and item.column and item.table:
        yield f"{dotted(item.table)}.{item.column}"
