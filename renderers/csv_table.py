"""A table as CSV that Excel opens in the right encoding, and in which no cell is a formula."""

import csv
import io
import re

from engine.formats.calculable import neutral
from renderers.contract import Cell, Table

MEDIA_TYPE = "text/csv; charset=utf-8"
_LONG_DIGITS = re.compile(r"0\d+|\d{12,}[0-9Xx]?")


def render(table: Table) -> bytes:
    """UTF-8 with a byte order mark; one header line with the path of each column."""
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(neutral("/".join(column.path)) for column in table.columns)
    for row in (*table.rows, *table.totals):
        writer.writerow(_text(cell) for cell in row.cells)
    return target.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    """A tab before a long number keeps Excel from rounding an ID to 3.7E+17."""
    text = cell.text
    return "\t" + text if _LONG_DIGITS.fullmatch(text) else neutral(text)
