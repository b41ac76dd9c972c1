"""What the columns of a table are for: names of rows, serial numbers, codes, units, values."""

import re

from forms.importers.excel.files.grid import Grid
from forms.importers.excel.labels import words
from forms.importers.excel.shapes.bands import Band, Column

_CODE_HEAD = re.compile(r"(?:指标|行业|汇总|项目)?(?:代码|编码|编号|行次|行号|序号|栏次|码)")
_INDEX_HEAD = re.compile(r"序号|编号|次序|排名|NO\.?|No\.?|#", re.IGNORECASE)
_ROW_NUMBERS = ("行次", "行号")
_UNIT_HEAD = re.compile(r"计[量算]单位|单位|计量")
_FEWEST_CODED = 3


def has_words(grid: Grid, band: Band, place: int) -> bool:
    """Whether labels, not figures or room for them, stand under a column."""
    below = (band.head or (0, 0))[1] + 1
    cells = [grid.at(row, band.columns[place].left) for row in range(below, below + 3)]
    told = [
        c.text for c in cells if not c.blank and c.kind == "text" and not words.is_closed(c.text)
    ]
    return any(not words.is_number(text) and not words.has_choice(text) for text in told)


def role_of(grid: Grid, band: Band, column: Column) -> str:
    """By the words over it and its place; earlier columns have their roles already."""
    if column.role == "group":
        return "group"
    place = [c for c in band.columns if c.panel == column.panel].index(column)
    head = words.squeezed(column.path[-1]).replace(" ", "") if column.path else ""
    if place and _CODE_HEAD.fullmatch(head) and len(column.path) == 1 and place <= 3:
        return "code"
    mine = [c for c in band.columns if c.panel == column.panel]
    before = mine[:place]
    if place == 0 and _leads_names(grid, band, head, mine):
        return "code"
    if _follows_a_code(before) and (place == 1 or words.is_printed_head(head)):
        return "name"
    if place == 0 or (words.is_stub_head(head) and all(not c.path for c in before)):
        return "index" if _INDEX_HEAD.fullmatch(head) else "name"
    if (
        _UNIT_HEAD.fullmatch("".join(words.squeezed(p) for p in column.path).replace(" ", ""))
        and place <= 3
    ):
        return "unit"
    return "value"


def _follows_a_code(before: list[Column]) -> bool:
    """Right behind a code or serial number, before which at most the names of groups stand."""
    return (
        bool(before) and before[-1].role == "code" and {c.role for c in before} <= {"code", "name"}
    )


def _leads_names(grid: Grid, band: Band, head: str, columns: list[Column]) -> bool:
    """A code before the names: `代码 指标名称`, or a serial number before names that are printed."""
    if not _CODE_HEAD.fullmatch(head) or len(columns) < _FEWEST_CODED or len(columns[1].path) != 1:
        return False
    names = words.squeezed(columns[1].path[0]).replace(" ", "")
    if not _INDEX_HEAD.fullmatch(head):
        return words.is_stub_head(names) or (head in _ROW_NUMBERS and has_words(grid, band, 1))
    told = [
        has_words(grid, band, place)
        for place, column in enumerate(columns)
        if not _UNIT_HEAD.fullmatch("".join(column.path))
    ]
    room = [not one for one in told[2:]]
    if words.is_printed_head(names):
        return told[1] and sum(room) >= max(2, 0.5 * len(room))
    return told[1] and all(room) and _measured(grid, band, columns)


def _measured(grid: Grid, band: Band, columns: list[Column]) -> bool:
    """Behind the names the unit of each is printed, and nothing else is: `1 原煤 吨`."""
    units = [n for n, one in enumerate(columns) if _UNIT_HEAD.fullmatch("".join(one.path))]
    below = (band.head or (0, 0))[1] + 1
    cells = [grid.at(row, one.left) for row in range(below, below + 3) for one in columns[2:]]
    written = [c for c in cells if not c.blank and not words.is_closed(c.text)]
    return units == [2] and len(written) > 1 and all(words.is_unit(c.text) for c in written)
