"""Where the values of a form go on the department's own sheets."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from admin.views import words
from admin.views.print_view import Frame
from engine.absence import kind_of
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import document, picking, worksheets
from forms.compiled import CompiledForm, Item, Table
from renderers import placements
from renderers.placements import CellWrite, Identity, Kind, PictureWrite, Placements

IDS = ("resident-id", "uscc", "phone-cn", "division-code", "postcode")
"""Formats whose digits must stay text in a spreadsheet."""


@dataclass(frozen=True)
class Said:
    """What codes and picked values are called."""

    dictionary: Dictionary
    labels: Mapping[str, str] = field(default_factory=dict)


def placed(
    form: CompiledForm,
    contents: Mapping[str, Json],
    dictionary: Dictionary,
    frame: Frame,
    labels: Mapping[str, str] | None = None,
) -> Placements:
    """Where the values and the blocks go on the department's sheet; `labels` name what was picked."""
    said = Said(dictionary, labels or {})
    first, *others = (_on(sheet, form, contents, frame, said) for sheet in worksheets.of(form))
    return replace(first, sheet=_name(form), others=tuple(others))


def empty_places(form: CompiledForm, dictionary: Dictionary) -> Placements:
    """Every cell of the form that has a place on its sheets, filled or not."""
    first, *others = (_empty(sheet, form, dictionary) for sheet in worksheets.of(form))
    return replace(first, sheet=_name(form), others=tuple(others))


def _name(form: CompiledForm) -> str:
    return str(form.template.get("sheet", ""))


def _on(
    sheet: str, form: CompiledForm, contents: Mapping[str, Json], frame: Frame, said: Said
) -> Placements:
    hands = tuple(_hands(sheet, form, frame))
    signed = {one.address for one in hands}
    told = (one for one in _blocks(sheet, form, frame) if one.address not in signed)
    cells = (*told, *_cells(sheet, form, contents, said))
    lists = (one for one in floating(form) if one.sheet == sheet)
    blocks = tuple(_block(form, table, contents, said) for table in lists)
    return Placements(cells, blocks, sheet, hands)


def _empty(sheet: str, form: CompiledForm, dictionary: Dictionary) -> Placements:
    cells = tuple(cell(item, dictionary) for item in single(form) if item.sheet == sheet)
    blocks = tuple(
        placements.Block(*(table.region or (1, 1)), block_columns(form, table))
        for table in floating(form)
        if table.sheet == sheet
    )
    labels = tuple(
        CellWrite(block.cell, None, after=block.prefix)
        for block in form.blocks
        if block.sheet == sheet and block.prefix and block.role not in ("title", "notes", "unit")
    )
    return Placements((*cells, *labels), blocks, sheet)


def single(form: CompiledForm) -> Iterator[Item]:
    """The items that have one cell on a sheet, those of fixed tables among them."""
    return (i for i in form.items if i.at and "*" not in i.path and i.at[-1].isdigit())


def place(item: Item, dictionary: Dictionary) -> str:
    """By what an item's value is found in a workbook that was read back."""
    key = cell(item, dictionary).key
    return f"{item.sheet}!{key}" if item.sheet else key


def floating(form: CompiledForm) -> list[Table]:
    """The lists that have rows on a sheet, sheet by sheet."""
    found = [
        table
        for table in form.tables
        if table.kind == "floating" and table.region and "*" not in table.path
    ]
    return sorted(found, key=lambda table: worksheets.of(form).index(table.sheet))


def column_items(form: CompiledForm, table: Table) -> dict[str, Item]:
    """The columns of a list that stand on the sheet, by name."""
    return {
        column.name: form.by_path[f"{table.path}/*/{column.name}"]
        for column in table.columns
        if column.at
    }


def block_columns(form: CompiledForm, table: Table) -> tuple[placements.Column, ...]:
    """The same as the workbook takes them."""
    items = column_items(form, table).values()
    return tuple(placements.Column(str(one.at), kind(one), present(one)) for one in items)


def identity(form: CompiledForm) -> Identity:
    """What ties a workbook to the form's version."""
    return Identity(form.code, form.version, form.content_hash)


def _blocks(sheet: str, form: CompiledForm, frame: Frame) -> Iterator[CellWrite]:
    told = frame.told()
    for block in form.blocks:
        if (
            block.sheet == sheet
            and told.get(block.role)
            and block.role not in ("title", "notes", "unit")
        ):
            after, instead = block.prefix or None, block.instead or None
            yield CellWrite(block.cell, told[block.role], after=after, instead=instead)


def _hands(sheet: str, form: CompiledForm, frame: Frame) -> Iterator[PictureWrite]:
    """Signatures where the sheet has a place for each; not in a cell that holds several of them."""
    hands, told = frame.hands(), frame.told()
    mine = [block for block in form.blocks if block.sheet == sheet]
    held = Counter(block.cell for block in mine)
    for block in mine:
        if block.role in hands and held[block.cell] == 1:
            yield PictureWrite(
                block.cell, hands[block.role], told[block.role], block.prefix or None
            )


def _cells(
    sheet: str, form: CompiledForm, contents: Mapping[str, Json], said: Said
) -> Iterator[CellWrite]:
    for item in single(form):
        if item.sheet == sheet:
            value = document.get(contents, item.path)
            if not document.blank(value):
                found = cell(item, said.dictionary, _raw(item, value, said))
                yield replace(found, kind="text") if kind_of(value) else found


def cell(item: Item, dictionary: Dictionary, value: placements.Value = None) -> CellWrite:
    """An item's cell on the sheet; with what may be chosen, where that is printed with boxes."""
    options = tuple(words.shown(item, one.value, dictionary, "zh") for one in item.options)
    label = item.label("zh") if options else ""
    return CellWrite(str(item.at), value, kind(item), present(item), item.prefix, label, options)


def _block(
    form: CompiledForm, table: Table, contents: Mapping[str, Json], said: Said
) -> placements.Block:
    items = column_items(form, table)
    columns = block_columns(form, table)
    rows = tuple(
        {
            str(item.at): _raw(item, row[name], said)
            for name, item in items.items()
            if not document.blank(row.get(name))
        }
        for row in document.get(contents, table.path) or []
    )
    first, last = table.region or (1, 1)
    return placements.Block(first, last, columns, rows)


def kind(item: Item) -> Kind:
    """How a spreadsheet takes the values of an item."""
    if item.widget in picking.WIDGETS:
        return "text"
    if item.numeric and not item.options:
        return "number"
    if item.format == "date":
        return "date"
    return "id" if item.format in IDS or item.present else "text"


def present(item: Item) -> Any:
    """How the sheet asks for an item's numbers to be written."""
    return item.present or "plain"


def _raw(item: Item, value: Json, said: Said) -> placements.Value:
    """A value as a spreadsheet takes it; codes by their Chinese labels, as the sheet has them."""
    if item.numeric and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    if item.format == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return words.shown(item, value, said.dictionary, "zh", said.labels)
