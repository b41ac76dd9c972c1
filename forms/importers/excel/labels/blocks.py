"""What stands around a table: title, legal block, unit line, who reports and signs, notes.

Rows above and below the table that hold nothing else are set aside, so that the table is read alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels import words
from forms.importers.excel.labels.block_words import ANY, NOTE, PATTERN_OF, PATTERNS, PERIOD
from forms.importers.excel.labels.evidence import is_to_be_signed, opinion_of
from forms.importers.excel.labels.titles import (
    anchored,
    is_instruction,
    is_second_line,
    is_subtitle,
    is_title,
)
from forms.importers.excel.proposal import Block

_OPEN_PERIOD = re.compile(r"(?:19|20)?[_＿]*\s*年\s*(?:度|[_＿]*\s*(?:月份?|季度?|半年))?")
_OPEN_DAY = re.compile(r"(?:19|20)?[_＿]*\s*年[_＿\s]*月[_＿\s]*日")
_ASKS = re.compile(r"\s*[^:：。]{1,16}[:：][\s_＿]*(?:(?:19|20)\d\d\s*年[\s\d]*月?[\s\d]*日?)?")
_SEVERAL = re.compile(r"([^:：。\s_＿]{1,12}[:：])[\s_＿]*")
_ALL = re.compile(rf"\s*(?:{_SEVERAL.pattern})+")
"""`会议名称：　　时间：　　地点：` in one cell over the table."""
_TIMED = ("date", "period", "legal_valid", "legal_number", "legal_approval")
_PLACE = re.compile(r"省.{0,12}[市州].{0,12}县.{0,20}(?:乡|镇|村|街道)")
_PLACES = re.compile(
    r"(?:[\s_＿]*(?:省|市|县|区|乡|镇|街道|村|社区|组)(?:\s*[（(][^（()）]{1,6}[)）])?){2,}[\s_＿]*"
)
_BOXES = re.compile(r"^\s*(?P<label>[^\s□:：]{2,12})\s*[:：]?\s*□[□\s]+$")
_REMARK = re.compile(r"\s*[（(]?(?:注|备注|说明|填表说明|填报说明)\s*\d*\s*[:：]\s*\S")
_SIGN = re.compile(r"负责人|填[报表]人|制表人?|审核人?|经办人|联系电话|日期|签[字名章]|盖章")
_PAGE = re.compile(
    r"\s*[-—－]?\s*第?\s*\d{1,3}\s*页(?:\s*[,，/共]\s*共?\s*\d{1,3}\s*页)?\s*[-—－]?\s*"
)
_ATTACHED = re.compile(r"^\s*附\s*[件表录]\s*[\d一二三四五六七八九十]*\s*[:：]?.{0,3}$")
_CONTINUED = re.compile(r"^\s*续\s*表\s*[一二三四五六七八九十\d]*\s*$")
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}|[（(]\d{1,2}[)）]|[①-⑳]|[一二三四五六七八九十]+)\s*[.．、)）]?\s*\S"
)
_OPINION = re.compile(r".{0,14}意见[:：]?")
_LONG_TEXT = 24


@dataclass
class Surroundings:
    """What was set aside: rows, and what they say."""

    top: int = 1
    bottom: int = 0
    title: Cell | None = None
    title_more: Cell | None = None  # the second line of a title in two lines
    blocks: list[Block] = field(default_factory=list)
    notes: list[Cell] = field(default_factory=list)
    labels: list[Cell] = field(default_factory=list)
    asked: list[tuple[Cell, Cell]] = field(default_factory=list)  # other labels, each with its room

    @property
    def called(self) -> str:
        """What the sheet is called, also where that takes two lines."""
        lines = (one.text for one in (self.title, self.title_more) if one)
        return words.label("".join(lines))


def read_surroundings(grid: Grid) -> Surroundings:
    """Set aside the rows above and below the table, and read them."""
    found = Surroundings(top=1, bottom=grid.rows)
    _read_top(grid, found)
    _read_bottom(grid, found)
    _keep_period_of_title(found)
    return found


def _keep_period_of_title(found: Surroundings) -> None:
    """`2025年第三季度救助情况表`: where no line tells the period, the title does."""
    if any(one.role == "period" for one in found.blocks):
        return
    for line in (found.title, found.title_more):
        said = PERIOD.search(line.text) if line else None
        if line and said:
            found.blocks.append(Block("period", line.ref, line.ref, text=words.label(said[0])))
            return


def is_continued(cell: Cell) -> bool:
    """`续表`: the same table goes on under a repeated header."""
    return bool(_CONTINUED.match(cell.text))


def is_remark(cell: Cell) -> bool:
    """`注：…` on a line of its own between the rows of a table: it heads nothing."""
    return bool(_REMARK.match(cell.text))


def is_page_number(cell: Cell) -> bool:
    """`第1页，共2页` between two pages."""
    return bool(_PAGE.fullmatch(cell.text)) and "页" in cell.text


def _read_top(grid: Grid, found: Surroundings) -> None:
    row = 1
    while row <= min(grid.rows, 40):
        cells = anchored(grid, row)
        written = [cell for cell in cells if not cell.blank]
        if not written:
            _keep_empty_title(grid, found, cells)
            row += 1
            continue
        if not _top_row(grid, found, row, written):
            break
        row += 1
    while row > 1 and row <= grid.rows and not anchored(grid, row):
        row -= 1
    found.top = row if row <= grid.rows else 1
    if row > grid.rows:
        found.blocks.clear()
        found.title = None


def _keep_empty_title(grid: Grid, found: Surroundings, cells: list[Cell]) -> None:
    """An empty cell over the whole width, above everything, is where the title goes."""
    if found.blocks or len(cells) != 1 or cells[0].cols < max(2, grid.cols):
        return
    found.blocks.append(Block("title", cells[0].ref, cells[0].ref))


def _top_row(grid: Grid, found: Surroundings, row: int, written: list[Cell]) -> bool:
    """Whether this row stands above the table; what it says is kept."""
    if not written:
        return False
    if all(_ATTACHED.match(cell.text) or _CONTINUED.match(cell.text) for cell in written):
        return True
    if found.title is None and not is_instruction(grid, written) and is_title(grid, row, written):
        found.title = max(written, key=lambda cell: len(cell.text))
        found.blocks.extend(one for one in _blocks_of(grid, found.title) if one.role == "unit")
        found.blocks.append(
            Block("title", found.title.ref, found.title.ref, text=words.label(found.title.text))
        )
        return True
    if found.title and not found.title_more and is_second_line(grid, found.title, row, written):
        found.title_more = written[0]
        found.labels.append(written[0])
        return True
    if is_instruction(grid, written):
        found.notes.append(written[0])
        return True
    if found.title is not None and is_subtitle(grid, written):
        found.blocks.extend(_blocks_of(grid, written[0]))
        found.labels.append(written[0])
        return True
    blocks: list[Block] = []
    labels: list[Cell] = []
    asked: list[tuple[Cell, Cell]] = []
    values: set[str] = set()
    for cell in written:
        if cell.ref in values:
            continue
        got = list(_blocks_of(grid, cell))
        if got:
            blocks.extend(got)
            values.update(block.value_cell for block in got)
        elif len(several := _SEVERAL.findall(cell.text)) > 1 and _ALL.fullmatch(cell.text):
            asked.extend((replace(cell, text=one), cell) for one in several)
        elif _ASKS.fullmatch(cell.text) or _BOXES.match(cell.text):
            beside = grid.at(cell.row, cell.right + 1)
            room = (
                beside.blank and beside.right <= grid.cols and not cell.text.strip().endswith("日")
            )
            asked.append((cell, beside if room else cell))
        else:
            return False
        labels.append(cell)
    if not blocks and len({one.ref for one, _ in asked}) == len(asked):
        return False
    found.blocks.extend(blocks)
    found.labels.extend(labels)
    found.asked.extend(asked)
    return True


def _blocks_of(grid: Grid, cell: Cell) -> Iterator[Block]:
    """The blocks in a cell: one or several labels with their room inside, or a label for the next cell."""
    matches = list(ANY.finditer(cell.text))
    if not matches:
        yield from _bare_block(grid, cell)
        return
    before = PERIOD.search(cell.text[: matches[0].start()])
    if before:
        yield Block("period", cell.ref, cell.ref, text=words.label(before[0]))
    ends = [match.start() for match in matches[1:]] + [len(cell.text)]
    for match, end in zip(matches, ends, strict=True):
        role = match.lastgroup or ""
        rest = cell.text[match.end() : end].strip(" \u3000_＿")
        label = words.label(match[0]).rstrip(":：")
        beside = grid.at(cell.row, cell.right + 1) if cell.right < grid.cols else None
        outside = (
            not rest
            and end == len(cell.text)
            and len(matches) == 1
            and beside is not None
            and not ANY.search(beside.text)
            and (role in _TIMED or not PERIOD.fullmatch(words.squeezed(beside.text)))
            and len(cell.text.rstrip()) < 16
        )
        value_cell = beside.ref if outside and beside is not None else cell.ref
        period = None if role in _TIMED else PERIOD.search(rest)
        inside = rest.replace(period[0], "") if period else rest
        text = words.label(beside.text if outside and beside is not None else inside)
        if role == "unit":
            text = words.plain_unit(text)
        yield Block(role, cell.ref, value_cell, label=label, text=text)
        if period:
            yield Block("period", cell.ref, cell.ref, text=words.label(period[0]))


def _bare_block(grid: Grid, cell: Cell) -> Iterator[Block]:
    """A label without a colon beside an empty cell, or a period on its own."""
    flat = words.squeezed(cell.text)
    said = flat.strip("()（）—－-")
    boxes = _BOXES.match(cell.text)
    if boxes and PATTERN_OF["division_code"].fullmatch(words.squeezed(boxes["label"])):
        yield Block("division_code", cell.ref, cell.ref, label=words.label(boxes["label"]))
        return
    if (_PLACE.search(flat) and len(flat) < 40) or _PLACES.fullmatch(cell.text):
        yield Block("reporting_unit", cell.ref, cell.ref, text=words.label(cell.text))
        return
    if PERIOD.fullmatch(said) or (
        len(said) < 16 and PERIOD.match(said) and not words.ends_like_label(said)
    ):
        yield Block("period", cell.ref, cell.ref, text=words.label(said))
        return
    spaced = len(cell.text) > len(flat)  # `　　年　　月`: room for figures; 年月 alone is a label
    if spaced and (_OPEN_PERIOD.fullmatch(said) or _OPEN_DAY.fullmatch(said)):
        role = "date" if _OPEN_DAY.fullmatch(said) else "period"
        yield Block(role, cell.ref, cell.ref)
        return
    beside = grid.at(cell.row, cell.right + 1) if cell.right < grid.cols else None
    for role, pattern in PATTERNS:
        if pattern.fullmatch(flat.rstrip(":：")) and beside is not None:
            alone = sum(not c.blank for c in anchored(grid, cell.row)) == 1
            wide = beside.right >= grid.cols
            if (beside.blank and alone and wide) or flat.endswith((":", "：")):
                yield Block(
                    role,
                    cell.ref,
                    beside.ref,
                    label=words.label(cell.text),
                    text=words.label(beside.text),
                )
                return


def _read_bottom(grid: Grid, found: Surroundings) -> None:
    row, last = grid.rows, grid.rows
    rows: list[list[Cell]] = []
    while row > found.top:
        cells = anchored(grid, row)
        written = [cell for cell in cells if not cell.blank]
        empty = not written and cells and not any(cell.look.bordered for cell in cells)
        if empty and not rows:
            break
        if not empty and not (written and _is_foot(grid, row, written)):
            break
        rows.append(written)
        if written or empty:
            last = row - 1
        row -= 1
    found.bottom = _widened(grid, last)
    for written in reversed(rows):
        _keep_foot(grid, found, written)


def _widened(grid: Grid, last: int) -> int:
    """A table never ends inside a merged cell."""
    return max((cell.bottom for cell in grid.cells if cell.row <= last < cell.bottom), default=last)


def _is_foot(grid: Grid, row: int, written: list[Cell]) -> bool:
    whole = " ".join(cell.text for cell in written)
    if _PAGE.fullmatch(whole):
        return True
    note = NOTE.match(whole)
    if note:
        return (
            len(words.squeezed(whole[note.end() :])) > 3 or written[0].cols >= 0.6 * grid.cols > 1
        )
    first = written[0]
    signed = (c for c in written if is_to_be_signed(c.text))
    above = [one for c in signed if (one := grid.at(row - 1, c.col)).right == c.right]
    if any(map(opinion_of, (c.text for c in written))) or any(map(_is_opinion, (first, *above))):
        return False  # somebody's opinion is asked for, and signed in its own room
    alone = len(written) == 1
    wide = first.cols >= 0.6 * grid.cols or first.cols == 1
    long = len(words.squeezed(first.text)) >= _LONG_TEXT
    if alone and wide and long and not words.has_choice(first.text):
        return True
    if (
        alone
        and wide
        and _NUMBERED.match(first.text)
        and (_is_below_note(grid, row) or first.cols >= 0.8 * grid.cols > 1)
    ):
        return True
    signs = [cell for cell in written if _SIGN.search(cell.text) and len(cell.text) < 200]
    colons = sum(cell.text.count("：") + cell.text.count(":") for cell in signs)
    return len(signs) >= 0.6 * len(written) and colons > 0 and row > grid.rows * 0.3


def _is_opinion(cell: Cell) -> bool:
    return bool(_OPINION.fullmatch(words.squeezed(cell.text)))


def _is_below_note(grid: Grid, row: int) -> bool:
    for number in range(row - 1, max(row - 30, 0), -1):
        written = [cell for cell in anchored(grid, number) if not cell.blank]
        if not written:
            continue
        if NOTE.match(written[0].text) and len(written) <= 2:
            return True
        if not (len(written) == 1 and _NUMBERED.match(written[0].text)):
            return False
    return False


def _keep_foot(grid: Grid, found: Surroundings, written: list[Cell]) -> None:
    taken: set[str] = set()
    for cell in written:
        if cell.ref in taken:
            continue
        got = [] if NOTE.match(cell.text) else list(_blocks_of(grid, cell))
        if got:
            found.blocks.extend(got)
            taken.update(block.value_cell for block in got)
        elif not _PAGE.fullmatch(cell.text):
            found.notes.append(cell)
