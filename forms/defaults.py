"""What the form itself proposes for a blank cell: its `default`.

A proposal and no fact: it comes after everything that any source knows, is marked as the form's own,
and waits for whoever fills in to confirm it or to type over it. Where nobody may type (`readonly`) it
is the form's fixed text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from engine.formats.validator import build_validator
from engine.json_text import Json
from forms import document
from forms.compiled import CompiledForm, Item
from forms.complaints import Complaint
from forms.document import Cell
from forms.structure import Spot

SOURCE = "default"
_NOT_JUDGED = ("$ref", "field", "form", "attachment", "default")


def of(item: Item) -> Json:
    """The value that an item proposes; None where it proposes nothing."""
    told = None if item.compute or item.attachment else item.schema.get("default")
    return None if document.blank(told) else told


def cell(form: CompiledForm, item: Item) -> Cell:
    """A cell that holds the proposal."""
    value = of(item)
    state = "known" if item.readonly else "carried"
    source = {"source": SOURCE, "title": form.title(), "at": ""}
    return Cell(value=value, state=state, source=source, known=value)


def of_form(form: CompiledForm) -> tuple[dict[str, Json], dict[str, Cell]]:
    """A document of which nothing is known, as the form proposes it; rows come later."""
    cells = {
        item.path: cell(form, item)
        for item in form.items
        if "*" not in item.path and of(item) is not None
    }
    return document.put_all(form, {}, {path: one.value for path, one in cells.items()}), cells


def of_row(form: CompiledForm, table: str) -> dict[str, Item]:
    """The columns of a floating table that propose something, by name."""
    inside = f"{table}/*/"
    return {
        str(item.column): item
        for item in form.items
        if item.path.startswith(inside) and of(item) is not None
    }


def in_rows(
    form: CompiledForm, values: Mapping[str, Json], table: str, rows: Sequence[str]
) -> tuple[Mapping[str, Json], dict[str, Cell]]:
    """The document with rows more at the end of a table, each with what the form proposes there."""
    proposed = of_row(form, table)
    given = {name: of(item) for name, item in proposed.items()}
    cells = {
        f"{table}/{row}/{name}": cell(form, item) for row in rows for name, item in proposed.items()
    }
    return document.add_rows(values, table, rows, [given] * len(rows)), cells


def problems(spots: Iterable[Spot]) -> Iterator[Complaint]:
    """Proposals that could never be handed in, or that nothing would ever show."""
    for spot in spots:
        node, where = spot.node, f"{spot.pointer}/default"
        if document.blank(node.get("default")):
            continue
        if spot.kind != "item" or "compute" in node or "attachment" in node:
            yield Complaint(where, "default-place")
        elif not _fits(node):
            yield Complaint(where, "default-unfit", {"value": str(node["default"])[:80]})


def _fits(node: Mapping[str, Any]) -> bool:
    judged = {key: value for key, value in node.items() if key not in _NOT_JUDGED}
    try:
        judge = build_validator(judged)
    except (ValueError, jsonschema_rs.ValidationError):
        return True  # what is wrong with the rest is told by its own rule
    return bool(judge.is_valid(node["default"]))
