"""What stands around a table: title, legal block, unit line, who reports and signs, notes.

Rows above and below the table that hold nothing else are set aside, so that the table is read alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.importers.excel import words
from forms.importers.excel.grid import Cell, Grid
from forms.importers.excel.proposal import Block

ROLES: tuple[tuple[str, str], ...] = (
    ("legal_number", r"表\s*号"),
    ("legal_issuer", r"制[表定]\s*(?:机关|单位|部门)"),
    ("legal_approval", r"(?:批准|备案)\s*(?:机关|文号|单位)|文\s*号"),
    ("legal_valid", r"有\s*效\s*期\s*(?:至|限至?|截止)?(?:时间)?"),
    ("unit", r"计[量算]单位|(?:金额)?单\s*位(?=[:：]\s*(?:%UNIT%))"),
    (
        "reporting_unit",
        r"综合机关名称|填[报表写]单位(?:名称)?|报送单位|上报单位|编[制报]单位|报表单位|汇总单位|报告单位|单\s*位(?:\s*[（(](?:盖章|公章|签章)[)）])?",
    ),
    (
        "leader",
        r"单位负责人|主管领导|分管领导|单位领导|领导签[字名]|负\s*责\s*人|主要负责人|法定代表人签[字名]",
    ),
    ("verifier", r"统计负责人|审\s*核\s*人|复\s*核\s*人|审核|复核|部门负责人|科室负责人"),
    (
        "preparer",
        r"填\s*[报表写制]\s*人(?:员)?|制\s*表\s*人?|经\s*办\s*人|报\s*表\s*人|填\s*表(?=[:：])",
    ),
    ("phone", r"联系电话|联系方式|电\s*话"),
    (
        "date",
        r"报出日期|填[报表写]\s*(?:日期|时间)|上报(?:日期|时间)|报送(?:日期|时间)|制表(?:日期|时间)|日\s*期",
    ),
    (
        "period",
        r"报告期(?:别)?|所属(?:期|时期|月份|年度|时间)|统计(?:期间|时间|月份)|报表(?:日期|期间)|年\s*度|月\s*份|填报期",
    ),
    ("division_code", r"行政区划代码|地址编码"),
    ("seal", r"(?:单位)?[（(]?(?:盖章|公章|签章)[)）]?"),
)
_UNIT_WORDS = "|".join(sorted((re.escape(u) for u in words.UNITS), key=len, reverse=True))
_PATTERNS = tuple((role, re.compile(p.replace("%UNIT%", _UNIT_WORDS))) for role, p in ROLES)
_PATTERN_OF = dict(_PATTERNS)
_ANY = re.compile(
    "|".join(
        rf"(?P<{role}>(?<![\u4e00-\u9fff])(?:{p.replace('%UNIT%', _UNIT_WORDS)})(?:\s*[（(][^（()）]{{1,8}}[)）])?\s*[:：])"
        for role, p in ROLES
    )
)
_PERIOD = re.compile(
    r"(?:(?:19|20)\s*[\d_＿]{0,2}|[二２][０○〇0][\d０-９一二三四五六七八九]{0,2})[\s_＿　]*年(?:度|\s*\d{1,2}\s*月?\s*[-—–~～至]\s*\d{1,2}\s*(?:季度|月份?)|[\s_＿　\d]*(?:[上下]半年|第?[\s_一二三四1-4　]*季度?|月))?"
)
_PLACE = re.compile(r"省.{0,12}[市州].{0,12}县.{0,20}(?:乡|镇|村|街道)")
_BOXES = re.compile(r"^\s*(?P<label>[^\s□:：]{2,12})\s*[:：]?\s*□[□\s]+$")
_REMARK = re.compile(r"\s*[（(]?(?:注|备注|说明|填表说明|填报说明)\s*\d*\s*[:：]\s*\S")
_NOTE = re.compile(
    r"^\s*(?:[【\[]?(?:填[报表写]?说明|填写说明|说\s*明|注(?:释|意事项)?|备\s*注|附\s*注|指标解释|指标关系|(?:本表)?(?:平衡|审核|逻辑|勾稽|校验|表[内间])关系|审核公式|编制说明|附\s*报|补充资料|资料来源|数据来源)[】\]]?\s*\d?\s*[:：．.、]?)"
)
_SIGN = re.compile(r"负责人|填[报表]人|制表人?|审核人?|经办人|联系电话|日期|签[字名章]|盖章")
_PAGE = re.compile(
    r"\s*[-—－]?\s*第?\s*\d{1,3}\s*页(?:\s*[,，/共]\s*共?\s*\d{1,3}\s*页)?\s*[-—－]?\s*"
)
_TITLE_TAIL = re.compile(
    r"(?:表|册|单|书|情况|台账|统计|汇总|清单|目录|档案|信息|报告|登记|名册|简表|卡|数据|收入|总产值|[日旬月季年快节周]报)(?:[（(][^（()）]{1,20}[)）])?$"
)
_ATTACHED = re.compile(r"^\s*附\s*[件表录]\s*[\d一二三四五六七八九十]*\s*[:：]?.{0,3}$")
_CONTINUED = re.compile(r"^\s*续\s*表\s*[一二三四五六七八九十\d]*\s*$")
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}|[（(]\d{1,2}[)）]|[①-⑳]|[一二三四五六七八九十]+)\s*[.．、)）]?\s*\S"
)
_FIRST_PART = re.compile(r"\s*[（(]?一[）)]?\s*[、.．）)]")
_SECOND_PART = re.compile(r"\s*[（(]?二[）)]?\s*[、.．）)]")
_LONG_TEXT = 24


@dataclass
class Surroundings:
    """What was set aside: rows, and what they say."""

    top: int = 1
    bottom: int = 0
    title: Cell | None = None
    blocks: list[Block] = field(default_factory=list)
    notes: list[Cell] = field(default_factory=list)
    labels: list[Cell] = field(default_factory=list)


def read_surroundings(grid: Grid) -> Surroundings:
    """Set aside the rows above and below the table, and read them."""
    found = Surroundings(top=1, bottom=grid.rows)
    _read_top(grid, found)
    _read_bottom(grid, found)
    return found


def is_continued(cell: Cell) -> bool:
    """`续表`: the same table goes on under a repeated header."""
    return bool(_CONTINUED.match(cell.text))


def is_remark(cell: Cell) -> bool:
    """`注：…` on a line of its own between the rows of a table: it heads nothing."""
    return bool(_REMARK.match(cell.text))


def is_page_number(cell: Cell) -> bool:
    """`第1页，共2页` between two pages."""
    return bool(_PAGE.fullmatch(cell.text)) and "页" in cell.text


def _anchored(grid: Grid, row: int) -> list[Cell]:
    return [cell for cell in grid.row(row) if cell.row == row]


def _read_top(grid: Grid, found: Surroundings) -> None:
    row = 1
    while row <= min(grid.rows, 40):
        cells = _anchored(grid, row)
        written = [cell for cell in cells if not cell.blank]
        if not written:
            _keep_empty_title(grid, found, cells)
            row += 1
            continue
        if not _top_row(grid, found, row, written):
            break
        row += 1
    while row > 1 and row <= grid.rows and not _anchored(grid, row):
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
    if found.title is None and _is_title(grid, row, written):
        found.title = max(written, key=lambda cell: len(cell.text))
        found.blocks.append(
            Block("title", found.title.ref, found.title.ref, text=words.label(found.title.text))
        )
        return True
    if all(_ATTACHED.match(cell.text) or _CONTINUED.match(cell.text) for cell in written):
        return True
    blocks: list[Block] = []
    labels: list[Cell] = []
    values: set[str] = set()
    for cell in written:
        if cell.ref in values:
            continue
        got = list(_blocks_of(grid, cell))
        if not got:
            return False
        blocks.extend(got)
        labels.append(cell)
        values.update(block.value_cell for block in got)
    found.blocks.extend(blocks)
    found.labels.extend(labels)
    return True


def _is_title(grid: Grid, row: int, written: list[Cell]) -> bool:
    longest = max(written, key=lambda cell: len(cell.text))
    flat = words.squeezed(longest.text)
    if len(written) > 2 or len(flat) < 3 or words.has_choice(flat) or flat.endswith((":", "：")):
        return False
    if words.is_number(flat) or list(_ANY.finditer(longest.text)) or _is_first_part(grid, longest):
        return False
    if any(cell.rows > longest.rows for cell in _anchored(grid, row)):
        return False
    wide = longest.cols >= max(2, 0.6 * grid.cols) or (longest.cols > 1 and len(written) == 1)
    below = [cell for cell in _anchored(grid, row + 1) if not cell.blank] if row < grid.rows else []
    if len(written) == 1 and wide:
        return grid.rows > 1
    beside = [cell for cell in _anchored(grid, row) if cell is not longest and cell.look.bordered]
    named = bool(_TITLE_TAIL.search(flat)) and len(flat) >= 5
    large = longest.look.size > max((cell.look.size for cell in below), default=99)
    alone = len(written) == 1 or all(
        len(cell.text) < 8 or _blocks_of_text(cell.text) for cell in written if cell is not longest
    )
    return alone and not beside and (named or large) and grid.rows > 1 and grid.cols > 1


def _is_first_part(grid: Grid, cell: Cell) -> bool:
    """`一、人口情况`, and further down a line with `二、`: it names a part, not the sheet."""
    if not _FIRST_PART.match(cell.text):
        return False
    lines = (_anchored(grid, row) for row in range(cell.bottom + 1, grid.rows + 1))
    written = ([one for one in line if not one.blank] for line in lines)
    return any(
        len(line) == 1 and line[0].col == cell.col and _SECOND_PART.match(line[0].text)
        for line in written
    )


def _blocks_of_text(text: str) -> bool:
    return bool(_ANY.search(text) or _PERIOD.search(text))


def _blocks_of(grid: Grid, cell: Cell) -> Iterator[Block]:
    """The blocks in a cell: one or several labels with their room inside, or a label for the next cell."""
    matches = list(_ANY.finditer(cell.text))
    if not matches:
        yield from _bare_block(grid, cell)
        return
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
            and not _ANY.search(beside.text)
            and len(cell.text.rstrip()) < 16
        )
        value_cell = beside.ref if outside and beside is not None else cell.ref
        text = words.label(beside.text) if outside and beside is not None else words.label(rest)
        if role == "unit":
            text = words.plain_unit(text)
        yield Block(role, cell.ref, value_cell, label=label, text=text)
        period = _PERIOD.search(rest)
        if period and role not in (
            "date",
            "period",
            "legal_valid",
            "legal_number",
            "legal_approval",
        ):
            yield Block("period", cell.ref, cell.ref, text=words.label(period[0]))


def _bare_block(grid: Grid, cell: Cell) -> Iterator[Block]:
    """A label without a colon beside an empty cell, or a period on its own."""
    flat = words.squeezed(cell.text)
    boxes = _BOXES.match(cell.text)
    if boxes and _PATTERN_OF["division_code"].fullmatch(words.squeezed(boxes["label"])):
        yield Block("division_code", cell.ref, cell.ref, label=words.label(boxes["label"]))
        return
    if _PLACE.search(flat) and len(flat) < 40:
        yield Block("reporting_unit", cell.ref, cell.ref, text=words.label(cell.text))
        return
    if _PERIOD.fullmatch(flat) or (
        len(flat) < 16 and _PERIOD.match(flat) and not words.ends_like_label(flat)
    ):
        yield Block("period", cell.ref, cell.ref, text=words.label(cell.text))
        return
    beside = grid.at(cell.row, cell.right + 1) if cell.right < grid.cols else None
    for role, pattern in _PATTERNS:
        if pattern.fullmatch(flat.rstrip(":：")) and beside is not None:
            alone = sum(not c.blank for c in _anchored(grid, cell.row)) == 1
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
        cells = _anchored(grid, row)
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
    note = _NOTE.match(whole)
    if note:
        return (
            len(words.squeezed(whole[note.end() :])) > 3 or written[0].cols >= 0.6 * grid.cols > 1
        )
    first = written[0]
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


def _is_below_note(grid: Grid, row: int) -> bool:
    for number in range(row - 1, max(row - 30, 0), -1):
        written = [cell for cell in _anchored(grid, number) if not cell.blank]
        if not written:
            continue
        if _NOTE.match(written[0].text) and len(written) <= 2:
            return True
        if not (len(written) == 1 and _NUMBERED.match(written[0].text)):
            return False
    return False


def _keep_foot(grid: Grid, found: Surroundings, written: list[Cell]) -> None:
    taken: set[str] = set()
    for cell in written:
        if cell.ref in taken:
            continue
        got = [] if _NOTE.match(cell.text) else list(_blocks_of(grid, cell))
        if got:
            found.blocks.extend(got)
            taken.update(block.value_cell for block in got)
        elif not _PAGE.fullmatch(cell.text):
            found.notes.append(cell)
