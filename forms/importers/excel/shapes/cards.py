"""Cards: a label and the room for its value beside or below it, boxes to tick, blanks in a sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.evidence import opinion_of
from forms.importers.excel.labels.reading import Reading
from forms.importers.excel.shapes.bands import Column

_BOX = re.compile(r"[□■☐☑☒√✓○●◯◎]\s*")
_CHOICE_LINE = re.compile(
    r"^\s*(?P<code>\d{1,3})?\s*[.、]?\s*(?P<label>[^□☐○\d][^□☐○]*?)\s*[:：]?\s*(?=[□☐○])"
)
_PICTURE = re.compile(r"照\s*片|相片|免冠|合影|近照|寸照")
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


@dataclass
class _Card:
    """The rows of a card while its pairs are taken from it."""

    grid: Grid
    area: Span
    reading: Reading
    rows: set[int]
    section: tuple[str, ...]
    over: Sequence[Column]
    taken: set[tuple[int, int]] = field(default_factory=set)

    def free(self, cell: Cell) -> bool:
        """Whether a cell is no label and nobody's value yet."""
        return not self.reading.is_label(cell) and (cell.row, cell.col) not in self.taken

    def take(self, label: Cell, value: Cell, *more: str) -> Pair:
        """The pair of a label and a value; `more` tells several values of one label apart."""
        self.taken.add((value.row, value.col))
        groups = _groups(self.grid, self.area, self.reading, label)
        own = words.label(label.text).rstrip(":：")
        path = (*self.section, *_heading(self.over, label), *groups, own, *more)
        return Pair(path, label, value, choices=choices_of(value.text))


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
    card = _Card(grid, area, reading, set(rows), section, over)
    for row in rows:
        for cell in grid.row(row):
            if cell.row != row or not area.left <= cell.col <= area.right or cell.blank:
                continue
            if words.has_choice(cell.text) and (cell.row, cell.col) not in card.taken:
                found = list(choice_line(cell, section))
                yield from found
                if found:
                    card.taken.add((cell.row, cell.col))
                    continue
            told = opinion_of(cell.text)
            if told and card.free(cell):
                yield card.take(replace(cell, text=told), cell)
            elif reading.is_label(cell):
                yield from _values_of(card, cell)


def _values_of(card: _Card, label: Cell) -> Iterator[Pair]:
    """The value beside a label, or below it, or in its own cell; further ones under further headings."""
    beside = card.grid.at(label.row, label.right + 1) if label.right < card.area.right else None
    if beside is not None and beside.row <= label.row and not card.reading.is_label(beside):
        if card.free(beside):
            yield card.take(label, beside)
            yield from _further(card, label, beside)
        return
    below = card.grid.at(label.bottom + 1, label.col)
    fits = below.col == label.col and below.right <= label.right
    open_ = label.text.rstrip().endswith((":", "：")) and label.cols > 1
    if label.bottom + 1 in card.rows and fits and card.free(below) and (below.blank or not open_):
        yield card.take(label, below)
    elif open_ or (_PICTURE.search(words.squeezed(label.text)) and label.rows * label.cols > 1):
        yield card.take(label, label)


def _further(card: _Card, label: Cell, first: Cell) -> Iterator[Pair]:
    """Rows beside a tall label, and cells to the right that a heading above names."""
    row, count = first.bottom + 1, 1
    while row <= label.bottom:
        cell = card.grid.at(row, first.col)
        if cell.row != row or not card.free(cell):
            break
        count += 1
        yield card.take(label, cell, str(count))
        row = cell.bottom + 1
    cell = card.grid.at(label.row, first.right + 1)
    while cell.col <= card.area.right and cell.blank and card.free(cell) and cell.row == label.row:
        above = _label_above(card, cell)
        if above is None:
            break
        yield card.take(label, cell, words.label(above.text))
        cell = card.grid.at(label.row, cell.right + 1)


def _label_above(card: _Card, cell: Cell) -> Cell | None:
    for row in range(cell.row - 1, card.area.top - 1, -1):
        up = card.grid.at(row, cell.col)
        if card.reading.is_label(up):
            return up if up.cols < card.area.right - card.area.left + 1 else None
        if up.col != cell.col or up.right != cell.right:
            return None
    return None


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
