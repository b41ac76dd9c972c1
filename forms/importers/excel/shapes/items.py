"""The items of a table or card, and the table itself, once its rows and columns are known."""

import re
from collections.abc import Sequence
from dataclasses import replace

from forms.importers.excel.files.grid import Cell, Grid, address, column_letter
from forms.importers.excel.labels import words
from forms.importers.excel.proposal import Item, Table
from forms.importers.excel.shapes.bands import Band, Column
from forms.importers.excel.shapes.cards import Pair
from forms.importers.excel.shapes.rows import BodyRow
from forms.importers.excel.shapes.types import type_of


def table_of(grid: Grid, band: Band, kind: str, section: tuple[str, ...]) -> Table:
    """The table of a band: where its headings, its rows and its columns of names are."""
    head = band.head or (0, 0)
    last = max(band.body, default=head[1])
    first_panel = [column for column in band.columns if column.panel == 0]
    stub = (
        [column for column in first_panel if column.role != "value"] if kind != "floating" else []
    )
    return Table(
        kind=kind,
        rows=(head[0], last),
        cols=(column_letter(band.columns[0].left), column_letter(band.columns[-1].right)),
        header_rows=head,
        header_cols=(column_letter(stub[0].left), column_letter(stub[-1].right)) if stub else None,
        title=" ".join(section),
        body=(band.body[0], last) if band.body else None,
        panels=band.panels,
        crowded=_is_crowded(grid, band, last),
    )


def longer(table: Table, band: Band) -> Table:
    """The same table with the rows of another band below it."""
    last = max(band.body, default=(band.head or (0, 0))[1])
    body = (table.body[0], last) if table.body else (last, last)
    return replace(table, body=body, rows=(table.rows[0], last))


def _is_crowded(grid: Grid, band: Band, last: int) -> bool:
    """Whether words stand where the first row would go, or the last one ends inside a cell that goes on."""
    if not band.body:
        return any(not one.blank for one in grid.row(last + 1))
    values = [column for column in band.columns if column.role != "group"]
    return any(grid.at(last, column.left).bottom > last for column in values)


def column_item(grid: Grid, band: Band, column: Column, *, table: int, kind: str) -> Item:
    """What a column asks for; one that is printed in several panels is one item."""
    assert column.leaf is not None
    cells = [grid.at(row, column.left) for row in band.body]
    counted = kind != "floating" and column.role == "value"
    type_, format_, choices = type_of(grid, cells, column.path[-1], column.unit, counted=counted)
    return Item(
        path=column.path,
        cell=column.leaf.ref,
        axis="column",
        type=type_,
        format=format_,
        choices=choices,
        label_cell=column.leaf.ref,
        value_cell=address(band.body[0], column.left) if band.body else "",
        table=table,
        columns=_columns_of(band, column),
        repeats=_repeats(band, column),
        unit=column.unit,
        code=column.code,
        number=column.number,
        role=_role_in(band, column, kind),
        samples=_samples(cells) if kind == "floating" else (),
        derived=words.is_derived(column.path[-1]),
        locked=_locked(grid, cells),
    )


def _role_in(band: Band, column: Column, kind: str) -> str:
    """A list asks for every column but its serial numbers, and a heading that reaches over its rows."""
    over = column.leaf is not None and column.leaf.bottom > (band.head or (0, 0))[1]
    if kind == "floating" and over and band.body:
        return "group"
    return column.role if kind != "floating" or column.role == "index" else "value"


def _repeats(band: Band, column: Column) -> tuple[str, ...]:
    return tuple(
        other.leaf.ref
        for other in _same_in_panels(band, column)
        if other is not column and other.leaf is not None
    )


def _same_in_panels(band: Band, column: Column) -> list[Column]:
    place = [one for one in band.columns if one.panel == 0].index(column)
    width = len(band.columns) // band.panels
    return [band.columns[place + width * panel] for panel in range(band.panels)]


def _columns_of(band: Band, column: Column) -> tuple[str, ...]:
    """The letters of this column in every panel."""
    return tuple(column_letter(one.left) for one in _same_in_panels(band, column))


def row_item(row: BodyRow, name: Cell, table: int) -> Item:
    """What a printed row is, under the names of its groups."""
    return Item(
        path=(*(words.label(cell.text) for cell in row.groups), row.label),
        cell=name.ref,
        axis="row",
        type="object" if row.open else "heading",
        label_cell=name.ref,
        value_cell=address(row.row, name.col) if row.row != name.row else "",
        table=table,
        panel=row.panel,
        unit=row.unit,
        code=row.code,
        number=row.number,
        indent=row.indent,
        total=row.total,
        derived=row.derived,
        closed=tuple(row.closed),
    )


def pair_item(grid: Grid, pair: Pair) -> Item:
    """What a label of a card asks for."""
    unit = words.unit_of(pair.path[-1])[1]
    kind, format_, choices = type_of(grid, [pair.value], pair.path[-1], unit)
    own = pair.value.ref == pair.label.ref and not pair.choices
    written = not pair.value.blank and not pair.choices and not own
    return Item(
        path=pair.path,
        cell=pair.value.ref,
        axis="cell",
        type=kind if not pair.choices else "string",
        format=format_ if not pair.choices else None,
        choices=pair.choices or choices,
        label_cell=pair.label.ref,
        value_cell=pair.value.ref,
        table=-1,
        unit=unit,
        code=pair.code,
        prefix=pair.path[-1] if own and re.search("[:：□]", pair.value.text) else "",
        samples=(words.label(pair.value.text)[:40],) if written else (),
    )


def _samples(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(words.label(cell.text)[:40] for cell in cells if not cell.blank)[:8]


def _locked(grid: Grid, cells: Sequence[Cell]) -> bool:
    formulas = [cell for cell in cells if cell.formula]
    return bool(cells) and (
        len(formulas) == len(cells) or (grid.protected and all(cell.look.locked for cell in cells))
    )
