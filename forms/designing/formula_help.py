"""What a designer is told of a formula while writing it: the names there are, the same in words, a
problem with its place, and what it gives for sample values. A look only: nothing is changed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.dictionary.field import Field
from engine.errors import Problem
from engine.formula import types
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import Value
from engine.formula.parse import half_width, parse
from engine.formula.tree import Aggregate, Expr, Name, Previous, walk
from engine.formula.types import Kind
from engine.json_text import Json
from forms.checks import scope
from forms.checks.scope import FormScope
from forms.compiled import CompiledForm, Item, Table
from forms.designing import formula_trial
from forms.designing.formula_trial import Tried as Named
from forms.designing.formula_trial import TriedTable
from forms.designing.picked import Group, read
from forms.picking import WIDGETS

_WORD = re.compile(r'"(?:[^"]|"")*"|[^\W\d][\w.]*')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a formula stands: on an item (its row, if it has one), or over a table's rows or columns."""

    form: CompiledForm
    scope: FormScope
    names: tuple[Named, ...]

    @property
    def kinds(self) -> dict[str, str]:
        """What each name holds that a picked line may ask about."""
        return {one.name: one.kind for one in reversed(self.asked)}

    @property
    def asked(self) -> tuple[Named, ...]:
        """The names that a picked line may ask about: values, and of tables their rows and totals."""
        return tuple(one for name in self.names for one in _asked(name))


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said of a formula."""

    words: str
    problem: Problem | None = None
    kind: str = ""
    used: tuple[Named, ...] = ()
    sample: Mapping[str, Json] | None = None
    result: Value = None
    tables: tuple[TriedTable, ...] = ()
    picked: Group | None = None


def place(
    form: CompiledForm,
    fields: Mapping[str, Field],
    *,
    path: str = "",
    over: str = "",
    language: str = "zh",
) -> Place:
    """The names at a place, the nearest first. An unknown place is the form's root."""
    whole = scope.of_form(form.items, form.tables, fields)
    head, _, way = over.partition(":")
    table = form.table_by_path.get(f"/{head}") or _table_of(form, path)
    if table is None:
        return Place(form, whole, tuple(_root(form, whole, language)))
    if way == "columns":
        seen = scope.column_names(whole, form.items, table)
        near = [Named(row.name, row.label(language), "number") for row in table.rows]
    else:
        row = _row_of(table, path)
        seen = scope.row_names(whole, form.items, table.path, row)
        near = list(_columns(form, table, seen, language))
    return Place(form, seen, (*near, *_root(form, whole, language)))


def tell(
    at: Place, formula: str, *, condition: bool, sample: Mapping[str, Json], today: date
) -> Told:
    """A formula judged where it stands, in words, and its result for sample values."""
    said = spoken(at, formula)
    try:
        expr = parse(formula)
        if condition:
            types.check_condition(expr, at.scope)
            kind = "boolean"
        else:
            kind = types.check(expr, at.scope).name
    except Problem as problem:
        return Told(said, problem)
    known = {one.name: one for one in at.names}
    used = tuple(
        known[name]
        for name in sorted(_plain_names(expr))
        if name in known and known[name].kind not in ("table", "column")
    )
    given = {
        one.name: sample.get(one.name, formula_trial.made_up(one, 1 if one.options else number))
        for number, one in enumerate(used, 1)
    }
    columns = {scope.dotted(one.path): _columns_of(at, one) for one in at.form.tables}
    tried = formula_trial.tables(at.form, expr, columns, sample)
    rows = formula_trial.placed(at.form, tried)
    document = Document(rows, today=today).in_row(given, given)
    result = evaluate(expr, document)
    return Told(said, None, kind, used, given, result, tried, read(expr, at.kinds))


def _columns_of(at: Place, table: Table) -> tuple[Named, ...]:
    whole = scope.of_form(at.form.items, at.form.tables, at.form.fields)
    return tuple(_columns(at.form, table, scope.row_names(whole, at.form.items, table.path, None)))


def _asked(one: Named) -> Iterator[Named]:
    if one.kind == "table":
        yield replace(one, name=f"COUNT({one.name})", kind="number", over="rows")
    elif one.kind == "column":
        if one.over == "number":
            yield replace(one, name=f"SUM({one.name})", kind="number", over="total")
    else:
        yield one


def spoken(at: Place, formula: str) -> str:
    """The formula with labels for names; texts in quotes stay as they are."""
    labels = {one.name: one.label for one in at.names}
    labels |= {scope.dotted(one.path): one.full_label() for one in at.form.items if one.row}
    return by_labels(labels, formula)


def by_labels(labels: Mapping[str, str], formula: str) -> str:
    """A formula with labels for the names that have one."""

    def called(match: re.Match[str]) -> str:
        word = match.group()
        return f"「{labels[word]}」" if word in labels else word

    return _WORD.sub(called, half_width(formula))


def _plain_names(expr: Expr) -> set[str]:
    """Names whose values a person can try; what stands in a table's total is not one of them."""
    return {one.path for one in walk(expr) if isinstance(one, Name)} - {
        one.path
        for inner in walk(expr)
        if isinstance(inner, Aggregate) and inner.where is not None
        for one in walk(inner.where)
        if isinstance(one, Name | Previous)
    }


def _root(form: CompiledForm, seen: FormScope, language: str) -> Iterator[Named]:
    for item in form.items:
        if item.table is None:
            yield _named(item, scope.dotted(item.path), seen, item.full_label(language))
    for table in form.tables:
        if "*" in table.path:
            continue
        yield Named(scope.dotted(table.path), table.label(language), "table")
        for column in table.columns:
            name = f"{scope.dotted(table.path)}.{column.name}"
            label = f"{table.label(language)} · {column.label(language)}"
            kind = seen.kind(name)
            held = kind.name if kind else ""
            yield Named(name, label, "column", over=held, unit=column.unit or "")


def _columns(
    form: CompiledForm, table: Table, seen: FormScope, language: str = "zh"
) -> Iterator[Named]:
    for column in table.columns:
        found = (one for one in form.items if one.table == table.path and one.column == column.name)
        item = next(found, None)
        if item is not None:
            yield _named(item, column.name, seen, column.label(language))


def _named(item: Item, name: str, seen: FormScope, label: str) -> Named:
    kind = seen.kind(name) or Kind("unknown")
    of: Any = item.schema.get("scope") or {}
    return Named(
        name,
        label,
        kind.name,
        item.options,
        item.codelist or "",
        unit=item.unit or "",
        pick=item.widget if item.widget in WIDGETS else "",
        levels=tuple(of.get("levels", ())),
    )


def _table_of(form: CompiledForm, path: str) -> Table | None:
    """The table in whose rows a path stands: an item of it, or one of its columns."""
    item = form.item(path)
    if item is not None:
        return form.table_by_path.get(item.table) if item.table else None
    return form.table_by_path.get(path.partition("/*")[0]) if "/*" in path else None


def _row_of(table: Table, path: str) -> str | None:
    step = path.removeprefix(f"{table.path}/").partition("/")[0]
    return step if table.kind == "fixed" and any(one.name == step for one in table.rows) else None
