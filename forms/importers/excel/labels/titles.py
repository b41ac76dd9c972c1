"""The lines above a table that are no labels: its title, a line below that, and how to fill it in."""

import re

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels import words
from forms.importers.excel.labels.block_words import ANY, NOTE, PERIOD

_SUBTITLE = re.compile(r"[（(][^（()）]{2,40}[)）]|[—－-]{2,}.{2,30}")
_TO_WHOM = re.compile(
    r"温馨提示|提示\s*[:：]|注意(?:事项)?\s*[:：]|(?:填[写报表]|导入)(?:要求|须知)\s*[:：]|请(?:勿|不要|严格|认真|按)|^\s*[*★]\s*(?:为|表示|标)"
)
_LISTED = re.compile(r"(?<![\d.])\d{1,2}\s*[、.．)）](?!\d)")
_INSTRUCTION = 40
_TITLE_TAIL = re.compile(
    r"(?:表|册|单|书|情况|台账|统计|汇总|清单|目录|档案|信息|报告|登记|名册|简表|卡|数据|收入|总产值|[日旬月季年快节周]报)(?:[（(][^（()）]{1,20}[)）])?$"
)
_DOCUMENT = re.compile(
    r"(?:表|册|单|书|台账|卡|报告|[日旬月季年快节周]报)(?:[（(][^（()）]{1,20}[)）])?$"
)
_UNIT_BEHIND = re.compile(r"[（(]\s*(?:计[量算])?单\s*位\s*[:：][^（()）]{1,20}[)）]\s*$")
_FIRST_PART = re.compile(r"\s*[（(]?一[）)]?\s*[、.．）)]")
_SECOND_PART = re.compile(r"\s*[（(]?二[）)]?\s*[、.．）)]")


def anchored(grid: Grid, row: int) -> list[Cell]:
    """The cells that begin in a row."""
    return [cell for cell in grid.row(row) if cell.row == row]


def is_title(grid: Grid, row: int, written: list[Cell]) -> bool:
    """Whether a row over the table names it."""
    longest = max(written, key=lambda cell: len(cell.text))
    flat = words.squeezed(longest.text)
    if len(written) > 2 or len(flat) < 3 or words.has_choice(flat) or flat.endswith((":", "：")):
        return False
    bare = _UNIT_BEHIND.sub("", longest.text)
    if words.is_number(flat) or ANY.search(bare) or _is_first_part(grid, longest):
        return False
    if any(cell.rows > longest.rows for cell in anchored(grid, row)):
        return False
    wide = longest.cols >= max(2, 0.6 * grid.cols) or (longest.cols > 1 and len(written) == 1)
    below = [cell for cell in anchored(grid, row + 1) if not cell.blank] if row < grid.rows else []
    if len(written) == 1 and wide:
        return grid.rows > 1
    beside = [cell for cell in anchored(grid, row) if cell is not longest and cell.look.bordered]
    named = bool(_TITLE_TAIL.search(flat)) and len(flat) >= 5
    large = longest.look.size > max((cell.look.size for cell in below), default=99)
    alone = len(written) == 1 or all(
        len(cell.text) < 8 or _blocks_of_text(cell.text) for cell in written if cell is not longest
    )
    return alone and not beside and (named or large) and grid.rows > 1 and grid.cols > 1


def is_second_line(grid: Grid, title: Cell, row: int, written: list[Cell]) -> bool:
    """`2025年春节期间困难妇女` goes on in a line of its own: `走访慰问花名册`."""
    line = written[0]
    return (
        row == title.bottom + 1
        and (line.col, line.right) == (title.col, title.right)
        and is_title(grid, row, written)
        and not _TITLE_TAIL.search(words.squeezed(title.text))
        and bool(_DOCUMENT.search(words.squeezed(line.text)))
    )


def _is_alone(grid: Grid, written: list[Cell]) -> bool:
    """One cell over the width, or without a neighbour."""
    return len(written) == 1 and (
        written[0].cols >= max(2, 0.6 * grid.cols) or len(anchored(grid, written[0].row)) == 1
    )


def is_instruction(grid: Grid, written: list[Cell]) -> bool:
    """A line over the table that tells people how to fill it in: `填写说明：1.请勿改动表头；…`."""
    if not _is_alone(grid, written) or words.has_choice(written[0].text):
        return False
    flat = words.squeezed(written[0].text)
    note = NOTE.match(flat)
    if note:
        return len(flat[note.end() :]) > 3
    lines = words.sentence_marks(flat) + len(_LISTED.findall(flat))
    return bool(_TO_WHOM.search(flat)) or (len(flat) > _INSTRUCTION and lines > 1)


def is_subtitle(grid: Grid, written: list[Cell]) -> bool:
    """A line of its own below the title: `（2025年度）`, `——城关镇`."""
    return _is_alone(grid, written) and bool(_SUBTITLE.fullmatch(words.squeezed(written[0].text)))


def _is_first_part(grid: Grid, cell: Cell) -> bool:
    """`一、人口情况`, and further down a line with `二、`: it names a part, not the sheet."""
    if not _FIRST_PART.match(cell.text):
        return False
    lines = (anchored(grid, row) for row in range(cell.bottom + 1, grid.rows + 1))
    written = ([one for one in line if not one.blank] for line in lines)
    return any(
        len(line) == 1 and line[0].col == cell.col and _SECOND_PART.match(line[0].text)
        for line in written
    )


def _blocks_of_text(text: str) -> bool:
    return bool(ANY.search(text) or PERIOD.search(text))
