"""Rules that a heading or the name of a row carries itself: `5=1+2-3`, `期末结余（1+2-3）`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell, Grid, parse_address
from forms.importers.excel.labels import words
from forms.importers.excel.proposal import Item, Table
from forms.importers.excel.shapes.auxiliary import is_reckoned

_PART = r"第?\s*[A-Za-z]?\d{1,4}\s*[行栏列项]?"
_SIGN = r"\s*(?:[+＋\-－—–−*×÷/、~～至]|…+|\.{2,})\s*"
_SAID = re.compile(
    rf"(?:[（(]\s*(?:(?P<own>{_PART})?\s*[=＝])?\s*|[=＝]\s*)"
    rf"(?P<said>(?:{_PART}{_SIGN})+{_PART}(?:{_SIGN}100\s*[%％])?(?:之和|合计)?)\s*[)）]?$"
)
_ADDS = re.compile(r"[+＋=＝]|之和|合计|…|\.\.")
_LEFT_OVER = re.compile(r"[余差净减增]|结转|利润|损益")


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What one row or column comes to, in the words of the sheet."""

    text: str
    cell: Cell
    axis: str
    table: int


def reckoned(grid: Grid, items: Sequence[Item], tables: Sequence[Table]) -> Iterator[Reckoned]:
    """Every such rule of the tables, numbers under headings first."""
    for n, table in enumerate(tables):
        first, last = table.header_rows or (1, 0)
        for cell in grid.cells:
            if first <= cell.row <= last and is_reckoned(cell.text):
                yield Reckoned(words.label(cell.text), cell, "column", n)
    for item in items:
        place = parse_address(item.label_cell or item.cell)
        own = item.code or item.number
        if item.axis == "cell" or not own or place is None:
            continue
        match = _SAID.search(words.squeezed(item.path[-1]))
        if match is None or not _is_rule(item.path[-1], match):
            continue
        told = f"{own.strip()}={match['said']}"
        yield Reckoned(told, grid.at(*place), item.axis, item.table)


def _is_rule(label: str, match: re.Match[str]) -> bool:
    """`18-59` behind a label is a span of ages; behind `结余` it is a difference."""
    plain = match["own"] is not None or bool(_ADDS.search(match[0]))
    return plain or bool(_LEFT_OVER.search(label[: match.start()]))
