"""Reading the old binary workbooks (.xls, .et, .xlsb) through calamine: values and merged cells."""

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import python_calamine

from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import Cell, Grid, Span, Value, Warned, make_grid
from forms.importers.excel.files.guard import (
    MAX_MERGES,
    SheetUnknown,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookUnsafe,
)
from forms.importers.excel.files.trim import trim

MAX_CELLS = 400_000


def read(data: bytes, sheet: str | None) -> Grid:
    """One sheet; without a name the first visible one that has anything on it."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        names = tuple(
            one.name
            for one in book.sheets_metadata
            if one.typ == python_calamine.SheetTypeEnum.WorkSheet
        )
        if sheet is not None and sheet not in names:
            raise SheetUnknown(sheet=sheet, sheets="、".join(names[:20]))
        for name in (sheet,) if sheet is not None else names:
            grid = _grid(book, name, names)
            if grid.cells:
                return grid
    except python_calamine.PasswordError as error:
        raise WorkbookEncrypted from error
    except python_calamine.CalamineError as error:
        raise WorkbookDamaged(part="xls") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise WorkbookDamaged(part="xls") from error
        raise
    return make_grid(sheet or (names[0] if names else ""), [], sheets=names)


def hidden(data: bytes) -> frozenset[str]:
    """The sheets that the workbook does not show; it has been read before."""
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    shown = python_calamine.SheetVisibleEnum.Visible
    return frozenset(one.name for one in book.sheets_metadata if one.visible != shown)


def _grid(book: Any, name: str, names: tuple[str, ...]) -> Grid:
    source = book.get_sheet_by_name(name)
    cells: list[Cell] = []
    warnings: list[Warned] = []
    top, left = source.start or (0, 0)
    for row, line in enumerate(source.iter_rows(), 1 + top):
        for col, stored in enumerate(line, 1 + left):
            cell = _cell(stored, row, col)
            if cell is not None:
                cells.append(cell)
        if len(cells) > MAX_CELLS:
            warnings.append(Warned("sheet.rows-left-out", f"A{row + 1}"))
            break
    ranges = source.merged_cell_ranges or []
    if len(ranges) > MAX_MERGES:
        raise WorkbookUnsafe(reason="merges-many", where=str(MAX_MERGES))
    merges = [Span(a[0] + 1, a[1] + 1, b[0] + 1, b[1] + 1) for a, b in ranges]
    kept, more = trim(cells, merges)
    return make_grid(name, kept, sheets=names, warnings=(*warnings, *more))


def _cell(stored: object, row: int, col: int) -> Cell | None:
    value, kind = _value(stored)
    if kind == "blank":
        return None
    return Cell(row, col, formats.show(value, "General"), value, kind)


def _value(stored: object) -> tuple[Value, str]:
    if isinstance(stored, bool):
        return stored, "bool"
    if isinstance(stored, int | float):
        number = formats.exact(repr(stored))
        return (number, "number") if number is not None else (None, "blank")
    if isinstance(stored, datetime):
        return (stored.date() if stored.time() == time() else stored), "date"
    if isinstance(stored, date):
        return stored, "date"
    if isinstance(stored, time):
        return stored, "time"
    if isinstance(stored, timedelta):
        return str(stored), "text"
    text = str(stored).replace("\r\n", "\n").replace("\r", "\n")
    return (text, "text") if text.strip() else (None, "blank")
