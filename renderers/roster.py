"""A table as a plain, well-dressed workbook, for lists and roll-ups that no department drew a sheet for."""

import io
import re
from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from renderers.contract import Cell, Column, Row, Table, header_cells
from renderers.ooxml.addresses import join, letters
from renderers.ooxml.values import MAX_TEXT, number_of
from renderers.page_layout import width

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ILLEGAL_IN_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")
_SAMPLE = 300
_SHOWN_NUMBER = re.compile(r"-?[\d,]+(?:\.(\d+))?")


def render(tables: Table | Sequence[Table]) -> bytes:
    """One sheet a table: title, unit, merged header, rows, totals; frozen, printable, typed."""
    from openpyxl import Workbook  # heavy, and only an export needs it

    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    taken: set[str] = set()
    for table in [tables] if isinstance(tables, Table) else tables:
        name = _sheet_name(table.title, taken)
        taken.add(name.casefold())
        _fill(book.create_sheet(name), table)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    """At most 31 characters, none that Excel refuses, and no name twice."""
    wanted = title.translate(_ILLEGAL_IN_NAMES).strip().strip("'")[:28] or "Sheet"
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}{number}"
    return name


def _fill(sheet: "Worksheet", table: Table) -> None:
    top = _title(sheet, table)
    body = _header(sheet, table, top)
    looks = _Looks()
    for number, row in enumerate((*table.rows, *table.totals)):
        strong = number >= len(table.rows) or row.emphasis
        _row(sheet, body + number, row, table, looks=looks, strong=strong)
    _note(sheet, table, body + len(table.rows) + len(table.totals))
    _widths(sheet, table)
    sheet.freeze_panes = join(body, table.stub + 1 if len(table.columns) > table.stub else 1)
    sheet.print_title_rows = f"{top}:{body - 1}"
    sheet.page_setup.orientation = "landscape" if len(table.columns) > 8 else "portrait"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    properties = sheet.sheet_properties.pageSetUpPr
    if properties is not None:
        properties.fitToPage = True


def _title(sheet: "Worksheet", table: Table) -> int:
    """Title and unit line; the row the header begins in."""
    from openpyxl.styles import Alignment, Font

    row, last = 1, max(1, len(table.columns))
    if table.title:
        _text(sheet, row, 1, table.title)
        sheet.cell(row, 1).font = Font(name="宋体", size=16, bold=True)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center", vertical="center")
        sheet.row_dimensions[row].height = 30
        if last > 1:
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
        row += 1
    if table.unit:
        _text(sheet, row, 1, f"计量单位：{table.unit}")
        sheet.cell(row, 1).alignment = Alignment(horizontal="right")
        if last > 1:
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
        row += 1
    return row


def _header(sheet: "Worksheet", table: Table, top: int) -> int:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    thin = Side(style="thin")
    for level in range(table.depth):
        for column in range(1, len(table.columns) + 1):
            cell = sheet.cell(top + level, column)
            cell.border = Border(thin, thin, thin, thin)
            cell.fill = PatternFill("solid", fgColor="F2F2F2")
            cell.font = Font(name="宋体", size=11, bold=True)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for head in header_cells(table):
        unit = table.columns[head.column].unit
        leaf = head.row + head.rows == table.depth and head.columns == 1
        said = f"{head.text}（{unit}）" if leaf and unit else head.text
        _text(sheet, top + head.row, head.column + 1, said)
        if head.rows > 1 or head.columns > 1:
            sheet.merge_cells(
                start_row=top + head.row,
                end_row=top + head.row + head.rows - 1,
                start_column=head.column + 1,
                end_column=head.column + head.columns,
            )
    return top + table.depth


class _Looks:
    """Formats of body cells, made once each: building one a cell would take most of the time."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Any] = {}

    def dress(self, target: Any, key: tuple[bool, str, int, bool, str]) -> None:
        """Give a cell the look of (strong, align, indent, wrap, number format)."""
        if key not in self._made:
            self._make(target, *key)
            self._made[key] = target._style  # noqa: SLF001 - the library's public way hashes anew for each cell
        target._style = copy(self._made[key])  # noqa: SLF001 - as above

    @staticmethod
    def _make(target: Any, strong: bool, align: str, indent: int, wrap: bool, code: str) -> None:  # noqa: PLR0917 - the key, unpacked
        from openpyxl.styles import Alignment, Border, Font, Side

        thin = Side(style="thin")
        target.border, target.font = Border(thin, thin, thin, thin), Font(name="宋体", bold=strong)
        target.alignment = Alignment(
            horizontal=align, vertical="center", indent=indent, wrap_text=wrap
        )
        target.number_format = code


def _row(
    sheet: "Worksheet", number: int, row: Row, table: Table, *, looks: _Looks, strong: bool
) -> None:
    for index, column in enumerate(table.columns):
        cell = row.cells[index] if index < len(row.cells) else Cell()
        target = sheet.cell(number, index + 1)
        amount = _amount(cell)
        if amount is None:
            _text(sheet, number, index + 1, cell.text)
        else:
            target.value = amount
        leads = index + cell.columns == table.stub and column.align == "left"
        indent = row.indent if leads else 0
        code = "@" if amount is None else _format(cell.text, amount)
        if cell.rows > 1 or cell.columns > 1:
            sheet.merge_cells(
                start_row=number,
                end_row=number + cell.rows - 1,
                start_column=index + 1,
                end_column=index + cell.columns,
            )
        looks.dress(target, (strong, column.align, indent, len(cell.text) > 20, code))


def _amount(cell: Cell) -> Decimal | None:
    """A number only where the value is one; an ID stays the text it is."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | Decimal):
        return None
    return number_of(cell.value)


def _format(text: str, amount: Decimal) -> str:
    """As many decimals, and thousands apart, as the text shows; else as many as the value has."""
    shown = _SHOWN_NUMBER.fullmatch(text.strip())
    exponent = amount.as_tuple().exponent
    places = len(shown[1] or "") if shown else max(0, -exponent if isinstance(exponent, int) else 0)
    whole = "#,##0" if shown and "," in text else "0"
    return whole + ("." + "0" * places if places else "")


def _text(sheet: "Worksheet", row: int, column: int, text: str) -> None:
    """A typed string in a text cell: never a formula, never a number."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not text:
        return
    cell = sheet.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:MAX_TEXT]
    cell.data_type = "s"
    cell.number_format = "@"


def _note(sheet: "Worksheet", table: Table, row: int) -> None:
    from openpyxl.styles import Alignment

    if not table.note:
        return
    _text(sheet, row, 1, table.note)
    sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    if len(table.columns) > 1:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(table.columns))
    sheet.row_dimensions[row].height = 16 * (1 + table.note.count("\n"))


def _widths(sheet: "Worksheet", table: Table) -> None:
    for index, column in enumerate(table.columns):
        rows: tuple[Row, ...] = (*table.rows[:_SAMPLE], *table.totals)
        texts = (row.cells[index].text for row in rows if index < len(row.cells))
        longest = max((width(text) for text in texts), default=0.0)
        wanted = column.width or max(longest, min(8.0, _leaf(column)), 3.0)
        sheet.column_dimensions[letters(index + 1)].width = round(min(wanted, 24.0) * 2 + 2.5, 1)


def _leaf(column: Column) -> float:
    return width(column.path[-1]) if column.path else 0.0
