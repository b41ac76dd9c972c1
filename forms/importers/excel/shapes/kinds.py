"""What kind of table a band is: printed rows, rows to come, headers on both sides, or a card after all."""

import re

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels import words
from forms.importers.excel.proposal import Item, Table
from forms.importers.excel.shapes.bands import Band, Column
from forms.importers.excel.shapes.rows import BodyRow

_PERSONAL = re.compile(
    r"(?:姓名|户主|身份证|公司名称|企业名称|法人|联系人|申请人|场所名称|项目名称|产品名称|设备名称|.*姓名)"
)

_RECORD = re.compile(r"(?:项目|工程|产品|设备|企业|公司|物资|合同)名称")
_SERIAL = re.compile(r"序\s*号")


def kind_of_band(grid: Grid, band: Band, rows: list[BodyRow], *, known: bool = False) -> str:
    """fixed, floating, cross or card; a header `known` to head its columns makes no card."""
    named = [row for row in rows if row.name is not None and not row.total]
    coded = [row for row in rows if row.code is not None]
    body = len(band.body) * band.panels
    values = list(_values(grid, band))
    texts = [c for c in values if _is_text(c)]
    written = [c for c in values if not c.blank]
    if known:
        return "cross" if named else "floating"
    if _is_card(grid, band):
        return "card"
    told = len(texts) > 0.25 * max(len(written), 1) and len(written) > 0
    if len(coded) >= max(2, 0.4 * _written(grid, band)) and not (told and _is_counted(band)):
        return "fixed"
    if len(named) > 1 and len({row.name for row in named}) == 1:
        return "floating"  # one tall heading beside the rows names none of them
    if not body or len(named) < 0.5 * body or _only_numbers(named):
        return "floating"
    head = words.squeezed(band.columns[0].path[-1]).replace(" ", "") if band.columns[0].path else ""
    if band.columns[0].role == "index" or _PERSONAL.fullmatch(head) or _lists(grid, band):
        return "floating"
    if told and not _is_printed(grid, band, named):
        return "floating"
    value_columns = [c for c in band.columns if c.role == "value" and c.panel == 0]
    nested = any(row.indent for row in rows) or any(c.role == "unit" for c in band.columns)
    return "fixed" if len(value_columns) == 1 or nested else "cross"


def _lists(grid: Grid, band: Band) -> bool:
    """A record a row: what each row is about stands behind the village that it is of."""
    about = [c for c in band.columns if c.role == "value" and c.path and _RECORD.fullmatch(words.squeezed(c.path[-1]))]  # fmt: skip
    return any(_is_text(grid.at(row, column.left)) for column in about for row in band.body)


def weight(items: list[Item], table: int) -> int:
    """How many items are of one table."""
    return sum(item.table == table for item in items)


def overall_kind(tables: list[Table], items: list[Item]) -> str:
    """What the sheet is as a whole."""
    cards = any(item.axis == "cell" for item in items)
    if not tables:
        return "card"
    if len(tables) > 1:
        return "several"
    few = sum(item.axis == "cell" for item in items) <= sum(item.axis != "cell" for item in items)
    return tables[0].kind if not cards or few else "several"


def _is_printed(grid: Grid, band: Band, named: list[BodyRow]) -> bool:
    """Names under names of groups, or things to check, with columns left empty: what is asked of each
    is printed beside it.
    """
    stub = [column for column in band.columns if column.role == "name" and column.path]
    if not stub or not (
        any(row.groups for row in named) or words.is_printed_head(stub[-1].path[-1])
    ):
        return False
    if _PERSONAL.fullmatch(words.squeezed(stub[-1].path[-1]).replace(" ", "")):
        return False
    asked = [c for c in band.columns if c.role == "value" and c.path and not _is_remark(c)]
    empty = [c for c in asked if all(_is_room(grid.at(row, c.left)) for row in band.body)]
    return len(asked) > 1 and 2 * len(empty) >= len(asked)


def _is_room(cell: Cell) -> bool:
    return cell.blank or words.has_choice(cell.text)


def _is_remark(column: Column) -> bool:
    return bool(re.fullmatch(r"备\s*注|说\s*明", words.squeezed(column.path[-1])))


def _written(grid: Grid, band: Band) -> int:
    """How many rows there are, down to the last in which anything stands; spare ones follow."""
    rows = [row for row in band.body if any(not grid.at(row, c.left).blank for c in band.columns)]
    return (rows[-1] - band.body[0] + 1) * band.panels if rows else 0


def _is_counted(band: Band) -> bool:
    """A serial number, wherever it stands, counts rows and codes none."""
    codes = [column for column in band.columns if column.role == "code"]
    return all(_SERIAL.fullmatch("".join(words.squeezed(p) for p in c.path)) for c in codes)


def _values(grid: Grid, band: Band) -> list[Cell]:
    return [
        grid.at(row, column.left)
        for row in band.body
        for column in band.columns
        if column.role == "value" and not _over_all(grid, band, column)
    ]


def _over_all(grid: Grid, band: Band, column: Column) -> bool:
    """One cell beside all the rows, mostly how to fill them in: the answer of none."""
    return len(band.body) > 1 and grid.at(band.body[0], column.left).rows >= len(band.body)


def _is_text(cell: Cell) -> bool:
    if cell.blank or cell.kind != "text" or words.has_choice(cell.text):
        return False
    text = cell.text.strip()
    return not (
        words.is_number(text)
        or words.is_closed(text)
        or words.is_measure(text)
        or words.is_unit(text)
    )


def _only_numbers(named: list[BodyRow]) -> bool:
    return bool(named) and all(
        words.is_number(row.label) or words.is_closed(row.label) for row in named
    )


def _is_card(grid: Grid, band: Band) -> bool:
    """A heading row whose columns do not go on below is a row of a card."""
    if not band.body:
        return False
    going = [
        column
        for column in band.columns
        if any(
            cell.col == column.left and cell.right == column.right
            for row in band.body
            for cell in [grid.at(row, column.left)]
        )
    ]
    return len(going) < 0.5 * len(band.columns)
