"""Cards: a label and the room for its value beside or below it, boxes to tick, blanks in a sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.importers.excel import words
from forms.importers.excel.grid import Cell, Grid, Span
from forms.importers.excel.layout import Reading
from forms.importers.excel.tables import Column

_BOX = re.compile(r"[□■☐☑☒√✓○●◯◎]\s*")
_CHOICE_LINE = re.compile(
    r"^\s*(?P<code>\d{1,3})?\s*[.、]?\s*(?P<label>[^□☐○\d][^□☐○]*?)\s*[:：]?\s*(?=[□☐○])"
)
_NUMBERED_OPTION = re.compile(
    r"(?<!\d)(\d{1,2})\s*([^\d\s□☐○][^\d□☐○]*?)(?=\s+\d{1,2}\s*[^\d\s]|\s*$|\s*[□☐○]|\d\D)"
)
_NEXT_QUESTION = re.compile(r"(?<=\S)\s+(?=\d{2}\s*[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value cell."""

    path: tuple[str, ...]
    label: Cell
    value: Cell
    code: str | None = None
    choices: tuple[str, ...] = ()


def read_pairs(
    grid: Grid,
    area: Span,
    reading: Reading,
    rows: list[int],
    *,
    section: tuple[str, ...],
    over: Sequence[Column] = (),
) -> Iterator[Pair]:
    """The label-value pairs of these rows, in reading order; wide headings `over` them group them."""
    taken: set[tuple[int, int]] = set()
    wanted = set(rows)
    for row in rows:
        for cell in grid.row(row):
            if cell.row != row or not area.left <= cell.col <= area.right or cell.blank:
                continue
            if words.has_choice(cell.text):
                found = list(choice_line(cell, section))
                if found and (cell.row, cell.col) not in taken:
                    yield from found
                    taken.add((cell.row, cell.col))
                    continue
            if not reading.is_label(cell):
                continue
            room = list(_room(grid, area, reading, cell, wanted))
            if not room and cell.text.rstrip().endswith((":", "：")) and cell.cols > 1:
                room = [cell]
            for value in room:
                if (value.row, value.col) in taken:
                    continue
                taken.add((value.row, value.col))
                groups = _groups(grid, area, reading, cell)
                yield Pair(
                    path=(
                        *section,
                        *_heading(over, cell),
                        *groups,
                        words.label(cell.text).rstrip(":："),
                    ),
                    label=cell,
                    value=value,
                    choices=choices_of(value.text),
                )
                break


def _room(grid: Grid, area: Span, reading: Reading, cell: Cell, rows: set[int]) -> Iterator[Cell]:
    if cell.right < area.right:
        beside = grid.at(cell.row, cell.right + 1)
        if not reading.is_label(beside) and beside.row <= cell.row:
            yield beside
            return
    if cell.bottom + 1 in rows:
        below = grid.at(cell.bottom + 1, cell.col)
        if not reading.is_label(below) and below.col == cell.col and below.right <= cell.right:
            yield below


def _heading(over: Sequence[Column], cell: Cell) -> tuple[str, ...]:
    for column in over:
        if column.left <= cell.col and cell.right < column.right and cell not in column.cells:
            return column.path
    return ()


def _groups(grid: Grid, area: Span, reading: Reading, cell: Cell) -> tuple[str, ...]:
    """Tall labels to the left that hold this one."""
    found: list[str] = []
    col = cell.col - 1
    while col >= area.left:
        left = grid.at(cell.row, col)
        if (
            reading.is_label(left)
            and left.rows > cell.rows
            and left.row <= cell.row
            and (
                left.right + 1 == cell.col
                or found
                or grid.at(left.row, left.right + 1).rows < left.rows
            )
        ):
            beside = grid.at(left.row, left.right + 1)
            if reading.is_label(beside):
                found.insert(0, words.label(left.text).rstrip(":："))
        col = left.col - 1
    return tuple(found)


def choices_of(text: str) -> tuple[str, ...]:
    """The options behind boxes: `□是 □否`, `□ 1 平原 2 丘陵`."""
    if not words.has_choice(text):
        return ()
    parts = [part.strip(" \u3000,，;；、/\n") for part in _BOX.split(text)[1:]]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        numbered = [m[2].strip() for m in _NUMBERED_OPTION.finditer(parts[0])]
        if len(numbered) >= 2:
            return tuple(numbered)
    return tuple(re.sub(r"[\s:：]+$", "", part) for part in parts)


def choice_line(cell: Cell, section: tuple[str, ...]) -> Iterator[Pair]:
    """Questions printed with their options in one cell: `01 地势 □ 1 平原 2 丘陵`, two on a line."""
    for part in _NEXT_QUESTION.split(cell.text):
        match = _CHOICE_LINE.match(part)
        if match is None:
            continue
        choices = choices_of(part[match.end() :])
        label = words.label(match["label"]).rstrip(":：")
        if label and choices:
            yield Pair((*section, label), cell, cell, match["code"], choices)
