"""From a form and the dictionary to a CompiledForm; pure, and the same for the same input."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import json_text
from engine.dictionary import field as dictionary
from engine.dictionary.field import Field
from engine.formula.parse import parse
from engine.json_text import Json
from forms import absences, defaults, dialect, headings, printing, structure, worksheets
from forms import bundle as bundling
from forms.checks import scope
from forms.compiled import (
    Binding,
    Check,
    Column,
    CompiledForm,
    Condition,
    Item,
    Option,
    PrefillPlan,
    Row,
    Section,
    Table,
    TablePlan,
)
from forms.complaints import Complaint, FormInvalid
from forms.headings import Named
from forms.structure import Spot


def compile_form(
    form: Json, fields: Mapping[str, Field], codelists: Mapping[str, Sequence[str]]
) -> CompiledForm:
    """Check a form, bundle it with its fields and make it ready. Raises FormInvalid with every complaint."""
    read, found = _read(form, fields, codelists, units=False)
    if read is None or found:
        named = form.get("form") if isinstance(form, dict) else None
        code = named.get("code", "") if isinstance(named, dict) else ""
        raise FormInvalid(form=str(code), complaints=tuple(found), count=len(found))
    return _with_formulas(read)


def problems(
    form: Json,
    fields: Mapping[str, Field],
    codelists: Mapping[str, Sequence[str]],
    *,
    units: bool = False,
) -> list[Complaint]:
    """Everything that keeps a form from being compiled; with `units`, doubtful sums and comparisons too."""
    return _read(form, fields, codelists, units=units)[1]


def _read(
    form: Json,
    fields: Mapping[str, Field],
    codelists: Mapping[str, Sequence[str]],
    *,
    units: bool,
) -> tuple[CompiledForm | None, list[Complaint]]:
    found = dialect.problems(form)
    if found:
        return None, found
    bundle, found = bundling.bundle(form, fields, codelists)
    if found:
        return None, found
    read = _load(bundle, 1)
    proposals = defaults.problems(structure.spots(bundle))
    return read, [*proposals, *scope.problems(read, fields, units=units)]


def load(bundle: Mapping[str, Json], version: int = 1) -> CompiledForm:
    """A published form from its stored bundle; needs no dictionary."""
    return _with_formulas(_load(bundle, version))


def _with_formulas(form: CompiledForm) -> CompiledForm:
    computes = {item.path: parse(item.compute) for item in form.items if item.compute}
    return replace(
        form,
        computes=scope.in_order(form.items, computes),
        relations=tuple((check, parse(check.formula)) for check in form.checks),
        conditions=tuple(
            Condition(one.kind, one.path, parse(one.formula), one.table, one.row, one.value)
            for one in structure.conditions(form.bundle)
        ),
    )


def _load(bundle: Mapping[str, Json], version: int) -> CompiledForm:
    """Everything but the formulas."""
    form = bundle["form"]
    spots = list(structure.spots(bundle))
    named = headings.of(form)
    sheets = worksheets.named(spots, form)
    items = tuple(worksheets.standing(_items(spots, named), sheets))
    fields = _fields(bundle)
    bindings = tuple(Binding(one.path, fields[one.field]) for one in items if one.field)
    tables = tuple(worksheets.standing(_tables(spots, items, named), sheets))
    subject = form.get("subject", "org")
    return CompiledForm(
        code=form["code"],
        titles=_titles(bundle, form.get("titles")),
        kind=form["kind"],
        period=form.get("period", "once"),
        owner=form.get("owner", ""),
        flow=form.get("flow", ""),
        subject=subject,
        unit=form.get("unit"),
        items=items,
        tables=tables,
        sections=_sections(form, bundle["properties"]),
        checks=tuple(_check(one) for one in form.get("checks", ())),
        blocks=tuple(worksheets.blocks(form)),
        fields=fields,
        bindings=bindings,
        plan=_plan(items, bindings, tables),
        sets=_sets(form, bindings),
        template=form.get("template", {}),
        legal=form.get("legal", {}),
        notes=form.get("notes", ""),
        nil=form.get("nil", False),
        printing=printing.read(form),
        computes=(),
        relations=(),
        conditions=(),
        bundle=bundle,
        judged_by=absences.judging(bundle, items),
        content_hash=hashlib.sha256(json_text.canonical(bundle)).hexdigest(),
        version=version,
    )


def _titles(node: Mapping[str, Any], titles: Mapping[str, str] | None = None) -> dict[str, str]:
    given = node.get("titles") if titles is None else titles
    return {**({"zh": node["title"]} if node.get("title") else {}), **(given or {})}


def _hints(node: Mapping[str, Any]) -> dict[str, str]:
    return {**({"zh": node["hint"]} if node.get("hint") else {}), **node.get("hints", {})}


def _items(spots: Iterable[Spot], named: Named) -> Iterable[Item]:
    rows = {spot.path: spot for spot in spots if spot.kind == "row"}
    fixed = {spot.path for spot in spots if spot.kind == "fixed"}
    groups = {spot.path: _titles(spot.node) for spot in spots if spot.kind == "group"}
    for spot in spots:
        if spot.kind == "item":
            row = rows.get(f"{spot.table}/{spot.row}") if spot.row else None
            lone = spot.row is not None and spot.column is None and spot.table in fixed
            above = () if spot.table else _above(spot.path, groups)
            yield replace(_item(spot, row, lone, named), groups=above)


def _above(path: str, groups: Mapping[str, Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    """The titles of the groups that a path leads through."""
    steps = path.split("/")
    paths = ("/".join(steps[:end]) for end in range(2, len(steps)))
    return tuple(groups[one] for one in paths if groups.get(one))


def _item(spot: Spot, row: Spot | None, lone: bool, named: Named) -> Item:
    node = spot.node
    teller = row.node if row else node
    computed = node.get("compute")
    return Item(
        path=spot.path,
        titles=_titles(node),
        type=structure.kind_of(node),
        header=tuple(node.get("header", ())),
        field=node.get("field", {}).get("code"),
        format=node.get("format"),
        unit=node.get("unit") or (row.node.get("unit") if row else None),
        codelist=node.get("codelist"),
        options=tuple(_options(node)),
        required=spot.required,
        readonly=bool(computed or node.get("readonly") or node.get("readOnly")),
        compute=computed,
        carry=bool(node.get("carry")),
        at=_address(node.get("at"), row.node.get("at") if row else None),
        prefix=node.get("prefix"),
        table=spot.table,
        row=spot.row,
        column=spot.column,
        row_titles=headings.told(_titles(teller), teller, named) if row or lone else {},
        hints=_hints(node),
        widget=node.get("widget"),
        present=node.get("present"),
        absences=() if computed else tuple(node.get("absences", ())),
        schema=node,
    )


def _options(node: Mapping[str, Any]) -> Iterable[Option]:
    inner = node.get("items") if structure.kind_of(node) == "array" else None
    holder = inner if isinstance(inner, Mapping) else node
    for value in holder.get("enum", ()):
        yield Option(value)
    for choice in holder.get("oneOf", ()):
        if isinstance(choice, Mapping) and "const" in choice:
            yield Option(choice["const"], _titles(choice))


def _address(cell: Json, row: Json) -> str | None:
    """`D` in row 7 is `D7`; a whole address, or a letter with no row to meet, stays as it is."""
    if cell is None:
        return None
    if isinstance(cell, str) and (row is None or cell[-1].isdigit()):
        return cell
    if row is None:
        return None
    return f"{cell}{row}" if isinstance(cell, str) else f"{row}{cell}"


def _tables(spots: Sequence[Spot], items: Sequence[Item], named: Named) -> Iterable[Table]:
    for spot in spots:
        if spot.kind not in ("floating", "fixed"):
            continue
        table = spot.node.get("table", {})
        region = table.get("rows")
        yield Table(
            path=spot.path,
            kind=spot.kind,
            titles=_titles(spot.node),
            columns=_columns([one for one in items if one.table == spot.path], spots, named),
            rows=tuple(
                _row(one, named) for one in spots if one.table == spot.path and _is_row(one)
            ),
            subject=table.get("subject"),
            key=table.get("key"),
            members=table.get("members"),
            region=(region[0], region[1]) if region else None,
        )


def _columns(cells: Sequence[Item], spots: Sequence[Spot], named: Named) -> tuple[Column, ...]:
    """The columns that the cells of a table stand in, each told once, in the order in which they are
    declared, wherever rows close some; a unit is a column's if all have it.
    """
    found: dict[str, Column] = {}
    units: dict[str | None, set[str | None]] = {}
    for cell in cells:
        units.setdefault(cell.column, set()).add(cell.unit)
    for cell in cells:
        if cell.column and cell.column not in found:
            found[cell.column] = Column(
                name=cell.column,
                titles=cell.titles,
                header=cell.header,
                above=headings.above(cell.header, named),
                unit=cell.unit if len(units[cell.column]) == 1 else None,
                at=cell.at.rstrip("0123456789") if cell.at else None,
            )
    inside = {cell.table for cell in cells}
    order = dict.fromkeys(one.column for one in spots if one.table in inside and one.column)
    return tuple(found[name] for name in order if name in found)


def _is_row(spot: Spot) -> bool:
    return spot.kind == "row" or (spot.kind == "item" and spot.row is not None and not spot.column)


def _row(spot: Spot, named: Named) -> Row:
    node = spot.node
    return Row(
        name=str(spot.row),
        titles=_titles(node),
        code=node.get("row_code", ""),
        unit=node.get("unit"),
        indent=node.get("indent", 0),
        at=str(node["at"]) if "at" in node else None,
        closed=frozenset(node.get("closed", ())),
        above=headings.above(node.get("header", ()), named),
    )


def _sections(form: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[Section, ...]:
    """As declared; what no section names comes last, so that nothing is ever invisible."""
    declared = [
        Section(_titles(one), tuple(one["items"]), one.get("page_break", False))
        for one in form.get("sections", ())
    ]
    named = {name for section in declared for name in section.items}
    rest = tuple(name for name in properties if name not in named)
    return (*declared, Section({}, rest)) if rest else tuple(declared)


def _check(document: Mapping[str, Any]) -> Check:
    words = {"zh": document["text"]} if document.get("text") else {}
    return Check(
        code=document["code"],
        formula=document["formula"],
        severity=document.get("severity", "error"),
        texts={**words, **document.get("texts", {})},
        over=document.get("over"),
        tolerance=document.get("tolerance", 0),
        source=document.get("source", ""),
    )


def _fields(bundle: Mapping[str, Any]) -> dict[str, Field]:
    """The fields that stand in the bundle, in their exact versions."""
    found = {}
    for name, schema in bundle.get("$defs", {}).items():
        if name.startswith(structure.FIELD):
            one = dictionary.read_field(schema["field"])
            found[one.code] = one
    return found


def _plan(
    items: Sequence[Item], bindings: Sequence[Binding], tables: Sequence[Table]
) -> PrefillPlan:
    floating = [table for table in tables if table.kind == "floating"]
    holder = {item.path: item.table for item in items}
    inside = {
        table.path: [b for b in bindings if holder[b.path] == table.path] for table in floating
    }
    loose = [b for b in bindings if not any(b in group for group in inside.values())]
    plans = (
        TablePlan(one.path, one.subject, one.key, one.members, _by_subject(inside[one.path]))
        for one in floating
    )
    return PrefillPlan(root=_by_subject(loose), tables=tuple(plans))


def _by_subject(bindings: Iterable[Binding]) -> dict[str, tuple[Binding, ...]]:
    found: dict[str, list[Binding]] = {}
    for one in bindings:
        found.setdefault(one.field.subject, []).append(one)
    return {subject: tuple(group) for subject, group in found.items()}


def _sets(form: Mapping[str, Any], bindings: Sequence[Binding]) -> tuple[str, ...]:
    """Fields to write back: those named, or every bound one that people may set."""
    if "sets" in form:
        kept = {other: b.field.code for b in bindings for other in b.field.renamed}
        return tuple(kept.get(code, code) for code in form["sets"])
    able = (b.field.code for b in bindings if {"verified", "entered"} & set(b.field.sources))
    return tuple(dict.fromkeys(able))
